// Package daemon is what a program does to live in the background: leave the
// terminal, tell whoever started it that all is well, and keep a PID file where
// NUT's programs look for it.
//
// Go cannot fork, so [Detach] starts the program anew, in a session of its own,
// with the same words, and waits until that one is ready or ends:
//
//	notice, child := daemon.Adopt()
//	if !child && background {
//		return daemon.Detach(ctx)
//	}
//	… open files and sockets: mistakes are still seen, and give the exit code …
//	err := notice.Ready()
package daemon
