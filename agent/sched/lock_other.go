//go:build !unix

package sched

import "os"

// hold is for systems that have flock: elsewhere, the file alone is the lock.
func hold(*os.File) bool { return true }

func listenMask() (restore func()) { return func() {} }
