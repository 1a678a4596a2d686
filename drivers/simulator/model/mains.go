package model

import (
	"math"
	"time"
)

// Mains is what comes out of the wall.
type Mains struct {
	Voltage   float64 // nominal
	Frequency float64 // nominal
	Seed      uint64  // of its small variations
	Outage    Event   // no voltage at all
	Sag       Event   // 14 % too low
	Surge     Event   // 12 % too high
}

// Event comes again and again. The zero Event never comes.
type Event struct {
	First time.Duration // when it first begins
	Every time.Duration // from one beginning to the next; 0 for only once
	Lasts time.Duration // 0 for never
}

// Active tells whether it is on at a time since the start.
func (e Event) Active(at time.Duration) bool {
	since := at - e.First
	if since < 0 {
		return false
	}
	if e.Every > 0 {
		since %= e.Every
	}
	return since < e.Lasts
}

// How far the mains goes from its nominal values, as a part of them.
const (
	voltageWander   = 0.012
	frequencyWander = 0.0008
	sag             = 0.86
	surge           = 1.12
)

// at is the voltage and the frequency at a time since the start; both are 0
// in an outage.
func (m Mains) at(t time.Duration) (volts, hertz float64) {
	if m.Outage.Active(t) {
		return 0, 0
	}
	return m.present(t)
}

// present is what they are where there is no outage.
func (m Mains) present(t time.Duration) (volts, hertz float64) {
	volts = m.Voltage * (1 + voltageWander*wander(m.Seed, 20*time.Second, t))
	switch {
	case m.Sag.Active(t):
		volts *= sag
	case m.Surge.Active(t):
		volts *= surge
	}
	return volts, m.Frequency * (1 + frequencyWander*wander(m.Seed+1, 7*time.Second, t))
}

// wander is a smooth course between -1 and +1 that depends on nothing but seed
// and time. It has a new direction every pace.
func wander(seed uint64, pace, t time.Duration) float64 {
	n, rest := uint64(t/pace), t%pace
	part := float64(rest) / float64(pace)
	blend := (1 - math.Cos(math.Pi*part)) / 2
	return noise(seed, n)*(1-blend) + noise(seed, n+1)*blend
}

// noise hashes (splitmix64) to a number between -1 and +1.
func noise(seed, n uint64) float64 {
	z := seed*0x9e3779b97f4a7c15 + n*0xd1b54a32d192ed03
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(z>>11)/(1<<52) - 1
}
