//go:build unix && !linux

package guard

import "syscall"

var runningProgram []string

func childProcess(c *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: c, Setsid: true}
}
