package main

import (
	"context"
	"errors"
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
	if background := o.background || o.debug == 0 && o.foreground == 0; background && !child {
		code, err := daemon.Detach(ctx)
		if err != nil {
			return fail(c, err)
		}
		return code
	}
	become, err := successor(o.user)
	if err != nil {
		return fail(c, err)
	}
	cfg, err := upsdLoad(c, o)
	if err != nil {
		return fail(c, err)
	}
	level := logLevel(cfg.Env.LogLevel, o.debug, cfg.Server.DebugMin, o.quiet)
	log := newLogger(c.stderr, cfg.Env.LogFormat, level)
	if child {
		log = systemLog(c.name, level)
	}
	signal.Ignore(syscall.SIGPIPE) // a log that nobody reads any more ends nothing
	s, err := build(ctx, cfg, agent.Options{Attach: true, Family: o.family, Log: log})
	if err != nil {
		return fail(c, err)
	}
	if err := become(); err != nil {
		return fail(c, err)
	}
	if err := upsdRun(ctx, c, s, upsdPIDFile(cfg, o, child), notice); err != nil {
		return fail(c, err)
	}
	return 0
}

// upsdLoad reads the configuration, from within the new root folder if there is
// to be one.
func upsdLoad(c call, o upsdOptions) (*config.Config, error) {
	if o.root != "" {
		if err := daemon.Chroot(o.root); err != nil {
			return nil, err
		}
	}
	cfg, report := config.Load(config.Options{Strict: true})
	tell(c.stderr, report)
	if report.Err(conf.Error) != nil {
		return nil, errors.New("not started: the configuration has to be mended first")
	}
	if pid, alive := upsdPID(cfg).Running(); alive {
		return nil, fmt.Errorf("another upsd runs already, as process %d of %s: stop it with upsd -c stop", pid, upsdPID(cfg))
	}
	return cfg, nil
}

// upsdPIDFile is written in the background, and with -FF.
func upsdPIDFile(cfg *config.Config, o upsdOptions, child bool) daemon.PIDFile {
	if child || o.foreground > 1 {
		return upsdPID(cfg)
	}
	return ""
}

// upsdRun tells who waits for it that all is well, and serves until ctx ends.
func upsdRun(ctx context.Context, c call, s *station, pidFile daemon.PIDFile, notice *daemon.Notice) error {
	reload, stop := onHangup() // before anybody can know whom to tell
	defer stop()
	for _, a := range s.agent.Addrs() {
		host, port, _ := net.SplitHostPort(a.String())
		fmt.Fprintf(c.stdout, "listening on %s port %s\n", host, port)
	}
	if pidFile != "" {
		if err := pidFile.Write(); err != nil {
			return err
		}
		defer func() {
			if err := pidFile.Remove(); err != nil {
				s.log.Warn("PID file stays", "error", err)
			}
		}()
	}
	if err := notice.Ready(); err != nil {
		return err
	}
	return s.run(ctx, reload, func() *config.Config { return upsdReload(s.log) })
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

// successor finds whom to leave the work to, and returns what gives up root: as
// in NUT, by default for the user that NUT has for itself, if there is one.
func successor(name string) (become func() error, err error) {
	if os.Geteuid() != 0 {
		return func() error { return nil }, nil
	}
	if name == "" {
		if _, err := user.Lookup("nut"); err != nil {
			return func() error { return nil }, nil //nolint:nilerr // no user to become, none was asked for
		}
		name = "nut"
	}
	return daemon.Becoming(name)
}
