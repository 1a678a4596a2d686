package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/wattnut/wattnut/agent/driverctl"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/nut"
)

// powerCommands are the commands that cut the power, in the order in which they
// are tried: those of sdcommands, or the one that a driver has for it, and then those
// that most devices have.
func powerCommands(c *driverConfig) []nut.Name {
	var all []nut.Name
	for name := range strings.SplitSeq(cmp.Or(c.SDCommands, "shutdown.default,shutdown.return,shutdown.reboot,load.off.delay,load.off"), ",") {
		all = append(all, nut.Name(strings.TrimSpace(name)))
	}
	return all
}

// killpower is -k: through the driver that runs, or with the device to itself.
func (p *driverProgram) killpower(ctx context.Context) int {
	c, err := p.load()
	if err != nil {
		return p.fail(err)
	}
	fmt.Fprintln(p.stderr, "Initiating UPS shutdown")
	switch err := c.process().Killpower(ctx); {
	case err == nil:
		return 0
	case !errors.Is(err, driverctl.ErrNotRunning):
		fmt.Fprintf(p.stderr, "%s: the driver that runs: %v\n", p.name, err)
		if err := c.process().Stop(ctx); err != nil {
			return p.fail(err)
		}
	}
	unit, err := p.begin(ctx, c)
	if err != nil {
		return p.fail(err)
	}
	defer unit.close()
	if err := unit.wait(ctx, firstFacts, live); err != nil {
		return p.fail(err)
	}
	if err := unit.killpower(ctx); err != nil {
		return p.fail(fmt.Errorf("shutdown not supported: %w", err))
	}
	return 0
}

func live(s *nut.Snapshot) bool { return s.Health == nut.Live }

// dump is -d: what the device says after so many reads.
func (p *driverProgram) dump(ctx context.Context) int {
	count, err := strconv.Atoi(p.o.dump)
	if err != nil || count < 1 {
		return p.fail(fmt.Errorf("-d takes a number of reads, not %q", p.o.dump))
	}
	c, err := p.load()
	if err != nil {
		return p.fail(err)
	}
	unit, err := p.begin(ctx, c)
	if err != nil {
		return p.fail(err)
	}
	defer unit.close()
	if err := unit.wait(ctx, max(c.MaxStartDelay, firstFacts), live); err != nil {
		return p.fail(err)
	}
	select {
	case <-ctx.Done():
		return 1
	case <-time.After(time.Duration(count-1) * c.PollInterval):
	}
	p.write(unit.ups.Snapshot())
	return 0
}

// begin becomes the user to be and starts the device, with the terminal to
// itself.
func (p *driverProgram) begin(ctx context.Context, c *driverConfig) (*driverUnit, error) {
	if err := p.confine(c); err != nil {
		return nil, err
	}
	log, _ := p.logger(c, slog.LevelWarn, false)
	return p.start(ctx, c, log)
}

// write writes all variables, as upsc does.
func (p *driverProgram) write(s *nut.Snapshot) {
	for v := range s.Variables() {
		fmt.Fprintf(p.stdout, "%s: %s\n", v.Name, v.Value)
	}
}

// driverSignals are what -c tells a process by a signal.
var driverSignals = map[string]syscall.Signal{
	"reload": syscall.SIGHUP, "reload-or-exit": reloadOrExit, "exit": syscall.SIGTERM,
	"dump": dataDump, "data-dump": dataDump,
}

// signal is -c.
func (p *driverProgram) signal(ctx context.Context) int {
	sig, known := driverSignals[p.o.command]
	if !known && p.o.command != "reload-or-error" {
		fmt.Fprintf(p.stderr, "Error: unknown argument to option -c. Try -h for help.\n")
		return 1
	}
	if p.o.pid != "" && known {
		return p.ended(signalProcess(p.o.pid, sig))
	}
	c, err := p.load()
	if err != nil {
		return p.fail(err)
	}
	if !known {
		return p.ended(c.process().Command(ctx, "driver.reload-or-error"))
	}
	return p.ended(c.process().Signal(sig))
}

// ended is the exit code of what went so.
func (p *driverProgram) ended(err error) int {
	if err != nil {
		return p.fail(err)
	}
	return 0
}

// fail says what went wrong, in NUT's manner.
func (p *driverProgram) fail(err error) int {
	fmt.Fprintf(p.stderr, "Error: %v\n", err)
	return 1
}

// pidFile is written in the background, and with -FF.
func (p *driverProgram) pidFile(c *driverConfig, child bool) daemon.PIDFile {
	if child || p.o.foreground > 1 {
		return c.process().PIDFile()
	}
	return ""
}
