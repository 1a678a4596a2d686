//go:build !unix

package guard

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
)

// Run is for systems where a process can be another user's, and be sent signals.
func (*Guard) Run(context.Context) (code int, err error) {
	return 1, errors.New("split privileges: not on this system")
}

// Adopt finds no guard on this system.
func Adopt() (*Client, error) { return nil, nil }

func isClosedPipe(err error) bool { return errors.Is(err, io.ErrClosedPipe) }

func ownSession() *syscall.SysProcAttr { return nil }

func roomFor(dir string) error {
	_, err := os.Stat(dir)
	return err
}
