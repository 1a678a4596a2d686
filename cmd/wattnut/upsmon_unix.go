//go:build unix

package main

import "syscall"

// forceSignal is the one by which upsmon -c fsd asks for a forced shutdown.
const forceSignal = syscall.SIGUSR1
