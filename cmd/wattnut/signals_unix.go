//go:build unix

package main

import "syscall"

// The signals that drivers heed beside those that every program does. NUT's
// drivers dump at URG, which Go's runtime uses for itself; ours do so at WINCH,
// which NUT's use where there is no URG.
const (
	reloadOrExit = syscall.SIGUSR1
	dataDump     = syscall.SIGWINCH
	theirDump    = syscall.SIGURG
)
