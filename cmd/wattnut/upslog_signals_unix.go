//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// logSignals are the signals by which a person or a script tells upslog to open
// its files anew, and to take a sample now.
func logSignals() (reopen, sample <-chan os.Signal, stop func()) {
	hup, usr1 := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	signal.Notify(usr1, syscall.SIGUSR1)
	return hup, usr1, func() { signal.Stop(hup); signal.Stop(usr1) }
}
