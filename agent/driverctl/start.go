package driverctl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"time"
)

// Start says how to start a driver that goes into the background by itself.
type Start struct {
	Command []string      // the program and its words
	Env     []string      // as in exec.Cmd
	Delay   time.Duration // how long it may take to be ready (maxstartdelay); 0 means not to wait
	Tries   int           // maxretry; less than 1 counts as 1
	Pause   time.Duration // between two tries (retrydelay)
	// Attach connects the output of the program.
	Attach func(*exec.Cmd)
}

// Run starts the driver, and returns when it is ready, or has failed as often as
// it may.
func (s Start) Run(ctx context.Context) error {
	for try := 1; ; try++ {
		err := s.once(ctx)
		if err == nil || ctx.Err() != nil || try >= s.Tries || errors.Is(err, fs.ErrNotExist) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(s.Pause):
		}
	}
}

func (s Start) once(ctx context.Context) error {
	cmd := exec.Command(s.Command[0], s.Command[1:]...)
	cmd.Env = s.Env
	if s.Attach != nil {
		s.Attach(cmd)
	}
	if err := cmd.Start(); err != nil {
		return &startError{s.Command[0], err}
	}
	if s.Delay == 0 {
		return cmd.Process.Release()
	}
	var result error
	ended := make(chan struct{})
	go func() {
		result = cmd.Wait()
		close(ended)
	}()
	late := time.NewTimer(s.Delay)
	defer late.Stop()
	select {
	case <-ended:
		if result != nil {
			return fmt.Errorf("driver failed to start (%w)", result)
		}
		return nil
	case <-late.C:
		err := cmd.Process.Kill()
		<-ended
		return errors.Join(fmt.Errorf("startup timer elapsed after %s, the driver is ended", s.Delay), err)
	case <-ctx.Done():
		err := cmd.Process.Kill()
		<-ended
		return errors.Join(ctx.Err(), err)
	}
}

// startError is that a program cannot be started at all. It says less than the
// system's error, which names the program and what was tried.
type startError struct {
	program string
	err     error
}

func (e *startError) Error() string {
	reason := e.err
	if p, ok := errors.AsType[*fs.PathError](reason); ok {
		reason = p.Err
	}
	return fmt.Sprintf("can't start %s: %v", e.program, reason)
}

func (e *startError) Unwrap() error { return e.err }
