package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/nut/conf"
)

// runAgent runs the devices of ups.conf in process, serves them, and shows
// them on the web.
func runAgent(ctx context.Context, c call) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(c.stderr)
	dir := flags.String("config-dir", "", "where the configuration is (NUT_CONFPATH, else /etc/wattnut, else /etc/nut)")
	flags.Usage = func() { agentUsage(c, flags) }
	if err := flags.Parse(c.args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(c.stderr, "%s: unexpected word %q\n", c.name, flags.Arg(0))
		return 2
	}
	return serveAgent(ctx, c, func() (*config.Config, *config.Report) { return config.Load(config.Options{Dir: *dir}) },
		func(cfg *config.Config, s *station) func() {
			leave, unwatch := atHome(cfg, s.log), s.watchOver(cfg)
			return func() { unwatch(); leave() }
		})
}

func agentUsage(c call, flags *flag.FlagSet) {
	fmt.Fprintln(c.stderr, "usage: wattnut agent [options]\n\nRuns the UPSes of ups.conf, serves them as upsd.conf says, and shows them on the web.\nShuts this host down as upsmon.conf says, if it has a MONITOR line.\nSIGHUP reads the configuration again.\n\nOptions:")
	flags.PrintDefaults()
	fmt.Fprintln(c.stderr, "\nEnvironment:")
	if err := config.Usage(c.stderr); err != nil {
		fmt.Fprintln(c.stderr, err)
	}
}

// serveAgent runs an agent over what load gives. A UPS that is configured
// wrongly is told and left out, the others run. ready is called when all sockets
// are open, and what it returns at the end.
func serveAgent(ctx context.Context, c call, load func() (*config.Config, *config.Report), ready func(*config.Config, *station) func()) int {
	cfg, report := load()
	tell(c.stderr, report)
	if report.Err(conf.Fatal) != nil {
		return 1
	}
	signal.Ignore(syscall.SIGPIPE) // a log that nobody reads any more ends nothing
	log := newLogger(c.stderr, cfg.Env.LogFormat, cfg.Env.LogLevel)
	s, err := build(ctx, cfg, agent.Options{Log: log})
	if err != nil {
		fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
		return 1
	}
	for _, a := range s.agent.Addrs() {
		log.Info("serving clients", "address", a.String())
	}
	if s.pages != nil {
		log.Info("serving the web", "url", "http://"+s.pages.Addr().String()+"/")
	}
	defer ready(cfg, s)()
	reload, stop := onHangup()
	defer stop()
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
		fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
		return 1
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
