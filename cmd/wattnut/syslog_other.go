//go:build !unix

package main

import "io"

// openSystemLog is for systems that have a syslog.
func openSystemLog(string) io.Writer { return io.Discard }
