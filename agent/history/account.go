package history

import (
	"maps"
	"slices"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// maxGap is the longest time in which nobody looked at a UPS that is still
// taken for time on battery where it was on battery before and after.
const maxGap = 10 * time.Minute

// Account is what has been counted of one UPS. The zero Account has nothing.
type Account struct {
	Seen         time.Time        `json:"seen"` // up to when all is counted
	Transfers    map[Cause]uint64 `json:"transfers,omitempty"`
	Outages      uint64           `json:"outages"` // transfers because of the mains, see [Cause.Planned]
	OnBattery    time.Duration    `json:"on_battery_ns"`
	LastTransfer time.Time        `json:"last_transfer,omitzero"`
	Tested       time.Time        `json:"tested,omitzero"`         // when the last self-test was seen to end
	TestResult   string           `json:"test_result,omitempty"`   // of that one, in the device's words
	Measured     float64          `json:"measured_joules"`         // energy, where the device measures power
	Estimated    float64          `json:"estimated_joules"`        // energy, from load and nominal power
	Outage       *Outage          `json:"present_outage,omitzero"` // nil on mains
}

// Step counts the time up to now, in which the UPS was as last says, and then
// what next says, which holds from now on. last is nil for a time in which
// nobody looked: it is counted only as far as it must have been on battery. It
// returns the outage that is over, nil for none. A clock that was set back
// counts nothing.
func (a *Account) Step(last, next *nut.Snapshot, now time.Time) (over *Outage) {
	watched := last != nil && last.Health == nut.Live
	if watched {
		a.pass(last, now)
	}
	if next.Health != nut.Live {
		return nil
	}
	if watched {
		a.test(last, next, now)
	}
	if status := next.Status(); status != nil {
		over = a.transfer(next, now, watched)
	}
	a.Seen = now
	return over
}

// pass counts the time from Seen to now.
func (a *Account) pass(last *nut.Snapshot, now time.Time) {
	passed := since(a.Seen, now)
	a.Seen = now
	if onBattery(last) {
		a.spend(passed)
	}
	watts, measured := power(last)
	if measured {
		a.Measured += watts * passed.Seconds()
	} else {
		a.Estimated += watts * passed.Seconds()
	}
}

// spend counts time on battery.
func (a *Account) spend(passed time.Duration) {
	a.OnBattery += passed
	if a.Outage != nil {
		a.Outage.OnBattery += passed
	}
}

// transfer counts what next says of mains and battery.
func (a *Account) transfer(next *nut.Snapshot, now time.Time, watched bool) (over *Outage) {
	on := onBattery(next)
	if on && !watched && a.Outage != nil {
		gap := since(a.Seen, now)
		if gap > maxGap {
			over = a.end(true)
		} else {
			a.spend(gap)
		}
	}
	switch {
	case on && a.Outage == nil:
		a.begin(next, now)
	case on:
		a.Outage.note(next)
	case a.Outage != nil:
		over = a.end(!watched)
	}
	return over
}

func (a *Account) begin(s *nut.Snapshot, now time.Time) {
	a.Outage = &Outage{Start: now}
	a.Outage.note(s)
	cause := a.Outage.Cause
	if a.Transfers == nil {
		a.Transfers = make(map[Cause]uint64)
	}
	a.Transfers[cause]++
	a.LastTransfer = now
	if !cause.Planned() {
		a.Outages++
	}
}

// end closes the present outage at the last moment at which the UPS was seen.
func (a *Account) end(unseen bool) *Outage {
	o := a.Outage
	o.End, o.EndUnseen = o.Start.Add(since(o.Start, a.Seen)), unseen
	a.Outage = nil
	return o
}

// test notes a self-test that has ended.
func (a *Account) test(last, next *nut.Snapshot, now time.Time) {
	const name = "ups.test.result"
	result := next.Value(name)
	if result != last.Value(name) && isResult(result) {
		a.Tested, a.TestResult = now, clip(result)
	}
}

// clone returns an Account that shares nothing with a.
func (a *Account) clone() Account {
	c := *a
	c.Transfers = maps.Clone(a.Transfers)
	if a.Outage != nil {
		c.Outage = new(*a.Outage)
	}
	return c
}

// isResult tells whether a value of ups.test.result speaks of a test that is over.
func isResult(value string) bool {
	return !slices.ContainsFunc([]string{"", "In progress", "No test initiated", "Test scheduled"},
		func(s string) bool { return nut.Name(s).Equal(nut.Name(value)) })
}

func onBattery(s *nut.Snapshot) bool { return s.Status().Has(nut.StatusOnBattery) }

// since is the time from a to b, 0 if the clock was set back or there is no a.
func since(a, b time.Time) time.Duration {
	if a.IsZero() {
		return 0
	}
	return max(0, b.Sub(a))
}
