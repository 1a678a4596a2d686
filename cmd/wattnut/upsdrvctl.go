package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/getopt"
	"github.com/wattnut/wattnut/internal/manual"
)

// drvctl is one run of upsdrvctl.
type drvctl struct {
	call
	site  *config.Config
	named bool // the words name a UPS
	o     drvctlOptions
}

type drvctlOptions struct {
	test       bool   // -t
	command    string // -c
	list       bool   // -l
	debug      int    // -D
	passDebug  bool   // -d
	foreground int    // -F, -FF
	background bool   // -B
	root       string // -r
	user       string // -u
}

// drvctlVerb is what upsdrvctl does to the UPSes that the words choose. It
// returns whether all went well.
type drvctlVerb func(*drvctl, context.Context, []config.UPS) bool

var drvctlVerbs = map[string]drvctlVerb{
	"start":    (*drvctl).start,
	"stop":     (*drvctl).stop,
	"shutdown": (*drvctl).shutdown,
	"status":   (*drvctl).status,
}

// runUpsdrvctl is upsdrvctl: it starts and ends the drivers of ups.conf.
func runUpsdrvctl(ctx context.Context, c call) int {
	d := &drvctl{call: c}
	opts := getopt.New(c.name, c.args, upsdrvctlManual().Letters())
	for opt, arg := range opts.All() {
		switch opt {
		case 'h', 'V':
			d.banner()
			if opt == 'h' {
				c.help(upsdrvctlManual())
			}
			return 0
		default:
			d.take(opt, arg)
		}
	}
	words := opts.Rest()
	if len(words) > 0 && words[0] == "list" {
		d.o.list, words = true, words[1:]
	}
	switch {
	case opts.Err() != nil:
		fmt.Fprintln(c.stderr, opts.Err())
		fallthrough
	case len(words) == 0 && d.o.command == "" && !d.o.list:
		d.banner()
		c.help(upsdrvctlManual())
		return 0 // as NUT's
	}
	verb, err := d.verb(&words)
	if err == nil && len(words) > 1 {
		err = fmt.Errorf("too many words: %s", strings.Join(words, " "))
	}
	if err != nil {
		return d.fail(err)
	}
	return d.run(ctx, verb, words)
}

func (d *drvctl) take(opt byte, arg string) {
	switch opt {
	case 't':
		d.o.test = true
	case 'u':
		d.o.user = arg
	case 'r':
		d.o.root = arg
	case 'D':
		d.o.debug++
	case 'd':
		d.o.passDebug = true
	case 'F':
		d.o.foreground++
	case 'B':
		d.o.background = true
	case 'l':
		d.o.list = true
	case 'c':
		d.o.command = arg
	}
}

// verb finds what is to be done, and takes its word from the words.
func (d *drvctl) verb(words *[]string) (drvctlVerb, error) {
	switch {
	case d.o.command != "":
		if _, ok := driverSignals[d.o.command]; !ok && d.o.command != "reload-or-error" {
			return nil, fmt.Errorf("unrecognized command [%s]", d.o.command) //nolint:misspell // NUT's word
		}
		return (*drvctl).tell, nil
	case d.o.list:
		return (*drvctl).list, nil
	}
	word := (*words)[0]
	*words = (*words)[1:]
	verb := drvctlVerbs[word]
	if verb == nil {
		return nil, fmt.Errorf("unrecognized command [%s]", word) //nolint:misspell // NUT's word
	}
	return verb, nil
}

// run does the verb to the one UPS that is named, or to all.
func (d *drvctl) run(ctx context.Context, verb drvctlVerb, names []string) int {
	if !d.o.list {
		d.banner()
	}
	if d.o.test {
		fmt.Fprintln(d.stdout, "*** Testing mode: not calling exec/kill")
	}
	site, report := config.Load(config.Options{})
	d.site, d.named = site, len(names) > 0
	bad := upsConfErrors(report, "")
	if bad != nil {
		fmt.Fprintln(d.stderr, bad)
	}
	chosen, err := d.choose(names)
	if err != nil {
		return d.fail(err)
	}
	if !verb(d, ctx, chosen) || bad != nil {
		return 1
	}
	return 0
}

func (d *drvctl) choose(names []string) ([]config.UPS, error) {
	if len(names) == 0 {
		if len(d.site.UPSes) == 0 {
			return nil, errors.New("no UPS definitions found in ups.conf")
		}
		return d.site.UPSes, nil
	}
	for _, u := range d.site.UPSes {
		if strings.EqualFold(u.Name, names[0]) {
			return []config.UPS{u}, nil
		}
	}
	return nil, fmt.Errorf("UPS %s not found in ups.conf", names[0])
}

// fail says what went wrong, in NUT's manner.
func (d *drvctl) fail(err error) int {
	fmt.Fprintf(d.stderr, "Error: %v\n", err)
	return 1
}

func (d *drvctl) banner() {
	if os.Getenv("NUT_QUIET_INIT_BANNER") == "" {
		banner(d.stdout, "- UPS driver controller")
	}
}

func upsdrvctlManual() manual.Manual {
	return manual.Manual{
		About: "Starts and ends the drivers of ups.conf.",
		Forms: []string{
			"[OPTIONS] (start | stop | shutdown | status) [<ups>]",
			"[OPTIONS] (list | -l) [<ups>]",
			"[OPTIONS] -c COMMAND [<ups>]",
		},
		Options: []manual.Option{
			{"start", "start the drivers"},
			{"stop", "end them"},
			{"shutdown", "have the devices cut the power, in the order of sdorder"},
			{"status", "show what runs, as a table with tabs"},
			{"list", "show the names in ups.conf"},
			{"-l", "the same as list"},
			{"-c COMMAND", "tell the drivers that run: reload, reload-or-exit, reload-or-error, data-dump, exit"},
			{"-t", "only say what would be done"},
			{"-D", "say more; repeat for more"},
			{"-d", "pass -D on to the drivers"},
			{"-F", "keep the drivers in the foreground, and look after them"},
			{"-B", "have them go into the background even with -d"},
			{"-r DIR", "drivers make DIR their root folder"},
			{"-u USER", "drivers run as USER"},
			{"-V", "show the version"},
			{"-h", "show this"},
		},
	}
}
