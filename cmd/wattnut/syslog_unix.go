//go:build unix

package main

import (
	"io"
	"log/syslog"
)

// openSystemLog opens the system's log for a program. Where there is none, what
// is written goes nowhere.
func openSystemLog(program string) io.Writer {
	w, err := syslog.New(syslog.LOG_DAEMON|syslog.LOG_NOTICE, program)
	if err != nil {
		return io.Discard
	}
	return w
}
