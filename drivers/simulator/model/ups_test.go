package model

import (
	"math"
	"testing"
	"time"
)

// plain is a UPS without wear, variations and events, in round numbers.
func plain() Spec {
	return Spec{
		Power: 1000, RealPower: 900, Ambient: 20,
		Battery: Battery{Capacity: 100, Voltage: 24, Health: 1, Charge: 1, Charger: 100},
		Mains:   Mains{Voltage: 230, Frequency: 50},
		Load:    Load{Level: 0.5},
	}
}

func on(first, lasts time.Duration) Event { return Event{First: first, Lasts: lasts} }

const always = 1000 * time.Hour

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s is %g, want %g", what, got, want)
	}
}

// TestEnergy: what came from the mains is what the load took, what was lost, and
// what the battery has more than before.
func TestEnergy(t *testing.T) {
	for _, online := range []bool{false, true} {
		s := plain()
		s.Online, s.Battery.Cycles, s.Load.Swing, s.Mains.Seed = online, 50, 0.3, 7
		s.Mains.Outage = Event{First: time.Minute, Every: 20 * time.Minute, Lasts: 4 * time.Minute}
		u := New(s)
		before := u.Reading()
		for range 500 {
			was := u.Reading().Total
			u.Step(17 * time.Second)
			now := u.Reading().Total
			if now.Loss < was.Loss || now.Load < was.Load || now.Mains < was.Mains {
				t.Fatalf("energy came from nowhere: %+v, then %+v", was, now)
			}
		}
		after := u.Reading()
		e := after.Total
		near(t, "stored energy", after.EnergyInside-before.EnergyInside, e.Stored, 1e-6)
		near(t, "balance", e.Mains-e.Load-e.Loss-e.Stored, 0, 1e-6)
		if e.Load < 0.9*450*500*17/3600 {
			t.Errorf("the load got %g Wh", e.Load)
		}
	}
}

// TestDischarge: the charge falls in proportion to the load, and the battery
// lasts as long as was promised.
func TestDischarge(t *testing.T) {
	fall := func(level float64) float64 {
		s := plain()
		s.Load.Level, s.Mains.Outage = level, on(0, always)
		u := New(s)
		u.Step(2 * time.Minute)
		return 1 - u.Reading().Charge
	}
	idle := fall(0)
	near(t, "fall at twice the load", fall(0.8)-idle, 2*(fall(0.4)-idle), 1e-9)
	near(t, "fall at half load", fall(0.5), (450/inverterEfficiency+9)/cellEfficiency*120/3600/100, 1e-9)

	s := plain()
	s.Mains.Outage = on(0, always)
	u := New(s)
	u.Step(time.Second)
	promised := u.Reading().Runtime
	u.Step(promised - 2*time.Second)
	if r := u.Reading(); r.State.Off {
		t.Errorf("dead at %v, %v were promised", r.Now, promised)
	}
	u.Step(5 * time.Second)
	if r := u.Reading(); !r.State.Off || r.Output.Volts != 0 || r.Load != 0 {
		t.Errorf("still alive at %v, %v were promised", r.Now, promised)
	}
}

func TestAge(t *testing.T) {
	s := plain()
	s.Battery.Health = 0.5
	old, young := New(s), New(plain())
	near(t, "runtime of a battery at half its health", old.Reading().Runtime.Seconds(), young.Reading().Runtime.Seconds()/2, 1)
	if !old.Reading().State.Replace || young.Reading().State.Replace {
		t.Error("the old one should be replaced, the young one not")
	}
	s = plain()
	s.Battery.Cycles = 1
	s.Mains.Outage = on(0, always)
	u := New(s)
	u.Step(time.Hour)
	near(t, "health after one full discharge of one", u.Reading().Health, 0.6, 0.08)
}

// TestOutage goes through the life of an outage.
func TestOutage(t *testing.T) {
	s := plain()
	s.Mains.Outage = on(time.Minute, 10*time.Minute)
	u := New(s)
	at := func(when time.Duration) Reading {
		u.Step(when - u.now)
		return u.Reading()
	}
	if r := at(59 * time.Second); !r.State.Mains || r.State.Battery || r.State.Charging {
		t.Errorf("before: %+v", r.State)
	}
	if r := at(61 * time.Second); r.State.Mains || !r.State.Battery || r.Input.Volts != 0 || r.Output.Volts != 230 {
		t.Errorf("in the outage: %+v, %+v", r.State, r.Input)
	}
	if r := at(9 * time.Minute); r.State.Low || r.Battery.Volts > 24.5 {
		t.Errorf("not yet low: %+v at %g V", r.State, r.Battery.Volts)
	}
	if r := at(10*time.Minute + 50*time.Second); !r.State.Low {
		t.Errorf("low: %+v, charge %g", r.State, r.Charge)
	}
	if r := at(11*time.Minute + time.Second); !r.State.Mains || r.State.Battery || !r.State.Charging || !r.State.Low {
		t.Errorf("after: %+v", r.State)
	}
	if r := at(20 * time.Minute); r.State.Low || !r.State.Charging {
		t.Errorf("recovering: %+v", r.State)
	}
	if r := at(4 * time.Hour); r.Charge < 0.9999 || r.State.Charging {
		t.Errorf("recovered: %+v, charge %g", r.State, r.Charge)
	}
}

func TestLowByRuntime(t *testing.T) {
	s := plain()
	s.Mains.Outage = on(0, always)
	u := New(s)
	u.RuntimeLow = 5 * time.Minute
	u.Step(7 * time.Minute)
	if r := u.Reading(); !r.State.Low || r.Charge < u.ChargeLow {
		t.Errorf("runtime %v, low %v", r.Runtime, r.State.Low)
	}
}

func TestVoltageRegulation(t *testing.T) {
	for _, tt := range []struct {
		name        string
		online      bool
		sag, surge  Event
		boost, trim bool
		out         float64
	}{
		{"plain", false, Event{}, Event{}, false, false, 230},
		{"sag", false, on(0, always), Event{}, true, false, 230 * sag * boostBy},
		{"surge", false, Event{}, on(0, always), false, true, 230 * surge * trimBy},
		{"sag, online", true, on(0, always), Event{}, false, false, 230},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := plain()
			s.Online, s.Mains.Sag, s.Mains.Surge = tt.online, tt.sag, tt.surge
			r := New(s).Reading()
			if r.State.Boost != tt.boost || r.State.Trim != tt.trim || r.State.Battery {
				t.Errorf("state %+v", r.State)
			}
			near(t, "output voltage", r.Output.Volts, tt.out, 230*2*voltageWander)
		})
	}
}

func TestTransfer(t *testing.T) {
	s := plain()
	s.Mains.Sag = on(0, always)
	u := New(s)
	u.TransferLow = 210
	u.Step(time.Second)
	if r := u.Reading(); r.State.Mains || !r.State.Battery || r.Input.Volts < 190 {
		t.Errorf("under the threshold: %+v at %g V", r.State, r.Input.Volts)
	}
}

func TestStarved(t *testing.T) {
	for _, auto := range []bool{true, false} {
		s := plain()
		s.Mains.Outage = on(0, time.Hour)
		u := New(s)
		u.AutoStart = auto
		u.Step(time.Hour - time.Second)
		if r := u.Reading(); !r.State.Off || r.EnergyInside != 0 {
			t.Fatalf("not starved: %+v", r)
		}
		u.Step(u.Start + 5*time.Second)
		if r := u.Reading(); r.State.Off == auto || !r.State.Charging {
			t.Errorf("auto start %v: %+v", auto, r.State)
		}
	}
}

func TestOverload(t *testing.T) {
	s := plain()
	s.Load.Level = 1.1
	if r := New(s).Reading(); !r.State.Overloaded || r.Load <= 1 {
		t.Errorf("load %g, %+v", r.Load, r.State)
	}
}

// TestDeterminism: the same steps bring the same, and the pace does not matter.
func TestDeterminism(t *testing.T) {
	s := plain()
	s.Load.Swing, s.Mains.Seed = 0.2, 3
	s.Mains.Outage = Event{First: time.Minute, Every: 5 * time.Minute, Lasts: time.Minute}
	a, b, c := New(s), New(s), New(s)
	for range 600 {
		a.Step(time.Second)
		c.Step(700 * time.Millisecond)
		c.Step(300 * time.Millisecond)
	}
	b.Step(10 * time.Minute)
	if a.Reading() != b.Reading() {
		t.Errorf("step by step %+v, at once %+v", a.Reading(), b.Reading())
	}
	near(t, "charge at another pace", c.Reading().Charge, a.Reading().Charge, 1e-3)
	s.Mains.Seed = 4
	if d := New(s); d.Reading().Input.Volts == New(plain()).Reading().Input.Volts {
		t.Error("another seed brings the same voltage")
	}
}

func TestWander(t *testing.T) {
	last := wander(9, time.Second, 0)
	low, high := last, last
	for at := time.Duration(0); at < time.Minute; at += 10 * time.Millisecond {
		x := wander(9, time.Second, at)
		if math.Abs(x) > 1 || math.Abs(x-last) > 0.05 {
			t.Fatalf("at %v from %g to %g", at, last, x)
		}
		last, low, high = x, min(low, x), max(high, x)
	}
	if low > -0.5 || high < 0.5 {
		t.Errorf("it goes only from %g to %g", low, high)
	}
}

func TestWarmth(t *testing.T) {
	s := plain()
	s.Mains.Outage = on(time.Hour, 8*time.Minute)
	u := New(s)
	u.Step(time.Hour)
	rest := u.Reading().Temperature
	u.Step(8 * time.Minute)
	if warm := u.Reading().Temperature; warm < rest+1 || rest < 20 {
		t.Errorf("from %g to %g degrees", rest, warm)
	}
}
