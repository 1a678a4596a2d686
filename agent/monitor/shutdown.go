package monitor

import (
	"slices"
	"time"
)

// phase is how far a forced shutdown has come. It only goes forward.
type phase uint8

const (
	watching  phase = iota
	syncing         // waiting for the secondaries to leave
	final           // told everybody, waiting FINALDELAY
	lingering       // the command was given, waiting SHUTDOWNEXIT
	ended
)

// askAgain is how often the number of logins is asked for.
const askAgain = 250 * time.Millisecond

// begin forces the shutdown: nothing takes it back.
func (m *Machine) begin(why string) {
	m.why = why
	primaries := m.primaries()
	for _, u := range primaries {
		m.do(SetFSD{u.Name})
	}
	for _, u := range primaries {
		m.force(u)
	}
	if len(primaries) == 0 {
		m.announce()
	} else {
		m.enter(syncing)
	}
}

// primaries are the UPSes that this host is primary for.
func (m *Machine) primaries() []*ups {
	return slices.DeleteFunc(slices.Clone(m.upses), func(u *ups) bool { return !u.Primary })
}

// proceed takes the shutdown as far as it can go now.
func (m *Machine) proceed() {
	if m.phase == syncing {
		m.sync()
	}
	if m.phase == final && m.clock.reached(m.entered, m.cfg.FinalDelay) {
		m.do(PowerOff{})
		m.enter(lingering)
	}
	if m.phase == lingering && m.cfg.ShutdownExit >= 0 && m.clock.reached(m.entered, m.cfg.ShutdownExit) {
		m.do(Exit{})
		m.enter(ended)
	}
}

// sync waits for the secondaries, for HOSTSYNC at most.
func (m *Machine) sync() {
	most, known := 0, true
	primaries := m.primaries()
	for _, u := range primaries {
		most = max(most, u.logins)
		known = known && u.logins > 0
	}
	if known && most <= 1 || m.clock.reached(m.entered, m.cfg.HostSync) {
		m.announce()
		return
	}
	if most > 1 && !m.waited {
		m.waited = true
		m.notify(ShutdownHostSync, nil, "")
	}
	if !m.asked.on || m.clock.reached(m.asked.since, askAgain) {
		m.asked = span{on: true, since: m.clock.now}
		m.clock.due(m.clock.now + askAgain)
		for _, u := range primaries {
			m.do(QueryLogins{u.Name})
		}
	}
}

// announce tells everybody that this host goes down.
func (m *Machine) announce() {
	m.enter(final)
	m.notify(Shutdown, nil, m.why)
}

func (m *Machine) enter(p phase) { m.phase, m.entered = p, m.clock.now }
