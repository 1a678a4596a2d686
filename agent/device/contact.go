package device

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// errHung is the end of a contact whose device did not return in time.
var errHung = errors.New("the device hangs")

// contact is one life of a device, from opening to closing. Its own goroutine
// makes every call into the device, so that a call which never returns holds
// nobody else.
type contact struct {
	runner  *Runner
	draft   nut.Draft // belongs to whoever has the turn: the goroutine in a job, the Runner between jobs
	device  drivers.Device
	news    <-chan struct{} // the device asks to be read; nil if it never does
	settled bool            // the first complete facts are in

	jobs    chan func(context.Context) error // one at a time; closed when contact ends
	results chan error                       // one for each job, and one for the opening
	done    chan struct{}                    // closed when the device is closed
}

// open starts a contact. Its first result is that of the opening.
func (r *Runner) open(ctx context.Context) *contact {
	c := &contact{
		runner: r,
		jobs:   make(chan func(context.Context) error, 1),
		// Room for the one result outstanding: the goroutine never waits
		// for a Runner that has given it up.
		results: make(chan error, 1),
		done:    make(chan struct{}),
	}
	r.contacts.Go(func() { c.live(ctx) })
	return c
}

// live opens the device, does the jobs, and closes the device.
func (c *contact) live(ctx context.Context) {
	defer close(c.done)
	err := c.call(ctx, func(ctx context.Context) (err error) {
		c.device, err = c.runner.config.Open(ctx, c.runner.config.Env)
		if d, ok := c.device.(drivers.Notifier); ok && err == nil {
			c.news = d.News()
		}
		return err
	})
	c.results <- err
	if err == nil {
		for job := range c.jobs {
			c.results <- c.call(ctx, job)
		}
	}
	if c.device != nil {
		err := c.call(ctx, func(context.Context) error { return c.device.Close() })
		if err != nil {
			c.runner.log.Debug("device not closed cleanly", "error", err)
		}
	}
}

// call makes one call into the device, bounded in time as far as the device
// heeds its context, and turns a panic into an error.
func (c *contact) call(ctx context.Context, f func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, c.runner.config.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			c.runner.log.Error("driver panicked", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("driver panicked: %v", p)
		}
	}()
	return f(ctx)
}

// end ends the contact. A device that is not closed within the grace is left to
// its goroutine, and counts as hung until it is.
func (c *contact) end(grace time.Duration) {
	close(c.jobs)
	select {
	case <-c.done:
		return
	case <-time.After(grace):
	}
	c.runner.log.Warn("device hangs, left alone")
	c.runner.hung.Add(1)
	go func() {
		<-c.done
		c.runner.hung.Add(-1)
	}()
}

// read is the job that asks the device what is new.
func (c *contact) read(ctx context.Context) error {
	return c.device.Read(ctx, &c.draft)
}

// obey is the job that hands an order to the device. Its result is the outcome,
// unless the device is to tell that itself.
func (c *contact) obey(ctx context.Context, q *request) error {
	var err error
	if d, ok := c.device.(drivers.Relay); ok {
		err = outcome(d.Relay(ctx, q.Order, q.end))
		q.relayed = err == nil
	} else {
		err = outcome(c.perform(ctx, q.Order))
	}
	if err != nil {
		c.runner.log.Warn("order not carried out", "name", q.Name, "error", err)
	}
	return err
}

// perform carries an order out in place.
func (c *contact) perform(ctx context.Context, o nut.Order) error {
	if o.Set {
		if d, ok := c.device.(drivers.Setter); ok {
			return d.Set(ctx, o.Name, o.Value)
		}
	} else if d, ok := c.device.(drivers.Commander); ok {
		return d.Command(ctx, o.Name, o.Value)
	}
	return nut.ErrUnknown
}

// outcome makes err one of those that a tracked order can end with.
func outcome(err error) error {
	if err == nil || errors.Is(err, nut.ErrUnknown) || errors.Is(err, nut.ErrInvalidArgument) || errors.Is(err, nut.ErrFailed) {
		return err
	}
	return fmt.Errorf("%w: %w", nut.ErrFailed, err)
}
