package nut

import (
	"slices"
	"strings"
)

// The words of ups.status (RFC 9271 section 5.1 and NUT's own list). A device
// may say others; a reader must accept and ignore what it does not know.
const (
	StatusOnline      = "OL"
	StatusOnBattery   = "OB"
	StatusLowBattery  = "LB"
	StatusHighBattery = "HB"
	StatusReplace     = "RB"
	StatusCharging    = "CHRG"
	StatusDischarging = "DISCHRG"
	StatusBypass      = "BYPASS"
	StatusCalibrating = "CAL"
	StatusOff         = "OFF"
	StatusOverload    = "OVER"
	StatusTrim        = "TRIM"
	StatusBoost       = "BOOST"
	StatusForced      = "FSD"
	StatusAlarm       = "ALARM"
	StatusTest        = "TEST"
	StatusEco         = "ECO"
	StatusWait        = "WAIT"
)

// Status is the words of ups.status in the order the device gave them, each
// once. The nil Status says nothing at all: the UPS counts as gone.
type Status []string

// ParseStatus splits the value of ups.status into its words.
func ParseStatus(value string) Status {
	var s Status
	for word := range strings.FieldsSeq(value) {
		if !slices.Contains(s, word) {
			s = append(s, word)
		}
	}
	return s
}

// Has tells whether word is among the words of s. Words are upper case.
func (s Status) Has(word string) bool { return slices.Contains(s, word) }

// String is the value of ups.status.
func (s Status) String() string { return strings.Join(s, " ") }
