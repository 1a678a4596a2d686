package nutsocket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wattnut/wattnut/drivers"
)

// errNobody: there is no socket, or one that a dead driver left behind.
var errNobody = errors.New("no driver listens")

// Options are what a device of this package can be told. The zero Options are
// good.
type Options struct {
	MaxAge     time.Duration // silence after which the facts are stale; 0 means 15 s, NUT's MAXAGE
	StartDelay time.Duration // how long a started driver may take to listen; 0 means 75 s, NUT's maxstartdelay
	User       string        // the user a started driver shall run as; "" leaves it to the driver
}

func (o Options) defaults() Options {
	if o.MaxAge <= 0 {
		o.MaxAge = 15 * time.Second
	}
	if o.StartDelay <= 0 {
		o.StartDelay = 75 * time.Second
	}
	return o
}

// settings are what ups.conf may say under the driver name "nutsocket".
type settings struct {
	Port   string        `conf:"port,required" help:"the driver's socket: a path, or DRIVER-UPS within the state folder"`
	MaxAge time.Duration `conf:"maxage" help:"seconds of silence after which the data is stale"`
}

// Driver is the row of drivers/all: "driver = nutsocket" attaches to any
// socket.
var Driver = drivers.Define("nutsocket", "1.0", "attaches to any NUT driver process, over its local socket",
	settings{MaxAge: 15 * time.Second},
	func(ctx context.Context, env drivers.Env, s settings) (drivers.Device, error) {
		path := s.Port
		if !filepath.IsAbs(path) {
			path = filepath.Join(env.StateDir, path)
		}
		return attach(ctx, env, path, Options{MaxAge: s.MaxAge})
	})

// Attach returns the Opener for a driver of that name which somebody else runs:
// its socket is DRIVER-UPS in the state folder.
func Attach(driver string, o Options) drivers.Opener {
	return func(ctx context.Context, env drivers.Env) (drivers.Device, error) {
		return attach(ctx, env, socketPath(env, driver), o)
	}
}

func socketPath(env drivers.Env, driver string) string {
	return filepath.Join(env.StateDir, driver+"-"+env.UPS)
}

func attach(ctx context.Context, env drivers.Env, path string, o Options) (drivers.Device, error) {
	conn, err := connect(ctx, path)
	if errors.Is(err, errNobody) {
		err = fmt.Errorf("%w: is the driver started? \"upsdrvctl start %s\" does it", err, env.UPS)
	}
	if err != nil {
		return nil, err
	}
	return attached(env, conn, o), nil
}

func attached(env drivers.Env, conn net.Conn, o Options) *device {
	d := newDevice(env.Log, o)
	d.start(func() (net.Conn, error) { return conn, nil }, nil)
	return d
}

// connect makes contact with a driver's socket. Its errors wrap
// drivers.ErrGone and say what to do.
func connect(ctx context.Context, path string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%w: %w on %s", drivers.ErrGone, errNobody, path)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w: socket %s: permission denied: run as a member of the group that owns it (often nut)", drivers.ErrGone, path)
	}
	return nil, fmt.Errorf("%w: %w", drivers.ErrGone, err)
}
