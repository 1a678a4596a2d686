package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/internal/apcupsd"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut/conf"
)

func migrateManual() manual.Manual {
	return manual.Manual{
		About: "Tells what would be different if wattnut took over from NUT or from apcupsd, and for apcupsd writes the\nconfiguration. SOURCE is NUT's folder (/etc/nut), which is used as it is, or an apcupsd.conf.\nThe exit code is 1 if something has to be mended first.",
		Forms: []string{"[--check] [--to DIR] [SOURCE]"},
		Options: []manual.Option{
			{"--check", "only tell, write nothing"},
			{"--to DIR", "where to write what is made of an apcupsd.conf (/etc/wattnut); files that are there are left alone"},
		},
	}
}

// runMigrate tells what a move would change.
func runMigrate(_ context.Context, c call) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	check := flags.Bool("check", false, "")
	to := flags.String("to", "/etc/wattnut", "")
	err := flags.Parse(c.args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		c.help(migrateManual())
		return 0
	case err != nil || flags.NArg() > 1:
		return c.mistaken(migrateManual())
	}
	source := flags.Arg(0)
	if source == "" {
		source = foundSource()
	}
	info, err := os.Stat(source)
	switch {
	case err != nil:
		return fail(c, err)
	case info.IsDir():
		return migrateNUT(c, source)
	}
	return migrateApcupsd(c, source, *to, *check)
}

// foundSource is what there is to move from on this host.
func foundSource() string {
	for _, path := range []string{"/etc/nut", "/etc/apcupsd/apcupsd.conf"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return "/etc/nut"
}

// migrateNUT tells what an agent would do otherwise with a folder of NUT's.
func migrateNUT(c call, dir string) int {
	cfg, report := config.Load(config.Options{Dir: dir, All: true})
	agent.Check(cfg, all.Drivers(), report)
	tell(c.stdout, report)
	for _, u := range cfg.UPSes {
		fmt.Fprintf(c.stdout, "UPS [%s]: %s\n", u.Name, drivenBy(cfg, u))
	}
	for _, f := range conf.Formats() {
		for _, text := range idleIn(filepath.Join(dir, f.Name), f) {
			fmt.Fprintf(c.stdout, "%s: %s\n", f.Name, text)
		}
	}
	tellShutdown(c.stdout, dir)
	if report.Err(conf.Error) != nil {
		fmt.Fprintln(c.stdout, "Something has to be mended first, see above; the rest is as it was under NUT.")
		return 1
	}
	fmt.Fprintln(c.stdout, "All else is as it was under NUT. docs/moving-from-nut.md has the steps, there and back.")
	return 0
}

// drivenBy says what runs the device of a UPS.
func drivenBy(cfg *config.Config, u config.UPS) string {
	if u.Broken {
		return "left out, see above"
	}
	_, _, err := config.Bind(u, all.Drivers())
	if !errors.Is(err, config.ErrNoNativeDriver) {
		return "driver " + u.Driver + " is wattnut's own, without a process of its own"
	}
	if path, err := agent.FindDriver(cfg.DriverPath, u.Driver); err == nil {
		return "driver " + u.Driver + " stays NUT's: the agent runs " + path
	}
	return "no driver " + u.Driver
}

// idleIn lists what a file says without effect here, once each.
func idleIn(path string, f *conf.Format) []string {
	text, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer text.Close()
	file, err := conf.Parse(f, text)
	if err != nil {
		return nil
	}
	var all []string
	for _, s := range file.Sections {
		for _, d := range s.Directives {
			for _, r := range f.Rows() {
				if line := d.Name + " has no effect here: " + r.About; r.Idle && r.Name == d.Name && !slices.Contains(all, line) {
					all = append(all, line)
				}
			}
		}
	}
	return all
}

// tellShutdown says who would shut the host down.
func tellShutdown(w io.Writer, dir string) {
	mon, _ := config.LoadUPSMon(dir, "")
	switch {
	case len(mon.Monitors) == 0:
		fmt.Fprintln(w, "upsmon.conf: nothing shuts this host down, for want of a MONITOR line")
	case !needsRoot(mon):
		fmt.Fprintln(w, "upsmon.conf: this host is watched for, and nothing ends it: there is no SHUTDOWNCMD")
	default:
		fmt.Fprintf(w, "upsmon.conf: wattnut agent watches %d UPSes in place of upsmon, and ends this host\n", len(mon.Monitors))
	}
}

// migrateApcupsd converts an apcupsd.conf.
func migrateApcupsd(c call, source, to string, check bool) int {
	file, err := os.Open(source)
	if err != nil {
		return fail(c, err)
	}
	defer file.Close()
	settings, err := apcupsd.Parse(file)
	if err != nil {
		return fail(c, fmt.Errorf("%s: %w", source, err))
	}
	made := settings.Convert(strings.ToLower(rand.Text()))
	for _, r := range made.Remarks {
		fmt.Fprintln(c.stdout, r)
	}
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range made.Files {
			if !yield(name) {
				return
			}
		}
	})
	if check {
		for _, name := range names {
			if name != conf.UPSDUsers.Name && name != conf.UPSMonConf.Name { // which have the password
				fmt.Fprintf(c.stdout, "\n--- %s\n%s", name, made.Files[name])
			}
		}
		return 0
	}
	if err := os.MkdirAll(to, 0o750); err != nil {
		return fail(c, err)
	}
	for _, name := range names {
		path := filepath.Join(to, name)
		if err := writeNew(path, made.Files[name]); err != nil {
			return fail(c, fmt.Errorf("%w: nothing of what is there is overwritten; --to names another folder", err))
		}
		fmt.Fprintln(c.stdout, "wrote", path)
	}
	return 0
}

func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
