package monitor

import (
	"context"
	"sync"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/nut"
)

const (
	// lookAgain is how often it is looked whether the Store still has a UPS.
	lookAgain = time.Second
	// localGrace is how long a device may take to be reached first, before it
	// counts as lost.
	localGrace = 10 * time.Second
)

// local is a UPS of this very agent. What it publishes is here at once.
type local struct {
	watch

	store   *state.Store
	changed func()
	began   time.Time

	mu      sync.Mutex
	ups     *state.UPS // nil while there is none
	missing bool       // there was none for some time
	login   *state.Login
	woke    time.Time
	forced  bool // the latch is to be set
}

func newLocal(w watch, store *state.Store, changed func()) *local {
	return &local{watch: w, store: store, changed: changed, began: time.Now()}
}

// run implements source: it finds the UPS, again if it is dropped from the
// configuration and comes back.
func (l *local) run(ctx context.Context) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for ctx.Err() == nil {
		if u := l.find(); u != nil {
			l.follow(ctx, u, tick.C)
			continue
		}
		select {
		case <-tick.C:
			l.lose()
		case <-ctx.Done():
		}
	}
	l.drop()
}

// find looks for the UPS, and logs in to it.
func (l *local) find() *state.UPS {
	u := l.store.Lookup(l.Target.UPS)
	if u == nil {
		return nil
	}
	var login *state.Login
	if l.counts {
		if login = u.Login("127.0.0.1", func() {}); login == nil {
			return nil // on its way out
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ups, l.login, l.missing = u, login, false
	if l.forced {
		u.Force()
	}
	return u
}

// follow passes changes on while u is in the Store.
func (l *local) follow(ctx context.Context, u *state.UPS, tick <-chan time.Time) {
	changes, stop := u.Watch()
	defer stop()
	defer l.drop()
	l.changed() // what came before the watch
	for {
		select {
		case <-changes:
			l.changed()
		case <-tick:
			if l.store.Lookup(l.Target.UPS) != u {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// drop logs out.
func (l *local) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.login != nil {
		l.login.Close()
	}
	l.ups, l.login = nil, nil
}

func (l *local) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.missing {
		l.missing = true
		l.changed()
	}
}

// reading implements source. A Live UPS counts as heard now, as upsd would
// answer: how often its device is asked is the driver's affair, which publishes
// it as Stale if that does not answer in time.
func (l *local) reading(now time.Time) Reading {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := Reading{Name: l.Name}
	switch {
	case l.ups == nil && l.missing:
		r.Snapshot = new(nut.Draft).Freeze(l.Name, nut.Absent, now)
		r.Logins, r.Failures, r.Failure = 1, 1, string(nut.ErrUnknownUPS)
		return r
	case l.ups == nil:
		return r
	}
	s := l.ups.Snapshot()
	contact, ever := l.ups.Contact()
	r.Logins, r.Forced = l.ups.Logins(), l.ups.Forced()
	if l.login == nil {
		r.Logins++ // this host, which does not count itself there
	}
	if !ever {
		contact = time.Time{}
	}
	switch {
	case s.Health == nut.Live && contact.After(l.woke):
		r.Contact = now
	case s.Health == nut.Live || s.Health == nut.Waiting:
		r.Contact = contact
	case !ever && now.Sub(l.began) < localGrace:
		return r
	default:
		r.Contact, r.Failures, r.Failure = contact, 1, "device is "+s.Health.String()
	}
	r.Snapshot = s
	return r
}

// ask implements source.
func (l *local) ask(w wish) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w&wishFSD != 0 {
		l.forced = true
		if l.ups != nil {
			l.ups.Force()
		}
	}
	if w&wishRenew != 0 {
		l.woke = time.Now()
	}
}
