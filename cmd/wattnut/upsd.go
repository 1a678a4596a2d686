package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/getopt"
	"github.com/wattnut/wattnut/nut/conf"
)

// upsdOptions are upsd's options.
type upsdOptions struct {
	command    string // -c
	pid        string // -P
	debug      int    // -D
	foreground int    // -F, -FF
	background bool   // -B
	quiet      int    // -q
	root       string // -r
	user       string // -u
	family     agent.Family
}

const upsdHelp = `usage: upsd [OPTIONS]

Serves the UPSes of ups.conf, whose drivers somebody else runs, to the network.

  -c COMMAND  tell the upsd that runs: reload (read the configuration again), stop
  -P PID      with -c: tell this process, whatever the PID file says
  -D          log more, and stay in the foreground; repeat for more
  -F          stay in the foreground; -FF also writes the PID file
  -B          go into the background even with -D
  -q          log less; repeat for less
  -r DIR      make DIR the root folder
  -u USER     run as USER (if started as root)
  -4, -6      listen on IPv4, or on IPv6, only
  -V          show the version
  -h          show this
`

// runUpsd is upsd: a server for drivers that run on their own.
func runUpsd(ctx context.Context, c call) int {
	var o upsdOptions
	opts := getopt.New(c.name, c.args, "h46p:qr:i:fu:Vc:P:DFB")
	for opt, arg := range opts.All() {
		switch opt {
		case 'c':
			o.command = arg
		case 'P':
			o.pid = arg
		case 'D':
			o.debug++
		case 'F':
			o.foreground++
		case 'B':
			o.background = true
		case 'q':
			o.quiet++
		case 'r':
			o.root = arg
		case 'u':
			o.user = arg
		case '4':
			o.family = agent.OnlyIPv4
		case '6':
			o.family = agent.OnlyIPv6
		case 'V':
			banner(c.stdout, "upsd")
			return 0
		case 'h':
			banner(c.stdout, "upsd")
			fmt.Fprint(c.stdout, upsdHelp)
			return 0
		case 'p', 'i':
			fmt.Fprintf(c.stderr, "upsd: -%c is no more: say LISTEN address port in upsd.conf\n", opt)
			return 1
		case 'f': // meant something once
		}
	}
	if opts.Err() != nil || len(opts.Rest()) > 0 {
		if err := opts.Err(); err != nil {
			fmt.Fprintln(c.stderr, err)
		}
		banner(c.stdout, "upsd")
		fmt.Fprint(c.stdout, upsdHelp)
		return 1
	}
	if o.command != "" || o.pid != "" {
		return upsdSignal(c, o)
	}
	return upsdServe(ctx, c, o)
}

// banner is the line that NUT's programs begin with.
func banner(w io.Writer, program string) {
	fmt.Fprintf(w, "Network UPS Tools %s %s\n", program, version)
}

// upsdSignal tells the upsd that runs what to do.
func upsdSignal(c call, o upsdOptions) int {
	signals := map[string]syscall.Signal{"reload": syscall.SIGHUP, "stop": syscall.SIGTERM}
	var sig syscall.Signal
	for word, s := range signals {
		if o.command != "" && strings.HasPrefix(word, o.command) {
			sig = s
		}
	}
	if sig == 0 {
		fmt.Fprintf(c.stderr, "upsd: -c takes reload or stop, not %q\n", o.command)
		return 1
	}
	if o.pid != "" {
		pid, err := strconv.Atoi(o.pid)
		if err == nil && pid > 1 {
			err = syscall.Kill(pid, sig)
		}
		if err != nil || pid <= 1 {
			fmt.Fprintf(c.stderr, "upsd: process %s: %v\n", o.pid, err)
			return 1
		}
		return 0
	}
	cfg, _ := config.Load(config.Options{})
	if err := upsdPID(cfg).Signal(sig); err != nil {
		fmt.Fprintf(c.stderr, "upsd: is it running? %v\n", err)
		return 1
	}
	return 0
}

func upsdPID(cfg *config.Config) daemon.PIDFile { return daemon.UserPIDFile("upsd", cfg.StateDir) }

// upsdServe serves, in the background unless the options say otherwise. It is
// as strict as NUT: what is wrong in the configuration stops it.
func upsdServe(ctx context.Context, c call, o upsdOptions) int {
	notice, child := daemon.Adopt()
	if !child {
		banner(c.stdout, "upsd")
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
	pidFile := upsdPID(cfg)
	if pid, alive := pidFile.Running(); alive {
		return fail(c, fmt.Errorf("another upsd runs already, as process %d of %s: stop it with upsd -c stop", pid, pidFile))
	}
	if background := o.background || o.debug == 0 && o.foreground == 0; background && !child {
		code, err := daemon.Detach(ctx)
		if err != nil {
			return fail(c, err)
		}
		return code
	}
	log := upsdLogger(c.stderr, cfg, o)
	s, err := build(ctx, cfg, agent.Options{Attach: true, Family: o.family, Log: log})
	if err != nil {
		return fail(c, err)
	}
	for _, a := range s.agent.Addrs() {
		fmt.Fprintf(c.stdout, "listening on %s\n", strings.Replace(a.String(), ":", " port ", 1))
	}
	if err := surrender(o.user); err != nil {
		return fail(c, err)
	}
	if child || o.foreground > 1 {
		if err := pidFile.Write(); err != nil {
			return fail(c, err)
		}
		defer func() {
			if err := pidFile.Remove(); err != nil {
				log.Warn("PID file stays", "error", err)
			}
		}()
	}
	if err := notice.Ready(); err != nil {
		return fail(c, err)
	}
	return upsdRun(ctx, c, s, log)
}

func upsdRun(ctx context.Context, c call, s *station, log *slog.Logger) int {
	reload, stop := onHangup()
	defer stop()
	err := s.run(ctx, reload, func() *config.Config {
		next, report := config.Load(config.Options{Strict: true})
		for _, p := range report.Problems {
			log.Warn("configuration", "problem", p.Error())
		}
		if report.Err(conf.Error) != nil {
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

func fail(c call, err error) int {
	fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
	return 1
}

// upsdLogger logs what -D and -q ask for.
func upsdLogger(w io.Writer, cfg *config.Config, o upsdOptions) *slog.Logger {
	e := cfg.Env
	switch debug := max(o.debug, cfg.Server.DebugMin, debugLevel()); {
	case debug > 0:
		e.LogLevel = slog.LevelDebug
	case o.quiet > 0:
		e.LogLevel = slog.LevelInfo + slog.Level(4*o.quiet)
	}
	return newLogger(w, e)
}

// debugLevel is NUT_DEBUG_LEVEL.
func debugLevel() int {
	n, err := strconv.Atoi(os.Getenv("NUT_DEBUG_LEVEL"))
	if err != nil {
		return 0
	}
	return n
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
