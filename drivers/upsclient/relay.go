package upsclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// How many orders are followed at once, and for how long: as long as NUT's upsd
// keeps outcomes.
const (
	maxPending = 32
	patience   = time.Hour
)

// pending is an order that the server took, and whose outcome it may tell.
type pending struct {
	ticket client.Ticket
	done   func(error)
	until  time.Time
}

// Relay hands an order on. The outcome is asked for at each Read, until the
// server knows it. A server without tracking tells no more than that it took
// the order, which then counts as success.
func (r *remote) Relay(ctx context.Context, o nut.Order, done func(error)) error {
	ticket, err := r.hand(ctx, o)
	switch {
	case err != nil:
		return refusal(err)
	case done == nil:
	case ticket == "":
		done(nil)
	case len(r.pending) < maxPending:
		r.pending = append(r.pending, pending{ticket: ticket, done: done, until: time.Now().Add(patience)})
	}
	return nil
}

func (r *remote) hand(ctx context.Context, o nut.Order) (client.Ticket, error) {
	switch {
	case o.Set:
		return r.client.Set(ctx, r.ups, o.Name, o.Value)
	case o.Value != "":
		return r.client.InstCmd(ctx, r.ups, o.Name, o.Value)
	}
	return r.client.InstCmd(ctx, r.ups, o.Name)
}

// refusal says why an order was not taken in the words that an order's outcome
// may have.
func refusal(err error) error {
	word := nut.ErrFailed
	switch {
	case errors.Is(err, nut.ErrVarNotSupported), errors.Is(err, nut.ErrCmdNotSupported), errors.Is(err, nut.ErrUnknown):
		word = nut.ErrUnknown
	case errors.Is(err, nut.ErrInvalidArgument), errors.Is(err, nut.ErrInvalidValue),
		errors.Is(err, nut.ErrTooLong), errors.Is(err, client.ErrArgument):
		word = nut.ErrInvalidArgument
	}
	return fmt.Errorf("%w: %w", word, err)
}

// outcomes are the questions about the orders under way.
func (r *remote) outcomes() []*client.Call[bool] {
	calls := make([]*client.Call[bool], len(r.pending))
	for i, p := range r.pending {
		calls[i] = client.Tracking(p.ticket)
	}
	return calls
}

// settle tells the outcomes that are known, and forgets those that nobody will
// ever know. outcomes has the answers for r.pending, in its order.
func (r *remote) settle(outcomes []*client.Call[bool]) {
	now := time.Now()
	left := r.pending[:0]
	for i, p := range r.pending {
		known, err := outcomes[i].Result()
		switch {
		case err != nil:
			p.done(refusal(err))
		case known:
			p.done(nil)
		case now.Before(p.until):
			left = append(left, p)
		}
	}
	clear(r.pending[len(left):])
	r.pending = left
}
