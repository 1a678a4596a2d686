package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/driverctl"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/all"
)

// powerTime is how long a driver may take over -k.
const powerTime = 2 * time.Minute

// each does f to each UPS, says what went wrong, and tells whether nothing did.
func (d *drvctl) each(upses []config.UPS, f func(config.UPS) error) bool {
	good := true
	for _, u := range upses {
		if err := f(u); err != nil {
			fmt.Fprintf(d.stderr, "UPS %s: %v\n", u.Name, err)
			good = false
		}
	}
	return good
}

// report tells what is about to be done, where that is asked for.
func (d *drvctl) report(format string, args ...any) {
	if d.o.test || d.o.debug > 0 {
		fmt.Fprintf(d.stderr, format+"\n", args...)
	}
}

func (d *drvctl) process(u config.UPS) driverctl.Process {
	return driverctl.Process{Driver: u.Driver, UPS: u.Name, StateDir: d.site.StateDir}
}

// command is the program of a UPS' driver and its words, and whether it is one
// of ours: ours is this binary, unless driverpath has another of that name.
func (d *drvctl) command(u config.UPS) (words []string, ours bool, err error) {
	if u.Broken {
		return nil, false, errors.New("its section of ups.conf is broken")
	}
	native := slices.ContainsFunc(all.Drivers(), func(driver drivers.Driver) bool { return driver.Name == u.Driver })
	path := filepath.Join(d.site.DriverPath, u.Driver)
	if _, missing := os.Stat(path); native && (d.site.DriverPath == "" || missing != nil) {
		if path, err = os.Executable(); err != nil {
			return nil, false, err
		}
		return append([]string{path, u.Driver}, d.passed(u)...), true, nil
	}
	if path, err = agent.FindDriver(d.site.DriverPath, u.Driver); err != nil {
		return nil, false, err
	}
	return append([]string{path}, d.passed(u)...), false, nil
}

// passed is the words for a driver.
func (d *drvctl) passed(u config.UPS) []string {
	words := []string{"-a", u.Name}
	if d.o.passDebug {
		words = append(words, slices.Repeat([]string{"-D"}, d.o.debug)...)
	}
	words = append(words, slices.Repeat([]string{"-F"}, d.o.foreground)...)
	if d.o.background {
		words = append(words, "-B")
	}
	if d.o.root != "" {
		words = append(words, "-r", d.o.root)
	}
	if d.o.user != "" {
		words = append(words, "-u", d.o.user)
	}
	return words
}

// environ has NUT's drivers read the same files, and use the same folders.
func (d *drvctl) environ() []string {
	return append(os.Environ(), "NUT_CONFPATH="+absolutePath(d.site.Dir), "NUT_STATEPATH="+absolutePath(d.site.StateDir))
}

func (d *drvctl) attach(cmd *exec.Cmd) { cmd.Stdout, cmd.Stderr = d.stdout, d.stderr }

func (d *drvctl) start(ctx context.Context, upses []config.UPS) bool {
	if d.o.foreground > 0 && !d.o.background || d.o.passDebug && d.o.debug > 0 && !d.o.background {
		return d.supervise(ctx, upses)
	}
	return d.each(upses, func(u config.UPS) error {
		d.report("Starting UPS: %s", u.Name)
		words, _, err := d.command(u)
		if err != nil {
			return err
		}
		d.report("exec:  %s", strings.Join(words, " "))
		if d.o.test {
			return nil
		}
		delay := u.MaxStartDelay
		if u.NoWait && os.Getenv("NUT_IGNORE_NOWAIT") == "" {
			delay = 0
		}
		return driverctl.Start{
			Command: words, Env: d.environ(), Attach: d.attach,
			Delay: delay, Tries: u.MaxRetry, Pause: u.RetryDelay,
		}.Run(ctx)
	})
}

func (d *drvctl) stop(ctx context.Context, upses []config.UPS) bool {
	return d.each(upses, func(u config.UPS) error {
		d.report("Stopping UPS: %s", u.Name)
		if d.o.test {
			return nil
		}
		return d.process(u).Stop(ctx)
	})
}

// shutdown has the devices cut the power, group by group of sdorder. A UPS that
// is named is meant, whatever its sdorder.
func (d *drvctl) shutdown(ctx context.Context, upses []config.UPS) bool {
	if !d.named {
		upses = slices.DeleteFunc(slices.Clone(upses), func(u config.UPS) bool { return u.SDOrder < 0 })
	}
	slices.SortStableFunc(upses, func(a, b config.UPS) int { return cmp.Compare(a.SDOrder, b.SDOrder) })
	return d.each(upses, func(u config.UPS) error {
		d.report("Shutdown UPS: %s", u.Name)
		words, _, err := d.command(u)
		if err != nil {
			return err
		}
		words = append(words, "-k")
		d.report("exec:  %s", strings.Join(words, " "))
		if d.o.test {
			return nil
		}
		return driverctl.Start{Command: words, Env: d.environ(), Attach: d.attach, Delay: powerTime}.Run(ctx)
	})
}

// status writes the table that scripts read.
func (d *drvctl) status(ctx context.Context, upses []config.UPS) bool {
	fmt.Fprintln(d.stdout, "UPSNAME\tUPSDRV\tRUNNING\tPF_PID\tS_RESPONSIVE\tS_PID\tS_STATUS")
	good := true
	for _, u := range upses {
		s := d.process(u).Status(ctx)
		running, pid, responsive, said := "N/A", -3, "NOT_RESPONSIVE", ""
		if s.PID != 0 {
			running, pid = "RUNNING", s.PID
		}
		if s.Responsive {
			responsive = "RESPONSIVE"
		}
		if s.UPSStatus != "" {
			said = fmt.Sprintf("%q", s.UPSStatus)
		}
		fmt.Fprintf(d.stdout, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", u.Name, u.Driver, running, pid, responsive, cmp.Or(s.SocketPID, "N/A"), said)
		good = good && s.Responsive
	}
	return good
}

func (d *drvctl) list(_ context.Context, upses []config.UPS) bool {
	for _, u := range upses {
		fmt.Fprintln(d.stdout, u.Name)
	}
	return true
}

// tell is -c.
func (d *drvctl) tell(ctx context.Context, upses []config.UPS) bool {
	return d.each(upses, func(u config.UPS) error {
		d.report("Telling UPS %s: %s", u.Name, d.o.command)
		if d.o.test {
			return nil
		}
		sig, bySignal := driverSignals[d.o.command]
		if !bySignal {
			return d.process(u).Command(ctx, "driver.reload-or-error")
		}
		if _, ours, err := d.command(u); err == nil && !ours && sig == dataDump {
			sig = theirDump
		}
		return d.process(u).Signal(sig)
	})
}
