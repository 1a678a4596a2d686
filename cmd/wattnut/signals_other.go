//go:build !unix

package main

import "syscall"

// The signals that drivers heed beside those that every program does, for
// systems where none comes.
const (
	reloadOrExit = syscall.Signal(iota + 0x100)
	dataDump
	theirDump
)
