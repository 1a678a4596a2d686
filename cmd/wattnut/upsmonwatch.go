package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"

	"golang.org/x/sync/errgroup"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/guard"
	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/internal/killflag"
	"github.com/wattnut/wattnut/internal/logind"
	"github.com/wattnut/wattnut/nut/conf"
)

// warden is a [guard.Client] or a [guard.Direct].
type warden interface {
	monitor.Ender
	// Run keeps an eye on the way down until ctx ends.
	Run(ctx context.Context) error
	// Checks is what that has seen last.
	Checks() []guard.Check
}

// exitCode is what a process ends with to have its host ended, where SHUTDOWN_BY
// is EXIT.
const exitCode = 10

// newHost is this machine, and how it is ended. A flag that the last shutdown has
// left is taken down.
func newHost(cfg *config.UPSMon, log *slog.Logger) *guard.Host {
	var way guard.Ender = guard.Shell(cfg.ShutdownCmd)
	switch cfg.ShutdownBy {
	case config.ByLogind:
		l := guard.Logind{}
		if cfg.ShutdownCmd != "" {
			l.Else = way
		}
		way = l
	case config.ByExit:
		way = guard.Container{}
	case config.ByCommand:
	}
	return guard.NewHost(killflag.File(cfg.PowerDownFlag), way, log)
}

// endCode is the exit code once the host is on its way down.
func endCode(cfg *config.UPSMon) int {
	if cfg.ShutdownBy == config.ByExit {
		return exitCode
	}
	return 0
}

// watchman is a monitor, with what it tells people and how it is reloaded.
type watchman struct {
	monitor *monitor.Monitor
	notices *monitor.Notices
	inside  *inside
	resolve *resolve
	warden  warden
	config  *config.UPSMon
	force   chan os.Signal // asks for a forced shutdown
	log     *slog.Logger
}

// newWatchman makes a monitor of cfg, which is from site's folder. o may say who
// else is told, and need not say who ends the host. From here on, the signal that
// forces a shutdown is heeded.
func newWatchman(cfg *config.UPSMon, site *config.Config, w warden, o monitor.Options) (*watchman, error) {
	links, err := cfg.Links()
	if err != nil {
		return nil, err
	}
	n := monitor.NewNotices(monitor.NoticeOptions{Syslog: noticeLog(), Output: os.Stderr, Log: o.Log})
	timers := newInside(site.StateDir, o.Log)
	timers.pipe = timers.take(n, cfg, site.Dir)
	decided := newResolve(site.StateDir, cfg.Decide, o.Log)
	o.Ender, o.Notifier, o.Found = w, teller{n, timers.scripts, decided, o.Notifier}, timers.found
	o.Sleeper = logind.Sleep{Who: "wattnut upsmon", Why: "UPSes are watched", Log: o.Log}
	m, err := monitor.NewMonitor(cfg.Decide, links, o)
	if err != nil {
		return nil, err
	}
	force := make(chan os.Signal, 1)
	signal.Notify(force, forceSignal)
	return &watchman{monitor: m, notices: n, inside: timers, resolve: decided, warden: w, config: cfg, force: force, log: o.Log}, nil
}

// run watches until ctx ends, or the host is on its way down.
func (w *watchman) run(ctx context.Context) error {
	g, within := errgroup.WithContext(ctx)
	within, end := context.WithCancel(within)
	g.Go(func() error { defer end(); return w.monitor.Run(within) })
	g.Go(func() error {
		if err := w.warden.Run(within); err != nil {
			w.log.Error("nobody keeps an eye on the way down", "error", err)
		}
		return nil
	})
	g.Go(func() error { w.inside.run(within); return nil })
	g.Go(func() error { w.resolve.run(within); return nil })
	g.Go(func() error { w.heedForce(within); return nil })
	if err := g.Wait(); err != nil {
		return err
	}
	if d, ok := w.warden.(*guard.Direct); ok {
		return d.Wait(ctx)
	}
	return nil
}

// heedForce forces a shutdown where that is asked for, or was decided by a process
// before this one that died, until ctx ends.
func (w *watchman) heedForce(ctx context.Context) {
	if w.resolve.left() {
		w.forceNow(ctx, "decided by a process that died since")
	}
	for {
		select {
		case <-w.force:
			w.forceNow(ctx, "asked for")
		case <-ctx.Done():
			return
		}
	}
}

func (w *watchman) forceNow(ctx context.Context, why string) {
	w.log.Warn("forced shutdown", "reason", why)
	if err := w.monitor.Force(ctx); err != nil { // what ended it is told by itself
		w.log.Info("forced shutdown comes too late", "error", err)
	}
}

// reload takes over what upsmon.conf says now, unless something is wrong with
// it. A nil watchman has nothing to take over; see [config.LoadUPSMon].
func (w *watchman) reload(ctx context.Context, dir, file string) {
	if w == nil {
		return
	}
	next, report := config.LoadUPSMon(dir, file)
	for _, p := range report.Problems {
		w.log.Warn("configuration", "problem", p.Error())
	}
	if report.Err(conf.Fatal) != nil {
		w.log.Error("configuration not taken over, the former one goes on")
		return
	}
	links, err := next.Links()
	if err == nil {
		err = w.monitor.Reload(ctx, next.Decide, links)
	}
	if err != nil {
		w.log.Error("configuration not taken over, the former one goes on", "error", err)
		return
	}
	if c := w.config; next.ShutdownCmd != c.ShutdownCmd || next.ShutdownBy != c.ShutdownBy || next.PowerDownFlag != c.PowerDownFlag {
		w.log.Warn("SHUTDOWNCMD, SHUTDOWN_BY and POWERDOWNFLAG stay as they were: restart to change them")
	}
	w.inside.take(w.notices, next, config.Dir(dir))
	w.log.Info("configuration read again", "ups", len(next.Monitors))
}

// upsmonWatch watches, and reads the configuration again at SIGHUP. ready is
// called when all is well so far.
func upsmonWatch(ctx context.Context, c call, cfg *config.UPSMon, o upsmonOptions, w warden, log *slog.Logger, ready func() error) int {
	hangups, stop := onHangup()
	defer stop()
	site, _ := config.Load(config.Options{}) // for its folders: what is wrong in it is others' business
	m, err := newWatchman(cfg, site, w, monitor.Options{Network: o.network, Timeout: o.timeout, Log: log})
	if err == nil {
		err = ready()
	}
	if err != nil {
		return fail(c, err)
	}
	reloading, end := context.WithCancel(ctx)
	defer end()
	go func() {
		for {
			select {
			case <-hangups:
				m.reload(reloading, "", o.file)
			case <-reloading.Done():
				return
			}
		}
	}()
	if err := m.run(ctx); err != nil {
		log.Error("upsmon ended", "error", err)
		return 1
	}
	if m.monitor.Status().State == monitor.Ended {
		return endCode(cfg)
	}
	return 0
}
