//go:build !unix

package main

import "log/slog"

// systemLog is for systems that have a syslog.
func systemLog(string, slog.Level) *slog.Logger { return slog.New(slog.DiscardHandler) }
