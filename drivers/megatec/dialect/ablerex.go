package dialect

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// The raw numbers of a Q5 answer that other rows need. They are not published.
const (
	ablerexRaw = "ablerex.battery"
	ablerexLow = "ablerex.low"
)

// ablerexQ5 reads an answer in binary: the output's frequency, and on the way
// the battery's raw voltages, a current and an error.
func ablerexQ5(u *Unit, r reading) (string, error) {
	if len(r.answer) < 17 {
		return "", fmt.Errorf("%w: too short", errNone)
	}
	at := func(i int) float64 { return float64(binary.BigEndian.Uint16(r.answer[i:])) }
	for name, raw := range map[string]float64{ablerexRaw: at(7), ablerexLow: at(9)} {
		u.hidden[name] = true
		if u.facts[name] = decimal(raw, 0); raw == 0 {
			delete(u.facts, name)
		}
	}
	u.facts["output.current"] = decimal(at(15)/10, 1)
	fault := int(at(13))
	u.extraAlarms(r.row, []alarm{{fault != 0, fmt.Sprintf("UPS error number %d!", fault)}})
	return r.format(at(1) / 10), nil
}

// ablerexRuntime reads 32 bits of seconds.
func ablerexRuntime(_ *Unit, r reading) (string, error) {
	if len(r.answer) < 5 {
		return "", fmt.Errorf("%w: too short", errNone)
	}
	return decimal(float64(binary.BigEndian.Uint32(r.answer[1:])), 0), nil
}

// ablerexTest reads the four characters of a test's result.
func ablerexTest(_ *Unit, r reading) (string, error) {
	if len(r.answer) < 5 {
		return "", fmt.Errorf("%w: too short", errNone)
	}
	return string(r.answer[1:5]), nil
}

// ablerexVoltage is the battery's voltage: from the raw number that Q5 gave, or
// from a reading that some units give for one cell.
func ablerexVoltage(u *Unit, r reading) (string, error) {
	n, err := number(r.text)
	if err != nil {
		return "", err
	}
	nominal := u.float("battery.voltage.nominal")
	switch raw := u.float(ablerexRaw); {
	case nominal <= 0:
	case raw > 0:
		n = raw * nominal / 1200
	case n < cellVoltage:
		n *= 6 * nominal / 12
	}
	return decimal(n, 2), nil
}

// cellVoltage is more than any lead cell has, and less than a block of them.
const cellVoltage = 3

// ablerexCharge is the charge that goes with a voltage at rest.
func ablerexCharge(u *Unit, r reading) (string, error) {
	n, err := number(r.text)
	if err != nil {
		return "", err
	}
	nominal := u.float("battery.voltage.nominal")
	charge := 100.0
	switch {
	case nominal <= 0:
	case n < cellVoltage:
		charge = step(ablerexCells, n)
	default:
		charge = step(ablerexBlocks, n/(nominal/12))
	}
	return decimal(charge, 0), nil
}

// ladder is a charge for each voltage, one a step below the one before it.
type ladder struct {
	top     float64 // volts of the first
	down    float64 // volts a step
	charges []float64
}

var (
	ablerexCells = ladder{2.22, 0.01, []float64{
		100, 90, 88, 87, 85, 83, 82, 80, 78, 77, 75, 73, 72, 70, 68, 65, 65, 62, 62, 58, 58, 55, 55, 53, 52, 50, 48, 47,
		45, 43, 42, 40, 38, 37, 35, 33, 32, 30, 28, 27, 25, 23, 22, 20, 18, 17, 15, 13, 12, 10, 8, 7, 5, 3, 2, 0,
	}}
	ablerexBlocks = ladder{13.4, 0.1, []float64{ // 100 is from 13.5 on
		90, 90, 88, 86, 83, 80, 77, 74, 72, 69, 66, 63, 61, 58, 55, 52, 49, 47, 44, 41, 38, 36, 33, 30, 27, 24, 22, 19,
		16, 13, 11, 8, 5, 2, 0,
	}}
)

// step is the charge of the highest step that a voltage reaches.
func step(l ladder, volts float64) float64 {
	const slack = 1e-6
	if volts+slack >= l.top+l.down {
		return 100
	}
	for i, charge := range l.charges {
		if volts+slack >= l.top-float64(i)*l.down {
			return charge
		}
	}
	return 0
}

// ablerexLimit is the voltage of an empty battery, or of a full one.
func ablerexLimit(u *Unit, r reading) (string, error) {
	nominal := u.float("battery.voltage.nominal")
	if nominal <= 0 {
		return "", errNone
	}
	raw := 1365.0
	if r.row.Name == "battery.voltage.low" {
		if raw = u.float(ablerexLow); raw == 0 {
			raw = 960
		}
	}
	return decimal(raw*nominal/1200, 2), nil
}

// ablerexStatus reads the bit of what the UPS does, with the one of its type,
// or the bit of its failure.
func ablerexStatus(u *Unit, r reading) (string, error) {
	if strings.Trim(r.text, "01") != "" || r.text == "" {
		return "", fmt.Errorf("%w: %q is no status", errNone, r.text)
	}
	on := r.text[0] == '1'
	if r.row.From == 41 {
		return not(!on, "RB") + " " + not(u.float("output.voltage") >= 50, "OFF"), nil
	}
	switch {
	case !on:
		return "", nil
	case len(r.text) > 2 && r.text[2] == '1':
		return u.adjusting()
	}
	return "BYPASS", nil
}
