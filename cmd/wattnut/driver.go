package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/internal/getopt"
	"github.com/wattnut/wattnut/internal/manual"
)

// driverPrograms has a row for each native driver: run by its own, with the
// options of NUT's drivers, it serves NUT's upsd.
func driverPrograms() []program {
	var rows []program
	for _, d := range all.Drivers() {
		rows = append(rows, program{
			d.Name, "driver: " + d.About, func() manual.Manual { return driverManual(d) },
			func(ctx context.Context, c call) int { return (&driverProgram{call: c, driver: d}).run(ctx) },
		})
	}
	return rows
}

// driverProgram is one run of a driver as a program of its own.
type driverProgram struct {
	call
	driver drivers.Driver
	o      driverOptions
}

// driverOptions are what all drivers take.
type driverOptions struct {
	ups        string            // -a or -s
	bare       bool              // it was -s: nothing comes from ups.conf
	settings   []drivers.Setting // -x and -i
	dump       string            // -d
	killpower  bool              // -k
	command    string            // -c
	pid        string            // -P
	list       bool              // -L
	debug      int               // -D
	foreground int               // -F, -FF
	background bool              // -B
	quiet      int               // -q
	root       string            // -r
	user       string            // -u
	group      string            // -g
}

// run is the whole program.
func (p *driverProgram) run(ctx context.Context) int {
	opts := getopt.New(p.name, p.args, driverManual(p.driver).Letters())
	for opt, arg := range opts.All() {
		switch opt {
		case 'V':
			p.banner()
			return 0
		case 'h':
			p.banner()
			p.help(driverManual(p.driver))
			return 0
		default:
			p.take(opt, arg)
		}
	}
	var mistake string
	switch {
	case opts.Err() != nil:
		mistake = opts.Err().Error() + "\nError: unknown option -?. Try -h for help."
	case len(opts.Rest()) > 0:
		mistake = "Error: too many non-option arguments. Try -h for help."
	case p.o.ups == "" && !p.o.list:
		mistake = "Error: specifying '-a id' or '-s id' is now mandatory. Try -h for help."
	}
	if mistake != "" {
		p.banner()
		fmt.Fprintln(p.stderr, mistake)
		return 1
	}
	return p.mode(ctx)
}

// take notes one option.
func (p *driverProgram) take(opt byte, arg string) {
	switch opt {
	case 'a', 's':
		p.o.ups, p.o.bare = arg, opt == 's'
	case 'x':
		name, value, given := strings.Cut(arg, "=")
		p.o.settings = append(p.o.settings, drivers.Setting{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value), Flag: !given})
	case 'i':
		p.o.settings = append(p.o.settings, drivers.Setting{Name: "pollinterval", Value: arg})
	case 'd':
		p.o.dump = arg
	case 'k':
		p.o.killpower = true
	case 'c':
		p.o.command = arg
	case 'P':
		p.o.pid = arg
	case 'L':
		p.o.list = true
	case 'D':
		p.o.debug++
	case 'F':
		p.o.foreground++
	case 'B':
		p.o.background = true
	case 'q':
		p.o.quiet++
	case 'r':
		p.o.root = arg
	case 'u':
		p.o.user = arg
	case 'g':
		p.o.group = arg
	}
}

// mode does what the options ask for.
func (p *driverProgram) mode(ctx context.Context) int {
	switch {
	case p.o.list:
		p.banner()
		p.list()
		return 0
	case p.o.command != "":
		return p.signal(ctx)
	case p.o.killpower:
		p.banner()
		return p.killpower(ctx)
	case p.o.dump != "":
		p.banner()
		return p.dump(ctx)
	}
	return p.serve(ctx)
}

func (p *driverProgram) banner() {
	if os.Getenv("NUT_QUIET_INIT_BANNER") == "" {
		fmt.Fprintf(p.stdout, "Network UPS Tools - %s: %s %s (%s, wattnut %s)\n", p.name, p.driver.About, p.driver.Version, nutVersion, version)
	}
}

// list writes what the driver may be told, for programs to read.
func (p *driverProgram) list() {
	for _, o := range ownOptions(p.driver) {
		kind := "VALUE"
		if o.Flag {
			kind = "FLAG"
		}
		fmt.Fprintf(p.stdout, "%s %s %q\n", kind, o.Name, o.Help)
	}
}

// ownOptions are a driver's settings, without the port that each has.
func ownOptions(d drivers.Driver) []drivers.Option {
	return slices.DeleteFunc(slices.Clone(d.Options), func(o drivers.Option) bool { return o.Name == "port" })
}

func driverManual(d drivers.Driver) manual.Manual {
	var settings strings.Builder
	settings.WriteString("Settings for -x and ups.conf:")
	for _, o := range ownOptions(d) {
		value := "=<value>"
		if o.Flag {
			value = ""
		}
		fmt.Fprintf(&settings, "\n  -x %s%s: %s", o.Name, value, o.Help)
	}
	return manual.Manual{
		About: "Serves the device on a local socket, to upsd: NUT's, or wattnut's.",
		Forms: []string{"(-a UPS | -s NAME) [OPTIONS]"},
		Options: []manual.Option{
			{"-a UPS", "take the settings from the section [UPS] of ups.conf"},
			{"-s NAME", "take no settings from ups.conf: give all by -x, port at least"},
			{"-x NAME=VALUE", "give a setting; one without a value is a flag"},
			{"-i SECONDS", "read the device so often"},
			{"-d COUNT", "read the device so often, write all it says, and end"},
			{"-k", "have the device cut the power"},
			{"-c COMMAND", "tell the driver that runs: reload, reload-or-exit, reload-or-error, data-dump, exit"},
			{"-P PID", "with -c: tell this process, whatever the PID file says"},
			{"-L", "list the driver's own settings, for programs to read"},
			{"-D", "log more, and stay in the foreground; repeat for more"},
			{"-F", "stay in the foreground; -FF also writes the PID file"},
			{"-B", "go into the background even with -D"},
			{"-q", "log less; repeat for less"},
			{"-r DIR", "make DIR the root folder"},
			{"-u USER", "run as USER (if started as root)"},
			{"-g GROUP", "let GROUP use the socket"},
			{"-V", "show the version"},
			{"-h", "show this"},
		},
		Notes: settings.String(),
	}
}
