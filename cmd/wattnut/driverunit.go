package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/device"
	"github.com/wattnut/wattnut/agent/driversocket"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// firstFacts is how long the first facts of an open device are waited for.
const firstFacts = 10 * time.Second

// driverUnit runs the device of a driver program, and runs it anew when its
// configuration changes.
type driverUnit struct {
	program *driverProgram
	log     *slog.Logger
	ups     *state.UPS

	mu     sync.Mutex // one reload at a time
	config *driverConfig
	stop   func() // ends the Runner, and waits for it
}

// start opens the device and runs it. A device that cannot be opened is an
// error now; later the Runner tries for ever.
func (p *driverProgram) start(ctx context.Context, c *driverConfig, log *slog.Logger) (*driverUnit, error) {
	u := &driverUnit{program: p, log: log, ups: state.NewUPS(c.Name, c.Desc, nil)}
	limited, cancel := context.WithTimeout(ctx, c.MaxStartDelay)
	defer cancel()
	first, err := c.open(limited, c.env(log))
	if err != nil {
		return nil, err
	}
	u.begin(ctx, c, opened(first, c.open))
	if err := u.wait(ctx, firstFacts, func(s *nut.Snapshot) bool { return s.Health != nut.Absent }); err != nil {
		u.close()
		return nil, err
	}
	return u, nil
}

// opened is open, save that its first device is there already.
func opened(first drivers.Device, open drivers.Opener) drivers.Opener {
	return func(ctx context.Context, env drivers.Env) (drivers.Device, error) {
		if d := first; d != nil {
			first = nil
			return d, nil
		}
		return open(ctx, env)
	}
}

func (u *driverUnit) begin(ctx context.Context, c *driverConfig, open drivers.Opener) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := device.New(device.Config{
		UPS: u.ups, Open: open, Env: c.env(u.log),
		Overlay: agent.Overlay(c.UPS, u.program.driver, version),
		Poll:    c.PollInterval, Timeout: max(c.MaxStartDelay, time.Second),
	})
	u.ups.Configure(c.Desc, r)
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	u.config = c
	u.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			u.log.Error("runner ended", "error", err)
		}
	}
}

// close ends the device.
func (u *driverUnit) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.stop()
}

// wait waits until the latest snapshot is as wanted.
func (u *driverUnit) wait(ctx context.Context, limit time.Duration, wanted func(*nut.Snapshot) bool) error {
	changed, stop := u.ups.Watch()
	defer stop()
	late := time.NewTimer(limit)
	defer late.Stop()
	for !wanted(u.ups.Snapshot()) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return fmt.Errorf("the device said nothing within %s", limit)
		case <-changed:
		}
	}
	return nil
}

// errUnfit: the new configuration cannot be put into effect.
var errUnfit = errors.New("configuration not taken over")

// reload reads the configuration again and, if it has changed, runs the device
// by it. What cannot run leaves everything as it was.
func (u *driverUnit) reload(ctx context.Context) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	next, err := u.program.load()
	if err != nil {
		u.log.Error("configuration not taken over, the former one goes on", "error", err)
		return fmt.Errorf("%w: %w: %w", errUnfit, nut.ErrInvalidArgument, err)
	}
	if next.Equal(u.config.UPS) {
		u.log.Info("configuration read again, nothing has changed")
		return nil
	}
	u.stop()
	u.begin(ctx, next, next.open)
	u.log.Info("configuration read again, the device is opened anew")
	return nil
}

// core is what the program itself does for clients of its socket. exit ends it
// with a code.
func (u *driverUnit) core(level *slog.LevelVar, debug int, exit func(code int)) driversocket.Core {
	return driversocket.Core{
		Exit:           func() { exit(0) },
		AllowKillpower: u.config.AllowKillPower,
		Killpower:      u.killpower,
		Reload: func(ctx context.Context, how driversocket.Reload) error {
			err := u.reload(ctx)
			if err != nil && how == driversocket.ReloadOrExit {
				exit(exitReload)
			}
			return err
		},
		Debug: func(n int) {
			level.Set(slog.LevelInfo)
			if n > 0 {
				level.Set(slog.LevelDebug)
			}
		},
		DebugLevel: debug,
	}
}

// killpower has the device cut the power, by the first command that it takes
// and carries out.
func (u *driverUnit) killpower(ctx context.Context) error {
	u.mu.Lock()
	commands := powerCommands(u.config)
	u.mu.Unlock()
	err := errors.New("the device takes none of the commands that cut the power")
	for _, name := range commands {
		if !u.ups.Snapshot().Takes(name) {
			continue
		}
		if err = u.command(ctx, name); err == nil {
			u.log.Warn("the device was told to cut the power", "command", name)
			return nil
		}
		u.log.Warn("the device does not cut the power", "command", name, "error", err)
	}
	return err
}

func (u *driverUnit) command(ctx context.Context, name nut.Name) error {
	outcome := make(chan error, 1)
	o := nut.Order{Name: name, Tracked: true}
	if err := u.ups.Order(ctx, o, func(err error) { outcome <- err }); err != nil {
		return err
	}
	select {
	case err := <-outcome:
		return err
	case <-time.After(firstFacts):
		return errors.New("no outcome")
	case <-ctx.Done():
		return ctx.Err()
	}
}
