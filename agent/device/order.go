package device

import (
	"context"
	"sync"

	"github.com/wattnut/wattnut/nut"
)

// request is an order on its way through a Runner.
type request struct {
	nut.Order
	end     func(error) // tells the outcome; later calls do nothing
	relayed bool        // the device tells the outcome
}

// Order queues an order for the device; see [nut.Door]. The outcome of one that
// is carried out in place is told when what it changed is published.
func (r *Runner) Order(_ context.Context, o nut.Order, done func(error)) error {
	r.gate.Lock()
	defer r.gate.Unlock()
	if !r.reached {
		return nut.ErrDriverNotConnected
	}
	select {
	case r.orders <- &request{Order: o, end: once(done)}:
		return nil
	default:
		return nut.ErrFailed
	}
}

// reach says whether orders are taken. Once they are not, no more come: an order
// for one contact must not be carried out by a later one.
func (r *Runner) reach(reached bool) {
	r.gate.Lock()
	defer r.gate.Unlock()
	r.reached = reached
}

// once lets done be called once; nil becomes a function that does nothing.
func once(done func(error)) func(error) {
	if done == nil {
		return func(error) {}
	}
	var o sync.Once
	return func(err error) { o.Do(func() { done(err) }) }
}

// refuse answers the orders that no device will see.
func (r *Runner) refuse() {
	for {
		select {
		case q := <-r.orders:
			q.end(nut.ErrFailed)
		default:
			return
		}
	}
}
