package model

import "time"

// TestResult is what the last battery test found.
type TestResult uint8

const (
	NotTested  TestResult = iota
	InProgress            // one is running
	Passed
	Worn    // the battery should be replaced
	Aborted // by an order, or because the mains failed
)

// quickTest is how long a quick test takes, and testFloor the charge under
// which none begins.
const (
	quickTest = 10 * time.Second
	testFloor = 0.4
)

// wornOut is the health under which a battery should be replaced.
const wornOut = 0.6

// drill is the use of the battery while the mains is there.
type drill struct {
	kind  kind
	spent time.Duration
}

type kind uint8

const (
	none kind = iota
	quick
	deep
	calibration
)

// Test begins a battery test, of ten seconds or, where deep, until the battery
// is low. It tells whether one could be begun.
func (u *UPS) Test(long bool) bool {
	if long {
		return u.begin(deep)
	}
	return u.begin(quick)
}

// Calibrate begins a discharge to the low threshold, to measure the runtime. It
// tells whether one could be begun.
func (u *UPS) Calibrate() bool { return u.begin(calibration) }

func (u *UPS) begin(k kind) bool {
	if u.off || !u.flow.good || u.drill.kind != none || u.cell.charge() < testFloor {
		return false
	}
	u.drill = drill{kind: k}
	if k != calibration {
		u.result = InProgress
	}
	return true
}

// StopTest ends a test, and tells whether there was one.
func (u *UPS) StopTest() bool {
	if u.drill.kind != quick && u.drill.kind != deep {
		return false
	}
	u.conclude(Aborted)
	return true
}

// StopCalibration ends a calibration, and tells whether there was one.
func (u *UPS) StopCalibration() bool {
	if u.drill.kind != calibration {
		return false
	}
	u.drill = drill{}
	return true
}

// practise goes on with what was begun.
func (u *UPS) practise(dt time.Duration) {
	u.drill.spent += dt
	switch {
	case u.drill.kind == none:
	case u.off || !u.flow.good:
		u.conclude(Aborted)
	case u.drill.kind == quick && u.drill.spent >= quickTest, u.drill.kind != quick && u.low():
		u.conclude(u.verdict())
	}
}

func (u *UPS) conclude(r TestResult) {
	if u.drill.kind != calibration {
		u.result = r
	}
	u.drill = drill{}
}

func (u *UPS) verdict() TestResult {
	if u.cell.Health < wornOut {
		return Worn
	}
	return Passed
}
