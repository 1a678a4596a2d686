package drivertest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// maxWaits is how often a device may say drivers.ErrWaiting in a row.
const maxWaits = 100

// specimen is an open device and what it said.
type specimen struct {
	drivers.Device
	draft nut.Draft
	limit time.Duration
}

// with opens the device, reads it once, lets f try it, and closes it.
func (c Config) with(ctx context.Context, f func(context.Context, *specimen) error) error {
	ctx, cancel := context.WithTimeout(ctx, 10*c.Limit)
	defer cancel()
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	if err = s.read(ctx); err == nil {
		err = f(ctx, s)
	}
	return errors.Join(err, s.close())
}

func (c Config) open(ctx context.Context) (*specimen, error) {
	opener, err := c.Driver.Bind(c.Settings)
	if err != nil {
		return nil, fmt.Errorf("bind the settings: %w", err)
	}
	s := &specimen{limit: c.Limit}
	err = within(c.Limit, func() (err error) {
		s.Device, err = opener(ctx, c.Env)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return s, nil
}

// read reads until there is a complete set of facts.
func (s *specimen) read(ctx context.Context) error {
	err := drivers.ErrWaiting
	for n := 0; n < maxWaits && errors.Is(err, drivers.ErrWaiting); n++ {
		err = within(s.limit, func() error { return s.Read(ctx, &s.draft) })
	}
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

func (s *specimen) close() error {
	if err := within(s.limit, s.Close); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}

func (s *specimen) snapshot() *nut.Snapshot {
	return s.draft.Freeze("drivertest", nut.Live, time.Now())
}

var errHangs = errors.New("does not return")

// within returns what f returns, or errHangs if it does not in time.
func within(limit time.Duration, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return errHangs
	}
}

// settles waits until there are no more goroutines than before.
func settles(before int, limit time.Duration) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(limit); runtime.NumGoroutine() > before; <-tick.C {
		if time.Now().After(end) {
			return fmt.Errorf("%d goroutines before, %d after Close", before, runtime.NumGoroutine())
		}
	}
	return nil
}
