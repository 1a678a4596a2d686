package model

import (
	"testing"
	"time"
)

func TestQuickTest(t *testing.T) {
	for _, tt := range []struct {
		health float64
		want   TestResult
	}{{1, Passed}, {0.5, Worn}} {
		s := plain()
		s.Battery.Health = tt.health
		u := New(s)
		if !u.Test(false) || u.Test(false) {
			t.Fatal("one test can be begun, and only one")
		}
		u.Step(quickTest - time.Second)
		if r := u.Reading(); !r.State.Testing || !r.State.Battery || !r.State.Mains || r.Test != InProgress {
			t.Errorf("in the test: %+v", r)
		}
		u.Step(2 * time.Second)
		if r := u.Reading(); r.State.Testing || r.State.Battery || r.Test != tt.want {
			t.Errorf("after the test: %+v, want result %d", r, tt.want)
		}
	}
}

func TestDeepTest(t *testing.T) {
	u := New(plain())
	u.Test(true)
	u.Step(8 * time.Minute)
	if r := u.Reading(); !r.State.Testing || r.Charge > 0.5 {
		t.Errorf("in the test: %+v", r)
	}
	u.Step(4 * time.Minute)
	if r := u.Reading(); r.State.Testing || r.Test != Passed {
		t.Errorf("after the test: %+v", r)
	}
}

func TestTestEnds(t *testing.T) {
	s := plain()
	s.Mains.Outage = on(5*time.Second, time.Second)
	u := New(s)
	u.Test(false)
	u.Step(7 * time.Second)
	if r := u.Reading(); r.Test != Aborted || r.State.Testing {
		t.Errorf("by an outage: %+v", r)
	}
	u.Test(false)
	if !u.StopTest() || u.StopTest() || u.Reading().Test != Aborted {
		t.Error("a test can be stopped once")
	}
}

func TestNoTest(t *testing.T) {
	empty := plain()
	empty.Battery.Charge = 0.3
	dark := plain()
	dark.Mains.Outage = on(0, always)
	for _, s := range []Spec{empty, dark} {
		if u := New(s); u.Test(false) || u.Calibrate() {
			t.Errorf("begun with %+v", u.Reading())
		}
	}
}

func TestCalibration(t *testing.T) {
	u := New(plain())
	if !u.Calibrate() || u.StopTest() {
		t.Fatal("a calibration is not a test")
	}
	u.Step(time.Minute)
	if s := u.Reading().State; !s.Calibrating || !s.Battery || s.Testing {
		t.Errorf("calibrating: %+v", s)
	}
	if !u.StopCalibration() || u.StopCalibration() {
		t.Error("a calibration can be stopped once")
	}
	if r := u.Reading(); r.Test != NotTested || r.State.Calibrating {
		t.Errorf("stopped: %+v", r)
	}
}

// TestShutdownReturn is the cycle that upsmon starts: off, and on again once
// the mains is back.
func TestShutdownReturn(t *testing.T) {
	s := plain()
	s.Mains.Outage = on(0, 5*time.Minute)
	u := New(s)
	u.SwitchOffSoon(true)
	u.Step(u.Shutdown - time.Second)
	if r := u.Reading(); r.State.Off || r.ShutdownIn != time.Second {
		t.Errorf("before: %+v", r)
	}
	u.Step(2 * time.Second)
	if r := u.Reading(); !r.State.Off || r.ShutdownIn >= 0 || r.StartIn >= 0 {
		t.Errorf("off: %+v", r)
	}
	u.Step(5*time.Minute - u.now + 10*time.Second)
	if r := u.Reading(); !r.State.Off || r.StartIn < 0 {
		t.Errorf("mains is back: %+v", r)
	}
	u.Step(u.Start)
	if r := u.Reading(); r.State.Off || r.Output.Volts == 0 {
		t.Errorf("on again: %+v", r)
	}
}

func TestStayOff(t *testing.T) {
	u := New(plain())
	u.SwitchOffSoon(false)
	u.Step(time.Hour)
	if !u.Reading().State.Off {
		t.Error("it came back")
	}
	if !u.SwitchOn() {
		t.Error("it cannot be switched on")
	}
	u.Step(time.Second)
	if u.Reading().State.Off {
		t.Error("it is still off")
	}
}

func TestStopShutdown(t *testing.T) {
	u := New(plain())
	if u.StopShutdown() {
		t.Error("there was nothing to stop")
	}
	u.SwitchOffSoon(true)
	if !u.StopShutdown() {
		t.Error("it cannot be stopped")
	}
	u.Step(time.Hour)
	if u.Reading().State.Off {
		t.Error("it went off all the same")
	}
}

func TestSwitch(t *testing.T) {
	u := New(plain())
	u.SwitchOff()
	u.Step(time.Second)
	if r := u.Reading(); !r.State.Off || r.Output.Volts != 0 || r.Output.Watts != 0 {
		t.Errorf("off: %+v", r)
	}
	u.SwitchOnSoon()
	u.Step(u.Start + time.Second)
	if r := u.Reading(); r.State.Off {
		t.Errorf("on: %+v", r)
	}
}

func TestBypass(t *testing.T) {
	if New(plain()).Bypass(true) {
		t.Error("a line-interactive UPS has no bypass")
	}
	s := plain()
	s.Online = true
	s.Mains.Surge = on(0, always)
	u := New(s)
	if !u.Bypass(true) || u.Bypass(true) {
		t.Error("bypass can be begun once")
	}
	if r := u.Reading(); !r.State.Bypass || r.Output.Volts < 245 {
		t.Errorf("bypass: %+v", r)
	}
}

func TestWire(t *testing.T) {
	s := plain()
	s.Mains.Outage = on(0, always)
	u := New(s)
	for wall, want := range map[Wall]bool{Plugged: true, Unplugged: false, Scheduled: false} {
		u.Wire(wall)
		u.Step(time.Second)
		if got := u.Reading().State.Mains; got != want {
			t.Errorf("switch %d: mains %v", wall, got)
		}
	}
}
