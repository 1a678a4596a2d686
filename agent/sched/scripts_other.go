//go:build !unix

package sched

import "os/exec"

// ownGroup is for systems that have groups of processes: elsewhere, only the
// script itself is killed.
func ownGroup(*exec.Cmd) {}
