//go:build unix

package monitor

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup lets a command and what it starts be killed together, and keeps a
// terminal's signals from it.
func ownGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error {
		err := syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
