//go:build !unix

package daemon

import (
	"context"
	"errors"
	"os"
	"syscall"
)

// Detach is for systems that have sessions and terminals to leave.
func Detach(context.Context) (code int, err error) {
	return 1, errors.New("start in the background: this system has services for that")
}

func keepToSelf(*os.File) {}

func silence() error { return nil }

func signal(pid int, sig syscall.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil || sig == 0 {
		return err
	}
	return p.Signal(sig)
}
