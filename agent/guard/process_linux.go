package guard

import "syscall"

// runningProgram is the file of the program that runs, wherever that is by now.
var runningProgram = []string{"/proc/self/exe"}

// childProcess has the kernel end the agent with its guard: an agent that nobody
// guards would only be in the way of the next.
func childProcess(c *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: c, Setsid: true, Pdeathsig: syscall.SIGTERM}
}
