package main

import (
	"cmp"
	"context"
	"fmt"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/getopt"
	"github.com/wattnut/wattnut/internal/killflag"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut/conf"
)

// upsmonOptions are upsmon's options.
type upsmonOptions struct {
	command    string        // -c
	pid        string        // -P
	flag       bool          // -K
	whole      bool          // -p
	user       string        // -u
	file       string        // -f
	network    string        // -4, -6
	timeout    time.Duration // -W
	debug      int           // -D
	foreground bool          // -F
	background bool          // -B
	help       bool          // -h
	version    bool          // -V
}

// inBackground tells whether to leave the terminal.
func (o upsmonOptions) inBackground() bool { return o.background || o.debug == 0 && !o.foreground }

// runUpsmon is upsmon: it watches UPSes, tells of what happens to them, and
// shuts this host down before they run dry.
func runUpsmon(ctx context.Context, c call) int {
	signal.Ignore(syscall.SIGPIPE)
	o, err := readUpsmonOptions(c)
	guarded, notice := adoptUpsmon()
	if !guarded.child() && notice == nil {
		banner(c.stdout, "upsmon")
	}
	switch {
	case err != nil:
		fmt.Fprintln(c.stderr, err)
		upsmonHelp(c)
		return 1
	case guarded.err != nil:
		return fail(c, guarded.err)
	case o.version:
		return 0
	case o.help:
		upsmonHelp(c)
		return 0
	case o.command != "" || o.pid != "":
		return upsmonSignal(c, o)
	case o.flag:
		return upsmonFlag(c, o)
	}
	return upsmonRun(ctx, c, o, guarded.Client, notice)
}

func readUpsmonOptions(c call) (o upsmonOptions, err error) {
	opts := getopt.New(c.name, c.args, upsmonManual().Letters())
	for opt, arg := range opts.All() {
		switch opt {
		case 'c':
			o.command = arg
		case 'P':
			o.pid = arg
		case 'K':
			o.flag = true
		case 'p':
			o.whole = true
		case 'u':
			o.user = arg
		case 'f':
			o.file = arg
		case '4', '6':
			o.network = "tcp" + string(opt)
		case 'W':
			seconds, rest, ok := conf.Seconds(arg)
			if !ok || rest != "" || seconds == 0 {
				err = fmt.Errorf("%s: -W %q: it is no number of seconds above 0", c.name, arg)
			}
			o.timeout = seconds
		case 'D':
			o.debug++
		case 'F':
			o.foreground = true
		case 'B':
			o.background = true
		case 'h':
			o.help = true
		case 'V':
			o.version = true
		case 'i': // meant something once
		}
	}
	return o, cmp.Or(opts.Err(), err)
}

// upsmonHelp shows the help, with the flag that is configured, which scripts
// look for.
func upsmonHelp(c call) {
	cfg, _ := config.LoadUPSMon("", "")
	m := upsmonManual()
	m.Notes = "no POWERDOWNFLAG is configured"
	if cfg.PowerDownFlag != "" {
		m.Notes = "POWERDOWNFLAG is " + cfg.PowerDownFlag
	}
	c.help(m)
}

func upsmonManual() manual.Manual {
	return manual.Manual{
		About: "Watches UPSes, tells people what happens to them, and shuts this host down before the power is gone.",
		Forms: []string{"[OPTIONS]"}, Taken: "i",
		Options: []manual.Option{
			{"-c COMMAND", "tell the upsmon that runs: fsd (shut down now: all hosts that this one is primary for, and itself), reload, stop"},
			{"-P PID", "with -c: tell this process, whatever the PID file says"},
			{"-K", "end with 0 if a shutdown for want of power is under way, else with 1: see POWERDOWNFLAG"},
			{"-p", "keep root's rights for all of it, instead of for a small part"},
			{"-u USER", "run the other part as USER"},
			{"-f FILE", "read FILE instead of upsmon.conf"},
			{"-4, -6", "speak IPv4, or IPv6, only"},
			{"-W SECONDS", "wait so long for a server (10)"},
			{"-D", "log more, and stay in the foreground"},
			{"-F", "stay in the foreground"},
			{"-B", "go into the background even with -D"},
			{"-V", "show the version"},
			{"-h", "show this"},
		},
	}
}

// upsmonPID is where upsmon, or an agent that watches in its place, is found.
func upsmonPID() daemon.PIDFile { return daemon.RootPIDFile("upsmon") }

// upsmonSignal tells the upsmon that runs what to do. Words may be cut short.
func upsmonSignal(c call, o upsmonOptions) int {
	sig := syscall.Signal(0)
	for _, known := range []struct {
		word string
		sig  syscall.Signal
	}{{"fsd", forceSignal}, {"stop", syscall.SIGTERM}, {"reload", syscall.SIGHUP}} {
		if sig == 0 && o.command != "" && strings.HasPrefix(known.word, o.command) {
			sig = known.sig
		}
	}
	if sig == 0 {
		fmt.Fprintf(c.stderr, "%s: -c takes fsd, reload or stop, not %q\n", c.name, o.command)
		return 1
	}
	if o.pid == "" {
		if err := upsmonPID().Signal(sig); err != nil {
			return fail(c, fmt.Errorf("is it running? %w", err))
		}
		return 0
	}
	pid, err := strconv.Atoi(o.pid)
	if err != nil || pid < 2 {
		return fail(c, fmt.Errorf("ignoring invalid pid number %q", o.pid))
	}
	if err := daemon.Signal(pid, sig); err != nil {
		return fail(c, fmt.Errorf("process %d: %w", pid, err))
	}
	return 0
}

// upsmonFlag tells whether the UPS is to be switched off, for the last script of
// a shutdown. It does not mind whether an upsmon still runs, as NUT's does.
func upsmonFlag(c call, o upsmonOptions) int {
	cfg, _ := config.LoadUPSMon("", o.file)
	if !killflag.File(cfg.PowerDownFlag).Raised() {
		fmt.Fprintln(c.stderr, "Power down flag is not set")
		return 1
	}
	fmt.Fprintln(c.stderr, "Power down flag is set")
	return 0
}
