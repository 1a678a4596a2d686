package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/guard"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut/conf"
)

func agentManual() manual.Manual {
	return manual.Manual{
		About: "Runs the UPSes of ups.conf, serves them as upsd.conf says, and shows them on the web.\nShuts this host down as upsmon.conf says, if it has a MONITOR line.\nSIGHUP reads the configuration again.",
		Forms: []string{"[-p | -u USER] [--config-dir DIR]"},
		Options: []manual.Option{
			{"--config-dir DIR", "where the configuration is; without it in $NUT_CONFPATH, else in /etc/wattnut if there is one, else in /etc/nut"},
			{"-p", "keep root's rights for all of it; without it an agent of root's that watches runs as RUN_AS_USER of upsmon.conf, else nut: only a small part that can end the host stays root's"},
			{"-u USER", "run as USER where there is nothing to stay root for: where upsmon.conf has no MONITOR line, or SHUTDOWNCMD"},
		},
	}
}

// runAgent runs the devices of ups.conf in process, serves them, and shows
// them on the web.
func runAgent(ctx context.Context, c call) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	dir := flags.String("config-dir", "", "")
	whole := flags.Bool("p", false, "")
	plain := flags.String("u", "", "")
	err := flags.Parse(c.args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected word %q", flags.Arg(0))
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		return agentUsage(c)
	case err != nil:
		fmt.Fprintf(c.stderr, "%s: %v; \"wattnut help agent\" tells the options\n", c.name, err)
		return 2
	}
	load := func() (*config.Config, *config.Report) { return config.Load(config.Options{Dir: *dir}) }
	client, err := guard.Adopt()
	if err == nil && client != nil {
		err = unfit(load())
	}
	if err != nil {
		return fail(c, err)
	}
	if client == nil && !*whole {
		if g := agentGuard(c, load); g != nil {
			return runGuard(ctx, c, g)
		}
		if err := giveUpRoot(*plain, load); err != nil {
			return fail(c, err)
		}
	}
	return serveAgent(ctx, c, load,
		func(cfg *config.Config, s *station) (leave func(), err error) { return settleIn(cfg, s, client) })
}

// settleIn makes this machine the agent's home, and has it watched over. client
// is the agent's guard, nil for none.
func settleIn(cfg *config.Config, s *station, client *guard.Client) (leave func(), err error) {
	if client != nil {
		tellUsers(cfg, s.log)
	}
	gone := atHome(cfg, s.log)
	unwatch, err := s.watchOver(cfg, client)
	return func() { unwatch(); gone() }, err
}

func agentUsage(c call) int {
	c.help(agentManual())
	fmt.Fprintln(c.stdout, "\nEnvironment:")
	config.Usage(c.stdout)
	return 0
}

// serveAgent runs an agent over what load gives. A UPS that is configured
// wrongly is told and left out, the others run. ready is called when all sockets
// are open, and what it returns at the end; its error ends the agent.
func serveAgent(ctx context.Context, c call, load func() (*config.Config, *config.Report), ready func(*config.Config, *station) (leave func(), err error)) int {
	manager := daemon.AdoptManager()
	reload, stop := onHangup() // before anybody can know whom to tell
	defer stop()
	cfg, report := load()
	tell(c.stderr, report)
	if report.Err(conf.Fatal) != nil {
		return 1
	}
	signal.Ignore(syscall.SIGPIPE) // a log that nobody reads any more ends nothing
	level := new(slog.LevelVar)
	level.Set(cfg.Env.LogLevel)
	log := newLogger(c.stderr, cfg.Env.LogFormat, level)
	s, err := build(ctx, cfg, agent.Options{Log: log})
	if err == nil {
		err = s.openDebug(ctx, cfg.Env, level)
	}
	if err != nil {
		return fail(c, err)
	}
	s.manager = manager
	for _, a := range s.agent.Addrs() {
		log.Info("serving clients", "address", a.String())
	}
	s.tellPages()
	leave, err := ready(cfg, s)
	defer leave()
	if err != nil {
		return fail(c, err)
	}
	err = s.run(ctx, reload, func() *config.Config {
		next, report := load()
		tell(c.stderr, report)
		if report.Err(conf.Fatal) != nil {
			log.Error("configuration not taken over, the former one goes on")
			return nil
		}
		return next
	})
	if err != nil {
		return fail(c, err)
	}
	return 0
}

// onHangup gives a value for each SIGHUP; those that come too fast are one.
func onHangup() (hangups <-chan os.Signal, stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	return signals, func() { signal.Stop(signals) }
}

// atHome makes the state folder, and writes the PID file by which "upsd -c
// reload" finds the agent. Neither is needed to serve. The function it returns
// removes the file.
func atHome(cfg *config.Config, log *slog.Logger) (leave func()) {
	if err := cfg.MakeStateDir(); err != nil {
		log.Warn("no state folder: drivers of NUT's cannot be run", "error", err)
	}
	pid := upsdPID(cfg)
	if err := pid.Write(); err != nil {
		log.Warn("no PID file: upsd -c will not find this agent", "error", err)
		return func() {}
	}
	return func() {
		if err := pid.Remove(); err != nil {
			log.Warn("PID file stays", "error", err)
		}
	}
}
