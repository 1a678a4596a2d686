package drivertest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

const noSuchCommand = "drivertest.no.such.command"

func obeys(ctx context.Context, c Config) error {
	return c.with(ctx, func(ctx context.Context, s *specimen) error {
		var errs []error
		for name := range s.snapshot().Commands() {
			if c.avoids(name) {
				continue
			}
			if err := s.order(ctx, nut.Order{Name: name, Tracked: true}); !isOutcome(err) {
				errs = append(errs, fmt.Errorf("command %s: %w", name, err))
			}
			if err := s.read(ctx); err != nil {
				return errors.Join(append(errs, fmt.Errorf("after command %s: %w", name, err))...)
			}
		}
		return errors.Join(errs...)
	})
}

func refusesCommand(ctx context.Context, c Config) error {
	return c.with(ctx, func(ctx context.Context, s *specimen) error {
		err := s.order(ctx, nut.Order{Name: noSuchCommand, Tracked: true})
		if !errors.Is(err, nut.ErrUnknown) {
			return fmt.Errorf("an unknown command brings %w, not nut.ErrUnknown", errOr(err))
		}
		return nil
	})
}

// sets tries each writable variable. Setting it to what it is has to be good
// enough where nothing else is known to be allowed.
func sets(ctx context.Context, c Config) error {
	return c.with(ctx, func(ctx context.Context, s *specimen) error {
		var errs []error
		for v := range s.snapshot().Variables() {
			if v.Writable && !c.avoids(v.Name) {
				errs = append(errs, s.set(ctx, v.Name, c.another(v)))
			}
		}
		return errors.Join(errs...)
	})
}

func (s *specimen) set(ctx context.Context, name nut.Name, value string) error {
	if err := s.order(ctx, nut.Order{Set: true, Name: name, Value: value, Tracked: true}); err != nil {
		return fmt.Errorf("set %s to %q: %w", name, value, err)
	}
	if err := s.read(ctx); err != nil {
		return fmt.Errorf("after setting %s: %w", name, err)
	}
	if got := s.draft.Value(name); got != value {
		return fmt.Errorf("%s was set to %q, and is %q at the next Read", name, value, got)
	}
	return nil
}

// another is a value that v may take, other than its own where there is one.
func (c Config) another(v nut.Variable) string {
	if value, ok := c.Values[v.Name.Fold()]; ok {
		return value
	}
	for _, value := range v.Enum {
		if value != v.Value {
			return value
		}
	}
	for _, r := range v.Ranges {
		for _, n := range []int{r.Min, r.Max} {
			if value := strconv.Itoa(n); value != v.Value {
				return value
			}
		}
	}
	if v.Text {
		const text = "wattnut"
		return text[:min(len(text), v.MaxLen)]
	}
	return v.Value
}

// order gives the device an order and returns its outcome, whichever of the
// interfaces it takes orders by.
func (s *specimen) order(ctx context.Context, o nut.Order) error {
	switch d := s.Device.(type) {
	case drivers.Relay:
		return s.relay(ctx, d, o)
	case drivers.Setter:
		if o.Set {
			return within(s.limit, func() error { return d.Set(ctx, o.Name, o.Value) })
		}
	}
	if d, ok := s.Device.(drivers.Commander); ok && !o.Set {
		return within(s.limit, func() error { return d.Command(ctx, o.Name, o.Value) })
	}
	return nut.ErrUnknown
}

// relay gives an order to a Relay, and reads until it knows the outcome.
func (s *specimen) relay(ctx context.Context, d drivers.Relay, o nut.Order) error {
	done := make(chan error, 1)
	if err := within(s.limit, func() error {
		return d.Relay(ctx, o, func(err error) { done <- err })
	}); err != nil {
		return err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return fmt.Errorf("no outcome: %w", ctx.Err())
		case <-tick.C:
		}
		if err := s.read(ctx); err != nil {
			return err
		}
	}
}

// isOutcome tells whether err is one that an order may have.
func isOutcome(err error) bool {
	return err == nil || errors.Is(err, nut.ErrUnknown) || errors.Is(err, nut.ErrInvalidArgument) || errors.Is(err, nut.ErrFailed)
}

func errOr(err error) error {
	if err == nil {
		return errors.New("success")
	}
	return err
}
