package monitor

import (
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// comm is what is known of the contact with a UPS.
type comm uint8

const (
	commUnknown comm = iota
	commGood
	commLost
)

// ups is all that a Machine remembers of one UPS.
type ups struct {
	UPS

	comm    comm
	contact time.Time // the latest Reading.Contact
	heard   instant   // when that changed, or the watch began
	fresh   bool      // heard since the watch began, or since the host woke
	excused bool      // a jump has restarted the silence since it was heard

	facts                  // the last that it said
	last     *nut.Snapshot // and where
	logins   int
	failures int
	failure  string
	logged   int // the failure that was logged last

	noComm, replace span // when NOCOMM and REPLBATT were told, if ever

	onBattery, low, agreed, off, over, lost span
}

// observe takes in one reading and tells what changed.
func (m *Machine) observe(u *ups, r Reading) {
	u.logins = r.Logins
	if m.phase != watching {
		return
	}
	m.pollFailed(u, r)
	if r.Forced {
		m.force(u)
	}
	if r.Snapshot == nil {
		return
	}
	status := r.Snapshot.Status()
	alive := r.Snapshot.Health == nut.Live || r.Snapshot.Health == nut.Waiting
	if alive && status.Has(nut.StatusForced) {
		m.force(u)
	}
	switch {
	case r.Snapshot.Health == nut.Waiting || status.Has(nut.StatusWait):
		// Somebody answers for the UPS and knows nothing about it: no news.
	case !alive || len(status) == 0:
		m.lose(u)
	default:
		m.hear(u, r)
	}
}

// force notes that a UPS is being shut down by force, and tells it once.
func (m *Machine) force(u *ups) {
	if !u.is[Forced] {
		u.is[Forced] = true
		m.notify(Forced, u, "")
	}
}

// hear takes in what a UPS says.
func (m *Machine) hear(u *ups, r Reading) {
	if at := r.heard(); !at.Equal(u.contact) {
		u.contact, u.heard = at, m.clock.within(at)
		u.fresh, u.excused = true, false
	}
	if !u.fresh {
		return // it was said before the host slept
	}
	if u.comm == commLost {
		m.notify(CommOK, u, "")
	}
	u.comm = commGood
	next := read(r.Snapshot)
	next.is[Forced] = next.is[Forced] || r.Forced
	m.change(u, next)
	u.last = r.Snapshot
}

// lose notes that contact is lost. What the UPS said last is remembered.
func (m *Machine) lose(u *ups) {
	if u.comm != commLost {
		u.comm = commLost
		m.notify(CommBad, u, "")
	}
}

// change puts next in the place of what the UPS said before, and tells the
// difference: first what has ended, then what has come.
func (m *Machine) change(u *ups, next facts) {
	old := u.facts
	seen := old.is[Online] || old.is[OnBattery]
	if !next.is[Online] && !next.is[OnBattery] {
		next.is[Online], next.is[OnBattery] = old.is[Online], old.is[OnBattery]
	}
	if next.alarm == "" {
		next.alarm = old.alarm
	}
	u.facts = next
	for _, t := range pairs {
		if old.is[t] && !next.is[t] {
			m.notify(t+1, u, "")
		}
	}
	for _, t := range next.says {
		switch {
		case !next.is[t], t == ReplaceBattery, t == Online && !seen:
		case t == Alarm && (!old.is[Alarm] || next.alarm != old.alarm):
			m.notify(Alarm, u, next.alarm)
		case !old.is[t]:
			m.notify(t, u, "")
		}
	}
	switch {
	case slices.Equal(old.other, next.other):
	case len(next.other) == 0:
		m.notify(NotOther, u, "")
	default:
		m.notify(Other, u, strings.Join(next.other, " "))
	}
}

// pollFailed asks for a line in the log about a new failure: about each, or one
// in so many and the first for its reason.
func (m *Machine) pollFailed(u *ups, r Reading) {
	changed := u.failures == 0 || r.Failures <= u.logged || r.Failure != u.failure
	again := r.Failures != u.failures
	u.failures, u.failure = r.Failures, r.Failure
	if r.Failures == 0 || !again {
		return
	}
	every := m.cfg.LogPollFail
	if changed || every < 0 || every > 0 && r.Failures-u.logged >= every {
		u.logged = r.Failures
		m.do(LogPollFailure{u.Name, r.Failure, r.Failures})
	}
}

// forget makes u what it was before it was ever heard, but for a forced
// shutdown, which is never forgotten.
func (u *ups) forget(now instant) {
	forced := u.is[Forced]
	*u = ups{UPS: u.UPS, contact: u.contact, heard: now, logins: u.logins, replace: u.replace}
	u.is[Forced] = forced
}
