package monitor

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// orphanWarn is how often it is told that the process that can shut down is gone.
const orphanWarn = 2 * time.Minute

// Machine decides. Make one with [New], and call [Machine.Step] whenever
// something is new and when [Machine.Next] says so. It belongs to one goroutine.
//
// No order or timing of steps harms it: steps may be late, repeated, at equal
// times or at times that go back. See [Input] for what it wants to know.
type Machine struct {
	cfg   Config
	upses []*ups
	clock clock
	out   []Action

	asleep   bool
	orphaned span // when NOPARENT was told

	phase   phase
	entered instant // when the phase was
	why     string
	asked   span // when the logins were asked for
	waited  bool // SHUTDOWN_HOSTSYNC was told
}

// New returns a Machine that has seen nothing yet, or why c cannot be worked with.
func New(c Config) (*Machine, error) {
	m := &Machine{}
	if err := m.Reload(c); err != nil {
		return nil, err
	}
	return m, nil
}

// Reload changes the configuration. What is known of UPSes that stay is kept,
// by name. It returns an error and changes nothing if c cannot be worked with,
// or a forced shutdown is under way.
func (m *Machine) Reload(c Config) error {
	if m.phase != watching {
		return errors.New("reload: shutdown is under way")
	}
	if err := c.Check(); err != nil {
		return err
	}
	upses := make([]*ups, 0, len(c.UPSes))
	for _, mon := range c.UPSes {
		u := m.lookup(mon.Name)
		if u == nil {
			u = &ups{heard: m.clock.now}
		}
		u.UPS = mon
		upses = append(upses, u)
	}
	m.cfg, m.upses = c, upses
	return nil
}

// Step takes in what is new at the time now and returns what is to be done, in
// order. now should have a monotonic reading, as [time.Now] gives it; without
// one, a clock that is set looks like time that passes.
func (m *Machine) Step(now time.Time, in Input) []Action {
	m.out = nil
	if m.phase == ended {
		return nil
	}
	m.pass(now, in)
	for _, r := range in.Readings {
		u := m.lookup(r.Name)
		if u == nil {
			continue
		}
		if in.Wake {
			u.contact = r.heard()
		}
		m.observe(u, r)
	}
	if m.phase == watching {
		m.decide(in.Force)
	}
	m.proceed()
	m.clock.due(m.clock.now + m.PollFreq())
	return m.out
}

// Next is when to step at the latest, if nothing is new before; the zero Time
// before the first step, and after Exit.
func (m *Machine) Next() time.Time {
	if !m.clock.started || m.phase == ended {
		return time.Time{}
	}
	return m.clock.outer.Add(m.clock.next - m.clock.now)
}

// PollFreq is how often to poll now a UPS that does not tell of itself.
func (m *Machine) PollFreq() time.Duration {
	period := m.cfg.PollFreq
	for _, u := range m.upses {
		if u.low.on {
			return shorter(m.cfg.PollFreqAlert, max(m.cfg.LowBattery, 0))
		}
		if u.onBattery.on {
			period = m.cfg.PollFreqAlert
		}
	}
	return period
}

// shorter is a period of at most poll at whose multiples wait ends, and no
// less than a second where poll is not.
func shorter(poll, wait time.Duration) time.Duration {
	a, b := poll, wait
	for b != 0 {
		a, b = b, a%b
	}
	return min(poll, max(a, time.Second))
}

// decide counts the supplies, and forces a shutdown if they do not suffice.
func (m *Machine) decide(forced bool) {
	supplies := 0
	var why []string
	for _, u := range m.upses {
		m.track(u)
		if reason := m.critical(u); reason != "" {
			why = append(why, u.Name+": "+reason)
		} else {
			supplies += u.Value
		}
	}
	switch {
	case forced:
		m.begin("forced by the operator")
	case supplies < m.cfg.MinSupplies:
		m.begin(strings.Join(why, "; "))
	}
}

// pass lets the time go on to now, and takes in what concerns this host.
func (m *Machine) pass(now time.Time, in Input) {
	jump := m.clock.advance(now)
	if in.Sleep {
		m.asleep = true
		m.notify(SuspendStarting, nil, "")
	}
	if jump == 0 {
		jump = in.Jump
	}
	if jump != 0 {
		m.jumped(jump, in.Wake)
	}
	if in.Wake {
		m.asleep = false
		for _, u := range m.upses {
			u.forget(m.clock.now)
		}
		m.notify(SuspendFinished, nil, "")
	}
	if !in.Orphaned {
		m.orphaned.on = false
	} else if !m.orphaned.on || m.clock.reached(m.orphaned.since, orphanWarn) {
		m.orphaned = span{on: true, since: m.clock.now}
		m.notify(NoParent, nil, "")
	}
}

// jumped starts the silence of each UPS anew, once until it is heard again: a
// host that is always late must still find out that a UPS is dead.
func (m *Machine) jumped(by time.Duration, waking bool) {
	for _, u := range m.upses {
		if !u.excused {
			u.heard, u.excused = m.clock.now, true
		}
	}
	if !m.asleep && !waking {
		m.notify(TimeJump, nil, by.String())
	}
}

func (m *Machine) lookup(name string) *ups {
	i := slices.IndexFunc(m.upses, func(u *ups) bool { return u.Name == name })
	if i < 0 {
		return nil
	}
	return m.upses[i]
}

func (m *Machine) do(a Action) { m.out = append(m.out, a) }

// notify tells t about u; nil for what concerns this host.
func (m *Machine) notify(t Type, u *ups, text string) {
	n, ok := m.cfg.Notices[t]
	if !ok {
		n = DefaultNotice(t)
	}
	a := Notify{Type: t, Text: text, Flags: n.Flags}
	if u != nil {
		a.UPS = u.Name
		a.Message = n.message(u.Name, text)
	} else {
		a.Message = n.message(text)
	}
	m.do(a)
}
