package driversocket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"
)

// maxPath is the longest path that a socket can have on Linux, of 108 bytes
// with the closing NUL (unix(7)).
const maxPath = 107

// Listen makes the socket of a driver, DRIVER-UPS in the state folder, for its
// owner and its group. What a dead driver left there is removed; a living one
// is an error. group is a name or a number, "" for that of the process.
// Closing the listener removes the socket.
func Listen(ctx context.Context, dir, driver, ups, group string) (net.Listener, error) {
	path := filepath.Join(dir, driver+"-"+ups)
	if len(path) > maxPath {
		return nil, fmt.Errorf("socket %s: the path has %d bytes, a socket can have %d: use a shorter state folder or UPS name", path, len(path), maxPath)
	}
	if err := clearWay(ctx, path); err != nil {
		return nil, fmt.Errorf("socket %s: %w", path, err)
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("socket %s: %w", path, cause(err))
	}
	if err := share(path, group); err != nil {
		return nil, errors.Join(fmt.Errorf("socket %s: %w", path, err), l.Close())
	}
	return l, nil
}

// clearWay removes a socket that nobody listens on.
func clearWay(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return cause(err)
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("there is a file of that name which is no socket")
	}
	dialer := net.Dialer{Timeout: time.Second}
	if conn, err := dialer.DialContext(ctx, "unix", path); err == nil {
		conn.Close()
		return errors.New("another driver serves this UPS")
	}
	return cause(os.Remove(path))
}

// share gives the socket to its group.
func share(path, group string) error {
	if group != "" {
		id, err := groupID(group)
		if err != nil {
			return err
		}
		if err := os.Chown(path, -1, id); err != nil {
			return cause(err)
		}
	}
	return cause(os.Chmod(path, 0o660))
}

func groupID(group string) (int, error) {
	if id, err := strconv.Atoi(group); err == nil {
		return id, nil
	}
	g, err := user.LookupGroup(group)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(g.Gid)
}

// cause strips err of what names the path once more.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e.Err
	}
	return err
}
