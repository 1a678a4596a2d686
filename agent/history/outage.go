package history

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wattnut/wattnut/nut"
)

// Outage is one stay on battery.
type Outage struct {
	Start     time.Time     `json:"start"`
	End       time.Time     `json:"end,omitzero"`           // zero while it goes on
	EndUnseen bool          `json:"end_unseen,omitzero"`    // nobody looked when it ended: End is the last that was seen of it
	OnBattery time.Duration `json:"on_battery_ns"`          // as far as it was seen
	Lowest    *float64      `json:"lowest_charge,omitzero"` // of the battery, in percent; nil where the device does not say
	Cause     Cause         `json:"cause"`
	Said      string        `json:"said,omitempty"` // the cause in the device's words
}

// note takes what a snapshot on battery says of the outage. Many devices tell
// the cause only some time after its beginning.
func (o *Outage) note(s *nut.Snapshot) {
	if charge, ok := s.Number("battery.charge"); ok && (o.Lowest == nil || charge < *o.Lowest) {
		o.Lowest = new(charge)
	}
	if o.Cause == "" || o.Cause == Unknown {
		o.Cause, o.Said = causeOf(s), clip(s.Value("input.transfer.reason"))
	}
}

// Cause is why a UPS went to battery.
type Cause string

// The causes.
const (
	SelfTest    Cause = "self_test"
	Calibration Cause = "calibration"
	Command     Cause = "command" // somebody's
	VoltageLow  Cause = "voltage_low"
	VoltageHigh Cause = "voltage_high"
	Disturbance Cause = "disturbance" // a notch, a spike, a fast change
	Frequency   Cause = "frequency"
	Unknown     Cause = "unknown" // the device does not tell
)

// Causes has all causes.
func Causes() []Cause {
	return []Cause{SelfTest, Calibration, Command, VoltageLow, VoltageHigh, Disturbance, Frequency, Unknown}
}

// Planned tells whether somebody wanted it, and the mains had no part in it.
func (c Cause) Planned() bool { return c == SelfTest || c == Calibration || c == Command }

// spoken are words of input.transfer.reason in lower case, as devices of several
// makers have them. The first that fits counts.
var spoken = []struct {
	word  string
	cause Cause
}{
	{"self-test", SelfTest},
	{"self test", SelfTest},
	{"selftest", SelfTest},
	{"test control", SelfTest},
	{"calibration", Calibration},
	{"command", Command},
	{"notch", Disturbance},
	{"spike", Disturbance},
	{"rate of change", Disturbance},
	{"frequency", Frequency},
	{"high", VoltageHigh},
	{"over voltage", VoltageHigh},
	{"overvoltage", VoltageHigh},
	{"swell", VoltageHigh},
	{"low", VoltageLow},
	{"under voltage", VoltageLow},
	{"undervoltage", VoltageLow},
	{"brownout", VoltageLow},
	{"blackout", VoltageLow},
	{"sag", VoltageLow},
	{"power fail", VoltageLow},
}

// causeOf finds why a UPS that is on battery went there: by its status, its own
// words, or its input voltage against the band in which it stays on mains.
func causeOf(s *nut.Snapshot) Cause {
	switch status := s.Status(); {
	case status.Has(nut.StatusCalibrating):
		return Calibration
	case status.Has(nut.StatusTest), nut.Name(s.Value("ups.test.result")).Equal("In progress"):
		return SelfTest
	}
	said := strings.ToLower(clip(s.Value("input.transfer.reason")))
	for _, row := range spoken {
		if strings.Contains(said, row.word) {
			return row.cause
		}
	}
	voltage, ok := s.Number("input.voltage")
	if !ok {
		return Unknown
	}
	if low, ok := s.Number("input.transfer.low"); voltage == 0 || ok && voltage < low {
		return VoltageLow
	}
	if high, ok := s.Number("input.transfer.high"); ok && voltage > high {
		return VoltageHigh
	}
	return Unknown
}

const maxWords = 200 // bytes that are kept of a device's words

// clip cuts what a device says to a length that can be kept.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxWords {
		return s
	}
	n := maxWords
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
