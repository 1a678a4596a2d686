package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/getopt"
	"github.com/wattnut/wattnut/internal/manual"
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

// runUpsd is upsd: a server for drivers that run on their own.
func runUpsd(ctx context.Context, c call) int {
	var o upsdOptions
	opts := getopt.New(c.name, c.args, upsdManual().Letters())
	for opt, arg := range opts.All() {
		switch opt {
		case 'V':
			banner(c.stdout, c.name)
			return 0
		case 'h':
			upsdUsage(c)
			return 0
		case 'p', 'i':
			fmt.Fprintf(c.stderr, "upsd: -%c is no more: say LISTEN address port in upsd.conf\n", opt)
			return 1
		default:
			o.take(opt, arg)
		}
	}
	if err := opts.Err(); err != nil {
		fmt.Fprintln(c.stderr, err)
	}
	if opts.Err() != nil || len(opts.Rest()) > 0 {
		upsdUsage(c)
		return 1
	}
	if o.command != "" || o.pid != "" {
		return upsdSignal(c, o)
	}
	return upsdServe(ctx, c, o)
}

// take notes one option. -f, which meant something once, is none.
func (o *upsdOptions) take(opt byte, arg string) {
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
	}
}

func upsdUsage(c call) {
	banner(c.stdout, c.name)
	c.help(upsdManual())
}

func upsdManual() manual.Manual {
	return manual.Manual{
		About: "Serves the UPSes of ups.conf, whose drivers somebody else runs, to the network.",
		Forms: []string{"[OPTIONS]"}, Taken: "p:i:f",
		Options: []manual.Option{
			{"-c COMMAND", "tell the upsd that runs: reload (read the configuration again), stop"},
			{"-P PID", "with -c: tell this process, whatever the PID file says"},
			{"-D", "log more, and stay in the foreground; repeat for more"},
			{"-F", "stay in the foreground; -FF also writes the PID file"},
			{"-B", "go into the background even with -D"},
			{"-q", "log less; repeat for less"},
			{"-r DIR", "make DIR the root folder"},
			{"-u USER", "run as USER (if started as root)"},
			{"-4, -6", "listen on IPv4, or on IPv6, only"},
			{"-V", "show the version"},
			{"-h", "show this"},
		},
	}
}

// upsdCommands are the words that -c takes, each with its signal.
var upsdCommands = map[string]syscall.Signal{"reload": syscall.SIGHUP, "stop": syscall.SIGTERM}

// upsdSignal tells the upsd that runs what to do. A word can be cut short.
func upsdSignal(c call, o upsdOptions) int {
	var sig syscall.Signal
	for word, s := range upsdCommands {
		if o.command != "" && strings.HasPrefix(word, o.command) {
			sig = s
		}
	}
	if sig == 0 {
		return fail(c, fmt.Errorf("-c takes reload or stop, not %q", o.command))
	}
	if o.pid != "" {
		if err := signalProcess(o.pid, sig); err != nil {
			return fail(c, err)
		}
		return 0
	}
	cfg, _ := config.Load(config.Options{})
	if err := upsdPID(cfg).Signal(sig); err != nil {
		return fail(c, fmt.Errorf("is it running? %w", err))
	}
	return 0
}

func upsdPID(cfg *config.Config) daemon.PIDFile { return daemon.UserPIDFile("upsd", cfg.StateDir) }

// signalProcess sends a signal to the process of that number.
func signalProcess(number string, sig syscall.Signal) error {
	pid, err := strconv.Atoi(number)
	if err != nil || pid < 2 {
		return fmt.Errorf("%q is no process", number)
	}
	return daemon.Signal(pid, sig)
}

func fail(c call, err error) int {
	fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
	return 1
}
