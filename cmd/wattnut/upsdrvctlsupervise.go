package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wattnut/wattnut/agent/config"
)

const (
	// reloadTime is how long after a reload was asked for the end of a
	// driver counts as its answer.
	reloadTime = 60 * time.Second
	// endTime is how long a driver may take to end.
	endTime = 10 * time.Second
)

// supervisor looks after drivers that stay in the foreground.
type supervisor struct {
	*drvctl
	mu       sync.Mutex
	children map[*os.Process]struct{}
	reloaded time.Time
}

// supervise runs drivers in the foreground until all have ended: a single one
// in the place of this process.
func (d *drvctl) supervise(ctx context.Context, upses []config.UPS) bool {
	if d.o.test || len(upses) == 1 {
		return d.each(upses, d.become)
	}
	s := &supervisor{drvctl: d, children: make(map[*os.Process]struct{})}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, reloadOrExit)
	defer signal.Stop(signals)
	done := make(chan struct{})
	defer close(done)
	go s.pass(signals, done)
	var group errgroup.Group
	for _, u := range upses {
		group.Go(func() error {
			err := s.keep(ctx, u)
			if err != nil {
				fmt.Fprintf(d.stderr, "UPS %s: %v\n", u.Name, err)
			}
			return err
		})
	}
	return group.Wait() == nil
}

// become runs the driver in the place of this process. It returns if that
// fails, or is only to be told.
func (d *drvctl) become(u config.UPS) error {
	words, _, err := d.command(u)
	if err != nil {
		return err
	}
	d.report("exec:  %s", strings.Join(words, " "))
	if d.o.test {
		return nil
	}
	return fmt.Errorf("can't start %s: %w", words[0], syscall.Exec(words[0], words, d.environ()))
}

// keep runs a driver, and runs it again when it ended to be started anew.
func (s *supervisor) keep(ctx context.Context, u config.UPS) error {
	words, _, err := s.command(u)
	if err != nil {
		return err
	}
	for {
		err := s.once(ctx, words)
		if ctx.Err() != nil {
			return nil
		}
		ended, _ := errors.AsType[*exec.ExitError](err)
		if asked := ended != nil && ended.ExitCode() == exitReload; !asked && !s.lately() {
			return err
		}
		s.report("Starting UPS anew: %s", u.Name)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func (s *supervisor) once(ctx context.Context, words []string) error {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env = s.environ()
	s.attach(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = endTime
	if err := cmd.Start(); err != nil {
		return err
	}
	s.note(cmd.Process, true)
	defer s.note(cmd.Process, false)
	return cmd.Wait()
}

func (s *supervisor) note(p *os.Process, runs bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if runs {
		s.children[p] = struct{}{}
	} else {
		delete(s.children, p)
	}
}

// lately tells whether a reload was asked for a short while ago.
func (s *supervisor) lately() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.reloaded) < reloadTime
}

// pass hands signals that ask for a reload on to all drivers.
func (s *supervisor) pass(signals <-chan os.Signal, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case sig := <-signals:
			s.mu.Lock()
			s.reloaded = time.Now()
			for p := range s.children {
				_ = p.Signal(sig) // it may have ended
			}
			s.mu.Unlock()
		}
	}
}
