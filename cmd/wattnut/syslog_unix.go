//go:build unix

package main

import (
	"io"
	"log/slog"
	"log/syslog"
)

// systemLog is the log of a program that has no output: the system's, or
// nowhere where there is none.
func systemLog(program string, level slog.Level) *slog.Logger {
	w := io.Discard
	if system, err := syslog.New(syslog.LOG_DAEMON|syslog.LOG_NOTICE, program); err == nil {
		w = system
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: withoutTime}))
}

// withoutTime leaves out what the system's log knows by itself.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
