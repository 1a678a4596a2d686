package server

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// setTracking says whether this connection wants to hear what came of its
// orders. Any user and password will do, as they do for upsd.
func (s *session) setTracking(args [][]byte) error {
	switch {
	case wire.Is(args[0], "ON"):
		s.tracking = true
	case wire.Is(args[0], "OFF"):
		s.tracking = false
	default:
		return nut.ErrInvalidArgument
	}
	return s.say("OK")
}

func (s *session) getTracking(args [][]byte) error {
	switch {
	case len(args) > 0 && !s.tracking:
		return nut.ErrFeatureNotConfigured
	case len(args) > 0:
		return s.outcome(strings.ToUpper(string(args[0])))
	case s.tracking:
		return s.say("ON")
	}
	return s.say("OFF")
}

// outcome answers what came of an order. It is nobody's business but the
// client's who gave it: the same connection, or the same user.
func (s *session) outcome(id string) error {
	e, ok := s.server.tracking.lookup(id)
	if !ok {
		return nut.ErrUnknown
	}
	if e.session != s.number {
		if e.user != s.user {
			return nut.ErrUnknown
		}
		if _, err := s.rights(); err != nil {
			return nut.ErrUnknown
		}
	}
	switch {
	case !e.known:
		return s.say("PENDING")
	case e.err == nil:
		return s.say("SUCCESS")
	case errors.Is(e.err, nut.ErrUnknown):
		return nut.ErrUnknown
	case errors.Is(e.err, nut.ErrInvalidArgument):
		return nut.ErrInvalidArgument
	}
	return nut.ErrFailed
}

// mostTracked is how many orders are kept in mind; the oldest goes first.
const mostTracked = 10000

// tracker keeps what came of orders. The zero tracker that knows how long to
// keep them is ready.
type tracker struct {
	keep time.Duration

	mu      sync.Mutex
	entries map[string]*tracked
	order   []string // ids, oldest first
}

// tracked is one order.
type tracked struct {
	session uint64 // its number
	user    string
	since   time.Time
	known   bool // err is what came of it
	err     error
}

// start notes an order of s. done is for [nut.Door].
func (t *tracker) start(s *session) (id string, done func(error)) {
	id = newID()
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.entries == nil {
		t.entries = make(map[string]*tracked)
	}
	t.expire(now)
	for len(t.order) >= mostTracked {
		t.pop()
	}
	t.entries[id] = &tracked{session: s.number, user: s.user, since: now}
	t.order = append(t.order, id)
	return id, func(err error) { t.finish(id, err) }
}

func (t *tracker) finish(id string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.entries[id]; e != nil {
		e.known, e.err = true, err
	}
}

// drop forgets an order that was not taken; "" is none.
func (t *tracker) drop(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entries, id) // its place in order goes when its time comes
}

func (t *tracker) lookup(id string) (tracked, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expire(time.Now())
	if e := t.entries[id]; e != nil {
		return *e, true
	}
	return tracked{}, false
}

func (t *tracker) expire(now time.Time) {
	for len(t.order) > 0 {
		if e := t.entries[t.order[0]]; e != nil && now.Sub(e.since) < t.keep {
			return
		}
		t.pop()
	}
}

func (t *tracker) pop() {
	delete(t.entries, t.order[0])
	t.order = t.order[1:]
}

// newID returns a random UUID (RFC 9562 section 5.4) in upper case.
func newID() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // it never fails
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	h := strings.ToUpper(hex.EncodeToString(u[:]))
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
