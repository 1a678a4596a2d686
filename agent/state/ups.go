package state

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// UPS is one entry of the Store. Its methods may be called from any goroutine.
type UPS struct {
	Name string // as configured

	given    atomic.Pointer[given]
	snapshot atomic.Pointer[nut.Snapshot]
	contact  atomic.Pointer[time.Time] // of the last word from the device, nil for never
	forced   atomic.Bool

	// Of the one who publishes.
	live *nut.Snapshot // the last that was Live, nil for none
	lost bool          // it is no more

	mu       sync.Mutex
	watchers map[chan struct{}]struct{}
	logins   map[*Login]struct{}
	removed  bool
}

// given is what a reload may change about a UPS that stays.
type given struct {
	desc string
	door nut.Door
}

// NewUPS returns an entry with nothing known yet; see Configure.
func NewUPS(name, desc string, door nut.Door) *UPS {
	u := &UPS{Name: name}
	u.Configure(desc, door)
	u.snapshot.Store(new(nut.Draft).Freeze(name, nut.Absent, time.Time{}))
	return u
}

// Configure gives the UPS a description, "" for none, and the door that takes
// orders for it, nil to refuse all. What is known of it, the latch and the
// logins stay.
func (u *UPS) Configure(desc string, door nut.Door) { u.given.Store(&given{desc, door}) }

// Desc is the configured description, "" if there is none.
func (u *UPS) Desc() string { return u.given.Load().desc }

// Snapshot returns what is known now, never nil.
func (u *UPS) Snapshot() *nut.Snapshot { return u.snapshot.Load() }

// Contact is when the device was last heard, and whether it ever was. The time
// keeps its monotonic clock reading, so that how long ago it is does not depend
// on what becomes of the clock on the wall.
func (u *UPS) Contact() (time.Time, bool) {
	if at := u.contact.Load(); at != nil {
		return *at, true
	}
	return time.Time{}, false
}

// Heard notes that the device was heard at the time now and said nothing new.
func (u *UPS) Heard(now time.Time) { u.contact.Store(&now) }

// Publish makes s the latest snapshot, unless it says just what the latest one
// says, and wakes the watchers. One goroutine at a time publishes for a UPS.
// It returns what happened since the device was last heard.
func (u *UPS) Publish(s *nut.Snapshot) []nut.Event {
	if u.snapshot.Load().Same(s) {
		return nil
	}
	u.snapshot.Store(s)
	u.wake()
	events := nut.Events(u.live, s, u.lost)
	switch s.Health {
	case nut.Live:
		u.live, u.lost = s, false
	case nut.Stale, nut.Absent:
		u.lost = u.live != nil
	case nut.Waiting:
	}
	return events
}

// Await marks what is known as of a device that is not this UPS' any more: what
// the one in its place says is waited for. Only who publishes may call it.
func (u *UPS) Await() {
	if s := u.Snapshot(); s.Health != nut.Absent {
		u.Publish(s.With(nut.Waiting, time.Now()))
	}
}

// Order hands an order to the device; see [nut.Door].
func (u *UPS) Order(ctx context.Context, o nut.Order, done func(error)) error {
	door := u.given.Load().door
	if door == nil {
		return nut.ErrDriverNotConnected
	}
	return door.Order(ctx, o, done)
}

// Force sets the forced-shutdown latch (RFC 9271 section 4.2.2). It holds until
// the UPS is dropped from the configuration, or the agent ends.
func (u *UPS) Force() {
	if !u.forced.Swap(true) {
		u.wake()
	}
}

// Forced tells whether the latch is set.
func (u *UPS) Forced() bool { return u.forced.Load() }

// Watch returns a channel that gets a value after each change: a new snapshot,
// or the latch. Changes that come before the value is taken count as one. stop
// ends the watch.
func (u *UPS) Watch() (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.watchers == nil {
		u.watchers = make(map[chan struct{}]struct{})
	}
	u.watchers[c] = struct{}{}
	return c, func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.watchers, c)
	}
}

func (u *UPS) wake() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
