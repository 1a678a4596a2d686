package monitor

import (
	"time"

	"github.com/wattnut/wattnut/nut"
)

// track notes since when u has been in what it is in, and repeats the notices
// that are repeated.
func (m *Machine) track(u *ups) {
	now := m.clock.now
	u.lost.hold(u.comm == commLost, now)
	u.off.hold(u.is[Off], now)
	u.over.hold(u.is[Overload], now)
	u.onBattery.hold(u.is[OnBattery], now)

	dead := u.onBattery.on && m.clock.exceeded(u.heard, m.cfg.DeadTime)
	u.agreed.hold(u.onBattery.on && u.agrees(), now)
	believed := !u.Agree.On || u.agreed.on && m.clock.reached(u.agreed.since, u.Agree.For)
	low := u.onBattery.on && !u.is[Calibrating] && (dead || u.is[LowBattery] && believed)
	u.low.hold(low, now)

	if u.comm == commLost && m.cfg.NoCommWarn > 0 && m.clock.reached(u.heard, m.cfg.NoCommWarn) {
		m.repeat(&u.noComm, m.cfg.NoCommWarn, NoComm, u)
	}
	if u.comm != commLost {
		u.noComm.on = false
	}
	if u.comm == commGood && u.is[ReplaceBattery] {
		m.repeat(&u.replace, m.cfg.ReplaceWarn, ReplaceBattery, u)
	}
}

// repeat tells t if it was not told yet, or not for longer than period. A
// period of 0 does not repeat.
func (m *Machine) repeat(told *span, period time.Duration, t Type, u *ups) {
	if told.on && (period <= 0 || !m.clock.exceeded(told.since, period)) {
		return
	}
	*told = span{on: true, since: m.clock.now}
	m.notify(t, u, "")
}

// agrees tells whether the battery's own figures bear out that it is low.
func (u *ups) agrees() bool {
	charge := u.figure("battery.charge", u.Agree.Charge)
	runtime := u.figure("battery.runtime", u.Agree.Runtime.Seconds())
	return charge == under || runtime == under || charge == absent && runtime == absent
}

// standing is where a figure stands to its threshold.
type standing uint8

const (
	absent standing = iota // no figure, or no threshold
	above
	under // or on it
)

// figure compares a figure that the UPS gave last with a limit; 0 stands for the
// UPS's own threshold.
func (u *ups) figure(name nut.Name, limit float64) standing {
	if u.last == nil {
		return absent
	}
	value, ok := u.last.Number(name)
	if limit == 0 {
		limit, _ = u.last.Number(name + ".low")
	}
	switch {
	case !ok, limit == 0:
		return absent
	case value <= limit:
		return under
	}
	return above
}
