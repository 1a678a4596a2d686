//go:build !unix

package main

import "syscall"

// forceSignal is for systems that have it: here none comes.
const forceSignal = syscall.Signal(10)
