//go:build unix

package nutsocket

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup keeps the signals of our terminal from the process, and lets what it
// starts be ended with it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

func kill(p *os.Process) error {
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // the group, as far as it is left
	return p.Kill()
}
