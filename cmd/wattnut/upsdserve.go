package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"os/user"
	"syscall"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/nut/conf"
)

// upsdServe serves, in the background unless the options say otherwise. It is
// as strict as NUT: what is wrong in the configuration stops it.
func upsdServe(ctx context.Context, c call, o upsdOptions) int {
	notice, child := daemon.Adopt()
	if !child {
		banner(c.stdout, c.name)
	}
	if o.root != "" {
		if err := daemon.Chroot(o.root); err != nil {
			return fail(c, err)
		}
	}
	cfg, report := config.Load(config.Options{Strict: true})
	if !child {
		tell(c.stderr, report)
	}
	if report.Err(conf.Error) != nil {
		return 1
	}
	if pid, alive := upsdPID(cfg).Running(); alive {
		return fail(c, fmt.Errorf("another upsd runs already, as process %d of %s: stop it with upsd -c stop", pid, upsdPID(cfg)))
	}
	if background := o.background || o.debug == 0 && o.foreground == 0; background && !child {
		code, err := daemon.Detach(ctx)
		if err != nil {
			return fail(c, err)
		}
		return code
	}
	level := logLevel(cfg.Env.LogLevel, o.debug, cfg.Server.DebugMin, o.quiet)
	log := newLogger(c.stderr, cfg.Env.LogFormat, level)
	if child {
		log = systemLog(c.name, level)
	}
	if err := upsdRun(ctx, c, o, cfg, notice, log); err != nil {
		return fail(c, err)
	}
	return 0
}

// upsdRun opens the sockets, gives up root, tells who waits for it that all is
// well, and serves until ctx ends.
func upsdRun(ctx context.Context, c call, o upsdOptions, cfg *config.Config, notice *daemon.Notice, log *slog.Logger) error {
	signal.Ignore(syscall.SIGPIPE) // a log that nobody reads any more ends nothing
	s, err := build(ctx, cfg, agent.Options{Attach: true, Family: o.family, Log: log})
	if err != nil {
		return err
	}
	for _, a := range s.agent.Addrs() {
		host, port, _ := net.SplitHostPort(a.String())
		fmt.Fprintf(c.stdout, "listening on %s port %s\n", host, port)
	}
	if err := surrender(o.user); err != nil {
		return err
	}
	if notice != nil || o.foreground > 1 {
		pidFile := upsdPID(cfg)
		if err := pidFile.Write(); err != nil {
			return err
		}
		defer func() {
			if err := pidFile.Remove(); err != nil {
				log.Warn("PID file stays", "error", err)
			}
		}()
	}
	if err := notice.Ready(); err != nil {
		return err
	}
	reload, stop := onHangup()
	defer stop()
	return s.run(ctx, reload, func() *config.Config { return upsdReload(log) })
}

// upsdReload is the configuration as it is now, nil if upsd would not start
// with it.
func upsdReload(log *slog.Logger) *config.Config {
	next, report := config.Load(config.Options{Strict: true})
	for _, p := range report.Problems {
		log.Warn("configuration", "problem", p.Error())
	}
	if report.Err(conf.Error) != nil {
		log.Error("configuration not taken over, the former one goes on")
		return nil
	}
	return next
}

// surrender gives up root, as NUT does by default where it has a user of its
// own.
func surrender(name string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	if name == "" {
		if _, err := user.Lookup("nut"); err != nil {
			return nil //nolint:nilerr // no user to become, none was asked for
		}
		name = "nut"
	}
	return daemon.Become(name)
}
