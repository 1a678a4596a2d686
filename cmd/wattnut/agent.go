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
	"github.com/wattnut/wattnut/nut/conf"
)

const agentHelp = `usage: wattnut agent [--config-dir DIR]

Runs the UPSes of ups.conf, serves them as upsd.conf says, and shows them on the web.
Shuts this host down as upsmon.conf says, if it has a MONITOR line.
SIGHUP reads the configuration again.

  --config-dir DIR  where the configuration is; without it in $NUT_CONFPATH, else in
                    /etc/wattnut if there is one, else in /etc/nut

Environment:
`

// runAgent runs the devices of ups.conf in process, serves them, and shows
// them on the web.
func runAgent(ctx context.Context, c call) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	dir := flags.String("config-dir", "", "")
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
	return serveAgent(ctx, c, func() (*config.Config, *config.Report) { return config.Load(config.Options{Dir: *dir}) },
		func(cfg *config.Config, s *station) func() {
			leave, unwatch := atHome(cfg, s.log), s.watchOver(cfg)
			return func() { unwatch(); leave() }
		})
}

func agentUsage(c call) int {
	fmt.Fprint(c.stdout, agentHelp)
	if err := config.Usage(c.stdout); err != nil {
		return fail(c, err)
	}
	return 0
}

// serveAgent runs an agent over what load gives. A UPS that is configured
// wrongly is told and left out, the others run. ready is called when all sockets
// are open, and what it returns at the end.
func serveAgent(ctx context.Context, c call, load func() (*config.Config, *config.Report), ready func(*config.Config, *station) func()) int {
	reload, stop := onHangup() // before anybody can know whom to tell
	defer stop()
	cfg, report := load()
	tell(c.stderr, report)
	if report.Err(conf.Fatal) != nil {
		return 1
	}
	signal.Ignore(syscall.SIGPIPE) // a log that nobody reads any more ends nothing
	log := newLogger(c.stderr, cfg.Env.LogFormat, cfg.Env.LogLevel)
	s, err := build(ctx, cfg, agent.Options{Log: log})
	if err != nil {
		return fail(c, err)
	}
	for _, a := range s.agent.Addrs() {
		log.Info("serving clients", "address", a.String())
	}
	if s.pages != nil {
		log.Info("serving the web", "url", "http://"+s.pages.Addr().String()+"/")
	}
	defer ready(cfg, s)()
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
