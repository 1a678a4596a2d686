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

// Becoming is for systems where a process can change its user.
func Becoming(string) (become func() error, err error) {
	return nil, errors.New("become another user: not on this system")
}

func keepToSelf(*os.File) {}

func redirect(*os.File) error { return nil }

// Signal sends sig to a process, if this system knows how; 0 only asks whether
// there is one.
func Signal(pid int, sig syscall.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil || sig == 0 {
		return err
	}
	return p.Signal(sig)
}
