package device

import (
	"context"
	"errors"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// turn is the state of one contact as its Runner sees it.
type turn struct {
	*Runner
	c       *contact
	busy    bool // a job is out, so the draft and the device are not ours
	reading bool // that job is a read
	opened  bool
	readAt  time.Time // when the last read began
	asked   bool      // the device asked for another

	order   *request // carried out, but not answered yet
	verdict error    // its outcome

	poll, stale, hang *time.Timer
}

// serve does for a contact what is due, until it is lost or ctx ends.
func (r *Runner) serve(ctx context.Context, c *contact) error {
	t := &turn{
		Runner: r, c: c, busy: true,
		poll:  time.NewTimer(time.Hour),
		stale: time.NewTimer(r.untilStale()),
		hang:  time.NewTimer(2 * r.config.Timeout),
	}
	t.poll.Stop()
	defer t.poll.Stop()
	defer t.stale.Stop()
	defer t.hang.Stop()
	defer t.answer()
	for {
		if err := t.next(ctx); err != nil {
			return err
		}
	}
}

// next waits for one thing to happen and deals with it.
func (t *turn) next(ctx context.Context) error {
	var orders chan *request
	var news <-chan struct{}
	if !t.busy {
		orders = t.orders
	}
	if !t.busy && !t.asked {
		news = t.c.news
	}
	select {
	case <-ctx.Done(): // a call under way has its context ended too
		return ctx.Err()
	case err := <-t.c.results:
		return t.result(err)
	case q := <-orders:
		t.order, t.verdict = q, nut.ErrFailed // unless it turns out otherwise
		t.start(false, func(ctx context.Context) error { return t.c.obey(ctx, q) })
	case <-news:
		t.asked = true
		t.poll.Reset(time.Until(t.readAt.Add(breath)))
	case <-t.poll.C:
		t.read()
	case <-t.stale.C:
		t.wither()
		t.stale.Reset(t.untilStale())
	case <-t.hang.C:
		if t.busy && t.reading {
			t.stats.polled(time.Since(t.readAt))
		}
		return errHung
	}
	return nil
}

// breath is the least time between two reads that the device asks for: one that
// has news without end must not take a core.
const breath = 5 * time.Millisecond

func (t *turn) read() {
	if !t.busy {
		t.readAt, t.asked = time.Now(), false
		t.start(true, t.c.read)
	}
}

func (t *turn) start(reading bool, job func(context.Context) error) {
	t.busy, t.reading = true, reading
	t.hang.Reset(2 * t.config.Timeout)
	t.c.jobs <- job
}

// result deals with the end of a job. An error ends the contact.
func (t *turn) result(err error) error {
	t.busy = false
	t.hang.Stop()
	switch {
	case !t.opened:
		if err != nil {
			return err
		}
		t.opened = true
		t.reach(true)
		t.read()
		return nil
	case !t.reading: // an order: see what it did, then tell
		t.verdict = err
		if t.order.relayed {
			t.order = nil
		}
		t.read()
		return nil
	}
	if err := t.took(err); err != nil {
		return err
	}
	t.answer()
	t.poll.Reset(t.config.Poll)
	return nil
}

// answer tells the outcome of an order that was carried out.
func (t *turn) answer() {
	if t.order != nil {
		t.order.end(t.verdict)
		t.order = nil
	}
}

// took publishes what a read brought.
func (t *turn) took(err error) error {
	t.stats.polled(time.Since(t.readAt))
	health := nut.Live
	switch {
	case errors.Is(err, drivers.ErrWaiting):
		health = nut.Waiting
	case errors.Is(err, drivers.ErrStale):
		health = nut.Stale
	case err != nil:
		return err
	case !t.c.settled:
		t.c.settled = true
		t.stats.met.Add(1)
		if t.config.Overlay.Complete {
			complete(&t.c.draft)
		}
	}
	if health == nut.Live {
		t.found()
		t.ups.Heard(time.Now())
		t.stale.Reset(t.age())
	}
	if t.c.draft.Changed() || t.ups.Snapshot().Health != health {
		t.publish(&t.c.draft, health)
	}
	return nil
}
