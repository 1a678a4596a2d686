//go:build unix

package sched

import (
	"os"

	"golang.org/x/sys/unix"
)

// hold takes the file for this process, unless another has it. It is given
// back when the file is closed, by the end of the process too.
func hold(f *os.File) bool { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil }

// listenMask makes new sockets the user's and the group's, and returns what
// was before.
func listenMask() (restore func()) {
	old := unix.Umask(0o117)
	return func() { unix.Umask(old) }
}
