package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"os/user"
	"strconv"
	"syscall"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/guard"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/nut/conf"
)

// agentGrace is how long an agent may take to end: clients, then devices.
const agentGrace = 15 * time.Second

// agentGuard is the guard for an agent that root has started to watch and to end
// this host; nil for any other, which runs by itself and tells what is wrong.
func agentGuard(c call, load func() (*config.Config, *config.Report)) *guard.Guard {
	if os.Geteuid() != 0 {
		return nil
	}
	cfg, report := load()
	mon, monReport := watched(cfg)
	if report.Err(conf.Fatal) != nil || mon == nil || monReport.Err(conf.Fatal) != nil || !needsRoot(mon) {
		return nil
	}
	if _, alive := upsmonPID().Running(); alive {
		return nil
	}
	log := newLogger(c.stderr, cfg.Env.LogFormat, cfg.Env.LogLevel)
	who := watcher(mon.RunAsUser)
	if who == "" {
		log.Warn("the agent keeps root's rights: name a user without them by RUN_AS_USER in upsmon.conf")
	}
	if err := makeStateFor(cfg, who); err != nil {
		log.Error("the agent may not work as that user", "user", who, "error", err)
	}
	return &guard.Guard{
		Host: newHost(mon, log), User: who, Args: os.Args, Log: log, Grace: agentGrace,
		EndIfLost: !mon.KeepIfLost, Silence: max(minSilence, 4*mon.Decide.PollFreq),
	}
}

// giveUpRoot has root's agent be another user's, who is "" for nobody.
func giveUpRoot(who string, load func() (*config.Config, *config.Report)) error {
	if who == "" || os.Geteuid() != 0 {
		return nil
	}
	cfg, _ := load()
	if err := makeStateFor(cfg, who); err != nil {
		return err
	}
	become, err := daemon.Becoming(who)
	if err != nil {
		return err
	}
	if err := become(); err != nil {
		return err
	}
	return unfit(load())
}

// needsRoot tells whether there is a way to end the host that a guard could hold.
func needsRoot(mon *config.UPSMon) bool {
	switch mon.ShutdownBy {
	case config.ByCommand:
		return mon.ShutdownCmd != ""
	case config.ByLogind:
		return true
	case config.ByExit:
	}
	return false
}

// makeStateFor makes the state folder where it is missing, for the user and the
// user's group, and sees to it that the agent takes the one that root's programs
// take: another user might find another.
func makeStateFor(cfg *config.Config, who string) error {
	if cfg.StateBy == "built-in" {
		if err := os.Setenv("WATTNUT_STATE_DIR", cfg.StateDir); err != nil {
			return err
		}
	}
	if _, err := os.Stat(cfg.StateDir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := cfg.MakeStateDir(); err != nil || who == "" {
		return err
	}
	u, err := user.Lookup(who)
	if err != nil {
		return err
	}
	uid, notUID := strconv.Atoi(u.Uid)
	gid, notGID := strconv.Atoi(u.Gid)
	if err := errors.Join(notUID, notGID); err != nil {
		return err
	}
	return os.Chown(cfg.StateDir, uid, gid)
}

// runGuard runs the agent under its guard.
func runGuard(ctx context.Context, c call, g *guard.Guard) int {
	signal.Ignore(syscall.SIGPIPE) // a log that nobody reads any more ends nothing
	claim := &claim{}
	defer claim.drop(g.Log)
	g.Ready = func() {
		if err := claim.make(); err != nil {
			g.Log.Error("upsmon -c will not find this agent", "error", err)
		}
	}
	g.Log.Info("holding what ends this host", "agent_user", cmp.Or(g.User, "root"))
	code, err := g.Run(ctx)
	if err != nil {
		fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
	}
	return code
}
