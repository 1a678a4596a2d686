package sched

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// Scripts runs commands: each a process of its own, without a shell, several
// at a time. The zero Scripts is ready, but for Log; the fields are set before
// its use.
//
// A script is never stopped because this process ends: it may be the one that
// is shutting the host down.
type Scripts struct {
	Log      *slog.Logger
	Limit    time.Duration // what takes longer is killed, with all it started; 0 stands for 15 minutes
	Parallel int           // how many run at once; 0 stands for 16
	Queue    int           // how many wait for that at most, more are refused; 0 stands for 256
	// Output is where the scripts write to; nil for nowhere. It is given to
	// them as it is, so that nothing is read or kept here, and they can write on
	// after this process has ended.
	Output *os.File

	mu      sync.Mutex
	queue   []job
	running int
	unbegun int // taken by Submit, and not started yet
}

type job struct {
	script  []string
	command Command
}

// Submit runs a command soon, and never waits. What becomes of it is logged.
// The script is a program and its first arguments.
func (s *Scripts) Submit(script []string, c Command) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := job{script, c}
	switch {
	case s.running < orElse(s.Parallel, 16):
		s.running++
		s.unbegun++
		go s.work(j)
	case len(s.queue) < orElse(s.Queue, 256):
		s.queue = append(s.queue, j)
		s.unbegun++
	default:
		s.Log.Error("command not run: too many scripts run and wait already", "command", c.Name, "running", s.running, "waiting", len(s.queue))
	}
}

func orElse[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// work runs a job and then those that wait, until none does. It ends at the
// latest when the last has reached its time limit.
func (s *Scripts) work(j job) {
	for ok := true; ok; j, ok = s.next() {
		begun := sync.OnceFunc(s.begun)
		err := s.run(context.Background(), j.script, j.command, begun)
		begun()
		if err != nil {
			s.Log.Error("command failed", "command", j.command.Name, "error", err)
		}
	}
}

func (s *Scripts) next() (j job, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.running--
		return job{}, false
	}
	j = s.queue[0]
	s.queue = slices.Delete(s.queue, 0, 1)
	return j, true
}

func (s *Scripts) begun() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unbegun--
}

// Flush waits until all that was submitted has been started, so that it goes on
// after the end of this process; or until ctx ends.
func (s *Scripts) Flush(ctx context.Context) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for s.pending() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Scripts) pending() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unbegun > 0
}

// Run runs a command and waits until it ends. The error says that it could not
// be started, took too long, or how it ended if not well. If ctx ends first,
// the script is killed.
func (s *Scripts) Run(ctx context.Context, script []string, c Command) error {
	return s.run(ctx, script, c, func() {})
}

func (s *Scripts) run(ctx context.Context, script []string, c Command, begun func()) error {
	if len(script) == 0 {
		return errors.New("there is no CMDSCRIPT")
	}
	limit := orElse(s.Limit, 15*time.Minute)
	tooLong := fmt.Errorf("killed after %v", limit)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, tooLong)
	defer cancel()
	process := exec.CommandContext(ctx, script[0], append(slices.Clone(script[1:]), c.Name)...)
	process.Env = append(slices.DeleteFunc(os.Environ(), isOurs), c.Env()...)
	if s.Output != nil { // a nil *os.File is not a nil io.Writer
		process.Stdout, process.Stderr = s.Output, s.Output
	}
	ownGroup(process)
	s.Log.Debug("running command", "script", script[0], "command", c.Name, "ups", upses(c.Causes), "type", types(c.Causes))
	err := process.Start()
	begun()
	if err == nil {
		err = process.Wait()
	}
	if err == nil {
		return nil
	}
	if errors.Is(context.Cause(ctx), tooLong) {
		err = tooLong
	}
	return fmt.Errorf("%s: %w", script[0], err)
}

// isOurs tells whether a variable is one that a command sets.
func isOurs(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return name == "UPSNAME" || name == "NOTIFYTYPE" || name == "NOTIFYMSG"
}
