package sched

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// ErrRunning tells that another process listens already.
var ErrRunning = errors.New("upssched's daemon runs already")

// Listen opens the socket of a daemon, for the user and the group that run it.
// One that nobody listens on any more is removed; the caller has the lock, so
// that no two do so at a time. A file that is no socket is left alone.
func Listen(ctx context.Context, path string) (net.Listener, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		conn.Close()
		return nil, ErrRunning
	case errors.Is(err, syscall.ECONNREFUSED):
		if err := removeSocket(path); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	defer listenMask()()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	info, err := os.Lstat(path)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &listener{l, path, info}, nil
}

func removeSocket(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s is no socket: it is left alone", path)
	}
	return os.Remove(path)
}

// listener removes its socket when it is closed, unless it is another's by
// now.
type listener struct {
	*net.UnixListener
	path string
	info os.FileInfo
}

// Close removes the socket first, so that whoever comes then finds none, and
// starts another daemon.
func (l *listener) Close() error {
	if there, err := os.Lstat(l.path); err == nil && os.SameFile(there, l.info) {
		os.Remove(l.path) //nolint:errcheck // the next one will
	}
	return l.UnixListener.Close()
}
