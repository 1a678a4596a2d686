package nutsocket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/wattnut/wattnut/drivers"
)

const (
	// patience is how long opening waits for a started driver to listen.
	// One that takes longer, as many do to find their device, is waited for
	// as a device in contact that has said nothing yet.
	patience = 5 * time.Second
	redial   = 100 * time.Millisecond
)

// Start returns the Opener for a driver that the device is to run: program is
// its path, whose last element names its socket. The process runs in the
// foreground, reads the same ups.conf, and lives as long as the device. If a
// driver listens there already, somebody else runs it: it is left to them, and
// only attached to.
func Start(program string, o Options) drivers.Opener {
	o = o.defaults()
	return func(ctx context.Context, env drivers.Env) (drivers.Device, error) {
		path := socketPath(env, filepath.Base(program))
		conn, err := connect(ctx, path)
		if err == nil {
			// This connection must be the one: a driver of NUT 2.8.0 may
			// abort when one that was made before another is closed.
			env.Log.Info("driver runs already, attached", "socket", path)
			return attached(env, conn, o), nil
		}
		if !errors.Is(err, errNobody) {
			return nil, err
		}
		return launch(ctx, env, program, path, o)
	}
}

func launch(ctx context.Context, env drivers.Env, program, path string, o Options) (drivers.Device, error) {
	p, err := startProcess(env, program, o.User)
	if err != nil {
		return nil, err
	}
	d := newDevice(env.Log, o)
	d.process = p
	linked := make(chan struct{})
	d.start(func() (net.Conn, error) { return p.dial(path, o.StartDelay) }, linked)
	enough := time.NewTimer(patience)
	defer enough.Stop()
	select {
	case <-linked:
		err = d.lost()
	case <-enough.C:
	case <-ctx.Done():
		err = fmt.Errorf("%w: %w", drivers.ErrGone, ctx.Err())
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// lost is why contact ended, or nil.
func (d *device) lost() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.end
}

// dial waits until the process listens on path, at most for the time within.
func (p *process) dial(path string, within time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	again := time.NewTicker(redial)
	defer again.Stop()
	for {
		conn, err := connect(ctx, path)
		if err == nil {
			p.log.Info("driver runs", "program", p.name, "pid", p.cmd.Process.Pid)
			p.output.raise()
			return conn, nil
		}
		select {
		case <-p.exited:
			return nil, p.explain(err)
		case <-ctx.Done():
			return nil, fmt.Errorf("the driver did not listen within %s: %w", within, err)
		case <-again.C:
		}
	}
}
