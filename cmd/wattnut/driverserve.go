package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/wattnut/wattnut/agent/driverctl"
	"github.com/wattnut/wattnut/agent/driversocket"
	"github.com/wattnut/wattnut/internal/daemon"
)

// exitReload is the exit code of a driver that ends because it could not take
// over a new configuration: who supervises it starts it anew.
const exitReload = 128 + int(reloadOrExit)

// serve runs the driver, in the background unless the options say otherwise.
func (p *driverProgram) serve(ctx context.Context) int {
	notice, child := daemon.Adopt()
	if !child {
		p.banner()
	}
	if background := p.o.background || p.o.debug == 0 && p.o.foreground == 0; background && !child {
		code, err := daemon.Detach(ctx)
		if err != nil {
			return p.fail(err)
		}
		return code
	}
	c, err := p.load()
	if err != nil {
		return p.fail(err)
	}
	if err := p.replace(ctx, c); err != nil {
		return p.fail(err)
	}
	if err := p.confine(c); err != nil {
		return p.fail(err)
	}
	signal.Ignore(syscall.SIGPIPE) // a log that nobody reads any more ends nothing
	log, level := p.logger(c, slog.LevelInfo, child)
	unit, err := p.start(ctx, c, log)
	if err != nil {
		return p.fail(err)
	}
	defer unit.close()
	return p.offer(ctx, c, unit, level, notice)
}

// offer opens the socket, tells who waits for it that all is well, and serves.
func (p *driverProgram) offer(ctx context.Context, c *driverConfig, unit *driverUnit, level *slog.LevelVar, notice *daemon.Notice) int {
	l, err := driversocket.Listen(ctx, c.site.StateDir, c.Driver, c.Name, cmp.Or(p.o.group, c.Group))
	if err != nil {
		return p.fail(err)
	}
	defer l.Close()
	if file := p.pidFile(c, notice != nil); file != "" {
		if err := file.Write(); err != nil {
			return p.fail(fmt.Errorf("PID file: %w", err))
		}
		defer file.Remove() //nolint:errcheck // a stale one does no harm
	}
	if err := notice.Ready(); err != nil {
		return p.fail(err)
	}
	return p.attend(ctx, unit, l, level)
}

// confine gives up what the program need not have: the rest of the file tree,
// if that is asked for, and root.
func (p *driverProgram) confine(c *driverConfig) error {
	become, err := successor(p.runAs(c))
	if err != nil {
		return err
	}
	if root := cmp.Or(p.o.root, c.site.Chroot); root != "" {
		if err := daemon.Chroot(root); err != nil {
			return err
		}
	}
	return become()
}

// replace ends a driver that runs for the UPS already.
func (p *driverProgram) replace(ctx context.Context, c *driverConfig) error {
	err := c.process().Stop(ctx)
	if errors.Is(err, driverctl.ErrNotRunning) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the driver that runs already: %w", err)
	}
	fmt.Fprintln(p.stderr, "Duplicate driver instance detected! Terminated other driver!")
	return nil
}

// attend serves the socket until the program shall end.
func (p *driverProgram) attend(ctx context.Context, unit *driverUnit, l net.Listener, level *slog.LevelVar) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	codes := make(chan int, 1)
	exit := func(code int) {
		select {
		case codes <- code:
		default: // the first counts
		}
		cancel()
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, reloadOrExit, dataDump)
	defer signal.Stop(signals)
	s := &driversocket.Server{UPS: unit.ups, Log: unit.log, Core: unit.core(level, p.o.debug, exit)}
	go p.heed(ctx, unit, signals, exit)
	if err := s.Serve(ctx, l); err != nil {
		return p.fail(err)
	}
	select {
	case code := <-codes:
		return code
	default:
		return 0
	}
}

// heed does what signals ask for.
func (p *driverProgram) heed(ctx context.Context, unit *driverUnit, signals <-chan os.Signal, exit func(int)) {
	for {
		select {
		case <-ctx.Done():
			return
		case sig := <-signals:
			if sig == dataDump {
				p.write(unit.ups.Snapshot())
			} else if err := unit.reload(ctx); err != nil && sig == reloadOrExit {
				exit(exitReload)
			}
		}
	}
}

// logger logs from a level on, which the options, the environment and clients
// can change: in the background to the system's log.
func (p *driverProgram) logger(c *driverConfig, usual slog.Level, child bool) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	level.Set(logLevel(usual, p.o.debug, c.DebugMin, p.o.quiet))
	log := newLogger(p.stderr, c.site.Env.LogFormat, level)
	if child {
		log = systemLog(p.name, level)
	}
	return log.With("ups", c.Name), level
}
