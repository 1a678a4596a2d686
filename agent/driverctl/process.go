package driverctl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/driverline"
)

// How long a process may take to do what it is asked to.
const (
	exitTime = 5 * time.Second // to end, each way of asking
	lookTime = 50 * time.Millisecond
	killTime = 60 * time.Second // to have the device cut the power
)

// ErrNotRunning: there is neither a socket that answers nor a PID file of a
// living process.
var ErrNotRunning = errors.New("driver not running")

// Process is the process of a driver for one UPS, whether it runs or not.
type Process struct {
	Driver, UPS string
	StateDir    string // where its socket is
}

// Socket is the path of its local socket.
func (p Process) Socket() string { return filepath.Join(p.StateDir, p.name()) }

// PIDFile is where it keeps its PID.
func (p Process) PIDFile() daemon.PIDFile { return daemon.UserPIDFile(p.name(), p.StateDir) }

func (p Process) name() string { return p.Driver + "-" + p.UPS }

// PID is the process that the PID file names, if it lives and is that driver
// as far as can be seen: numbers are used again. NUT_IGNORE_CHECKPROCNAME
// leaves the last part out, as in NUT.
func (p Process) PID() (int, bool) {
	pid, alive := p.PIDFile().Running()
	if !alive || os.Getenv("NUT_IGNORE_CHECKPROCNAME") == "" && !runs(pid, p.Driver) {
		return 0, false
	}
	return pid, true
}

// runs tells whether the command line of a process names the driver; true
// where the system does not tell.
func runs(pid int, driver string) bool {
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) || !hasProc()
	}
	for word := range bytes.SplitSeq(line, []byte{0}) {
		if filepath.Base(string(word)) == driver {
			return true
		}
	}
	return false
}

func hasProc() bool {
	_, err := os.Stat("/proc/self/cmdline")
	return err == nil
}

// Signal sends a signal to the process. The error is ErrNotRunning, or the
// system's.
func (p Process) Signal(sig syscall.Signal) error {
	if _, ok := p.PID(); !ok {
		return ErrNotRunning
	}
	return p.PIDFile().Signal(sig)
}

// Stop ends the process and returns when it is gone: where its PID file names
// it by TERM and, if that does not help, by KILL; else over its socket. The
// error is ErrNotRunning, or says what was in the way.
func (p Process) Stop(ctx context.Context) error {
	if _, ok := p.PID(); !ok {
		return p.exit(ctx)
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := p.Signal(sig); err != nil && !errors.Is(err, ErrNotRunning) && !errors.Is(err, syscall.ESRCH) {
			return err
		}
		if within(ctx, func() bool { _, alive := p.PID(); return !alive }) {
			return p.PIDFile().Remove() // a killed one leaves it behind
		}
	}
	return fmt.Errorf("driver %s does not end", p.name())
}

// exit ends a process that has no PID file, as one in the foreground.
func (p Process) exit(ctx context.Context) error {
	if err := p.Command(ctx, "driver.exit"); err != nil {
		return err
	}
	deaf := func() bool {
		c, err := dial(ctx, p.Socket())
		if err == nil {
			c.close()
		}
		return errors.Is(err, ErrNotRunning)
	}
	if !within(ctx, deaf) {
		return fmt.Errorf("driver %s does not end", p.name())
	}
	return nil
}

// within waits until done, and tells whether that came in time.
func within(ctx context.Context, done func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, exitTime)
	defer cancel()
	again := time.NewTicker(lookTime)
	defer again.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return false
		case <-again.C:
		}
	}
	return true
}

// Command has the process carry out an instant command. The error is
// ErrNotRunning, or wraps what [driverline.Outcome] returns.
func (p Process) Command(ctx context.Context, cmd nut.Name) error {
	return p.order(ctx, driverline.Line{Verb: driverline.InstCmd, Name: cmd})
}

// Killpower has the process let its device cut the power of the load, after
// which it ends.
func (p Process) Killpower(ctx context.Context) error {
	allow := driverline.Line{Verb: driverline.Set, Name: "driver.flag.allow_killpower", Value: "1"}
	if err := p.order(ctx, allow); err != nil {
		return err
	}
	return p.Command(ctx, "driver.killpower")
}

func (p Process) order(ctx context.Context, l driverline.Line) error {
	ctx, cancel := context.WithTimeout(ctx, killTime)
	defer cancel()
	c, err := dial(ctx, p.Socket())
	if err != nil {
		return err
	}
	defer c.close()
	l.Tracking = "driverctl"
	answer, err := c.ask(l, driverline.Tracking)
	if err != nil {
		return fmt.Errorf("%s %s: %w", l.Verb, l.Name, err)
	}
	if err := driverline.Outcome(answer.Number); err != nil {
		return fmt.Errorf("%s %s: %w", l.Verb, l.Name, err)
	}
	return nil
}
