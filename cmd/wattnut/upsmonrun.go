package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/guard"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/nut/conf"
)

// guardedBy is the guard of this process, if it has one.
type guardedBy struct {
	*guard.Client

	err error
}

func (g guardedBy) child() bool { return g.Client != nil || g.err != nil }

// adoptUpsmon finds out what this process was started as.
func adoptUpsmon() (guardedBy, *daemon.Notice) {
	notice, _ := daemon.Adopt()
	client, err := guard.Adopt()
	return guardedBy{client, err}, notice
}

// upsmonRun watches: as the child of a guard, if client is not nil, or else as
// the guard of a child, or, with -p, as both in one.
func upsmonRun(ctx context.Context, c call, o upsmonOptions, client *guard.Client, notice *daemon.Notice) int {
	cfg, report := config.LoadUPSMon("", o.file)
	if client == nil && notice == nil {
		if pid, alive := upsmonPID().Running(); alive {
			fmt.Fprintf(c.stdout, "Fatal error: A previous upsmon instance is already running!\nIt is process %d of %s: stop it, or tell it to reload.\n", pid, upsmonPID())
			return 1
		}
		upsmonTell(c, cfg, report)
	}
	if report.Err(conf.Fatal) != nil {
		return 1
	}
	log := upsmonLog(c, cfg, o)
	if client != nil {
		return upsmonWatch(ctx, c, cfg, o, client, log, func() error {
			if o.inBackground() {
				return daemon.Silence()
			}
			return nil
		})
	}
	if o.inBackground() && notice == nil {
		code, err := daemon.Detach(ctx)
		if err != nil {
			return fail(c, err)
		}
		return code
	}
	host := newHost(cfg, log)
	claim := &claim{notice: notice}
	defer claim.drop(log)
	if o.whole {
		return upsmonWatch(ctx, c, cfg, o, guard.NewDirect(host), log, claim.make)
	}
	return upsmonGuard(ctx, c, cfg, o, host, log, claim)
}

// claim is the PID file of a process that heeds signals by now, and the notice
// to whoever started it that all is well.
type claim struct {
	notice *daemon.Notice
	made   bool
}

func (l *claim) make() error {
	if err := upsmonPID().Write(); err != nil {
		return fmt.Errorf("PID file: %w", err)
	}
	l.made = true
	return l.notice.Ready()
}

func (l *claim) drop(log *slog.Logger) {
	if !l.made {
		return
	}
	if err := upsmonPID().Remove(); err != nil {
		log.Warn("PID file stays", "error", err)
	}
}

// upsmonTell shows what the configuration says, and what is wrong with it, in
// words that scripts look for.
func upsmonTell(c call, cfg *config.UPSMon, report *config.Report) {
	for _, u := range cfg.Decide.UPSes {
		role := "secondary"
		if u.Primary {
			role = "primary"
		}
		fmt.Fprintf(c.stderr, "UPS: %s (%s) (power value %d)\n", u.Name, role, u.Value)
	}
	if cfg.PowerDownFlag != "" {
		fmt.Fprintf(c.stderr, "Using power down flag file %s\n", cfg.PowerDownFlag)
	}
	tell(c.stderr, report)
	sum := 0
	for _, u := range cfg.Decide.UPSes {
		sum += u.Value
	}
	if sum < cfg.Decide.MinSupplies {
		fmt.Fprintf(c.stdout, "\nFatal error: insufficient power configured!\n\nSum of power values........: %d\nMinimum value (MINSUPPLIES): %d\n", sum, cfg.Decide.MinSupplies)
	}
}

// minSilence is how long a child that hangs may do so. One that is well steps at
// each poll.
const minSilence = time.Minute

// upsmonGuard keeps root's rights, and a child that does the rest.
func upsmonGuard(ctx context.Context, c call, cfg *config.UPSMon, o upsmonOptions, host *guard.Host, log *slog.Logger, l *claim) int {
	g := guard.Guard{
		Host: host, User: watcher(cmp.Or(o.user, cfg.RunAsUser)), Args: os.Args, Log: log,
		EndIfLost: !cfg.KeepIfLost, EndCode: endCode(cfg), Silence: max(minSilence, 4*cfg.Decide.PollFreq),
		Ready: func() {
			if err := l.make(); err != nil {
				log.Error("upsmon -c will not find this process", "error", err)
			}
		},
	}
	code, err := g.Run(ctx)
	if err != nil {
		fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
		log.Error("guard ended", "error", err)
	}
	return code
}

// watcher is the user that does not need root's rights: NUT's own unless
// another is asked for, if there is one.
func watcher(asked string) string {
	if asked != "" || os.Geteuid() != 0 {
		return asked
	}
	if _, err := user.Lookup("nut"); err == nil {
		return "nut"
	}
	return ""
}

// upsmonLog is where upsmon logs to.
func upsmonLog(c call, cfg *config.UPSMon, o upsmonOptions) *slog.Logger {
	level := logLevel(slog.LevelInfo, o.debug, cfg.DebugMin, 0)
	if o.inBackground() {
		return systemLog("upsmon", level)
	}
	return newLogger(c.stderr, "text", level)
}

// noticeLog is the system's log for notices, nil where there is none: then they
// go where everything is logged.
func noticeLog() io.Writer {
	if w := openSystemLog("upsmon"); w != io.Discard {
		return w
	}
	return nil
}
