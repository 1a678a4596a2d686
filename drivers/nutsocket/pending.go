package nutsocket

import (
	"slices"
	"strconv"
)

// maxPending is how many orders' outcomes are awaited. A driver that never
// tells any, as those before NUT 2.8.0, costs no more than this.
const maxPending = 256

// pending is the tracked orders whose outcome is still to come, the oldest
// first. The driver answers an id only on the connection that gave it, so a
// number will do.
type pending struct {
	last   uint64
	orders []order
}

type order struct {
	id   string
	done func(error)
}

// add notes an order, and returns its id. Where too many are awaited the oldest
// is given up.
func (p *pending) add(done func(error)) string {
	if len(p.orders) == maxPending {
		p.orders = slices.Delete(p.orders, 0, 1)
	}
	p.last++
	o := order{strconv.FormatUint(p.last, 10), done}
	p.orders = append(p.orders, o)
	return o.id
}

// take removes an order and returns what awaits its outcome, or nil.
func (p *pending) take(id string) func(error) {
	i := slices.IndexFunc(p.orders, func(o order) bool { return o.id == id })
	if i < 0 {
		return nil
	}
	done := p.orders[i].done
	p.orders = slices.Delete(p.orders, i, i+1)
	return done
}

// takeAll removes all orders, and returns what awaits their outcomes.
func (p *pending) takeAll() []func(error) {
	all := make([]func(error), len(p.orders))
	for i, o := range p.orders {
		all[i] = o.done
	}
	p.orders = nil
	return all
}
