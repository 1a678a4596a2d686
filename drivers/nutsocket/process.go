package nutsocket

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers"
)

// How long a process may take to end after it was asked to, and to be seen
// ended after its socket was.
const (
	stopTime    = 3 * time.Second
	explainTime = 500 * time.Millisecond
)

// process is a driver process of ours, in a process group of its own.
type process struct {
	log    *slog.Logger
	name   string
	cmd    *exec.Cmd
	output *output
	exited chan struct{} // closed when the process ended
	result error         // how it ended; read after exited is closed
}

// startProcess runs a driver in the foreground. Its errors wrap
// drivers.ErrGone.
func startProcess(env drivers.Env, program, user string) (*process, error) {
	args := []string{"-F", "-a", env.UPS}
	if user != "" {
		args = append(args, "-u", user)
	}
	out := newOutput(env.Log)
	cmd := exec.Command(program, args...)
	cmd.Env = environ(env)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = time.Second // for the output of what the driver itself may have started
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: driver program: %w", drivers.ErrGone, err)
	}
	env.Log.Debug("driver started", "program", program, "pid", cmd.Process.Pid)
	p := &process{log: env.Log, name: program, cmd: cmd, output: out, exited: make(chan struct{})}
	go func() { // ends with the process, which stop sees to
		p.result = cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// environ has the driver read our configuration and use our folders.
func environ(env drivers.Env) []string {
	all := append(os.Environ(), "NUT_QUIET_INIT_BANNER=true")
	if env.ConfDir != "" {
		all = append(all, "NUT_CONFPATH="+env.ConfDir)
	}
	if env.StateDir != "" {
		all = append(all, "NUT_STATEPATH="+env.StateDir)
		if os.Getenv("NUT_ALTPIDPATH") == "" {
			// A PID file elsewhere may be that of another driver, which
			// the new one would end.
			all = append(all, "NUT_ALTPIDPATH="+env.StateDir)
		}
	}
	return all
}

// stop ends the process, by force if it does not go by itself.
func (p *process) stop() error {
	_ = terminate(p.cmd.Process)
	force := time.NewTimer(stopTime)
	defer force.Stop()
	select {
	case <-p.exited:
	case <-force.C:
		p.log.Warn("driver does not end, killed", "program", p.name)
		if err := kill(p.cmd.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("driver %s: %w", p.name, err)
		}
		<-p.exited
	}
	return nil
}

// explain returns how the process ended and what it said at last, if it ended;
// otherwise err.
func (p *process) explain(err error) error {
	patience := time.NewTimer(explainTime)
	defer patience.Stop()
	select {
	case <-p.exited:
	case <-patience.C:
		return err
	}
	how := "exit status 0"
	if p.result != nil {
		how = p.result.Error()
	}
	last := p.output.last()
	if strings.Contains(strings.ToLower(last), "permission denied") {
		last += " (the user that the driver runs as, often nut, must be able to write to the state folder, read ups.conf and open the device)"
	}
	return fmt.Errorf("driver %s ended: %s: %s", p.name, how, last)
}
