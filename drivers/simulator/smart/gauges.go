package smart

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

type gauge = func(*UPS, model.Reading, *model.UPS) string

// gauges say what the UPS is and measures, by the letter that asks.
var gauges = map[byte]gauge{
	'\x01': func(u *UPS, _ model.Reading, _ *model.UPS) string { return u.id.Model },
	'b':    func(u *UPS, _ model.Reading, _ *model.UPS) string { return u.id.Firmware },
	'V':    func(u *UPS, _ model.Reading, _ *model.UPS) string { return "FW" + u.id.Firmware[len(u.id.Firmware)-1:] },
	'v':    func(*UPS, model.Reading, *model.UPS) string { return "4Kx" },
	'n':    func(u *UPS, _ model.Reading, _ *model.UPS) string { return u.id.Serial },
	'm':    func(u *UPS, _ model.Reading, _ *model.UPS) string { return u.id.Date },
	'Q':    func(u *UPS, r model.Reading, _ *model.UPS) string { return fmt.Sprintf("%02X", u.status(r.State)) },
	'B':    func(_ *UPS, r model.Reading, _ *model.UPS) string { return fmt.Sprintf("%05.2f", r.Battery.Volts) },
	'C':    func(_ *UPS, r model.Reading, _ *model.UPS) string { return fmt.Sprintf("%05.1f", r.Temperature) },
	'F':    func(_ *UPS, r model.Reading, _ *model.UPS) string { return fmt.Sprintf("%05.2f", r.Output.Hertz) },
	'L':    func(_ *UPS, r model.Reading, _ *model.UPS) string { return fmt.Sprintf("%05.1f", r.Input.Volts) },
	'O':    func(_ *UPS, r model.Reading, _ *model.UPS) string { return fmt.Sprintf("%05.1f", r.Output.Volts) },
	'P':    func(_ *UPS, r model.Reading, _ *model.UPS) string { return fmt.Sprintf("%05.1f", 100*r.Load) },
	'/':    func(_ *UPS, r model.Reading, _ *model.UPS) string { return fmt.Sprintf("%05.2f", r.Output.Amps) },
	'f':    func(_ *UPS, r model.Reading, _ *model.UPS) string { return fmt.Sprintf("%05.1f", 100*r.Charge) },
	'j': func(_ *UPS, r model.Reading, _ *model.UPS) string {
		return fmt.Sprintf("%04d:", int(r.Runtime/time.Minute))
	},
	'g': func(_ *UPS, _ model.Reading, m *model.UPS) string { return fmt.Sprintf("%03.0f", m.Battery.Voltage) },
	'M': func(u *UPS, _ model.Reading, _ *model.UPS) string { return fmt.Sprintf("%05.1f", u.highest) },
	'N': func(u *UPS, _ model.Reading, _ *model.UPS) string { return fmt.Sprintf("%05.1f", u.lowest) },
	'G': func(u *UPS, _ model.Reading, _ *model.UPS) string { return u.reason },
	'X': func(_ *UPS, r model.Reading, _ *model.UPS) string { return tests[r.Test] },
	'9': func(_ *UPS, r model.Reading, _ *model.UPS) string {
		if r.State.Mains {
			return "FF"
		}
		return "00"
	},
	'>': func(*UPS, model.Reading, *model.UPS) string { return "000" },
}

// tests are the letters for the outcome of a battery test.
var tests = map[model.TestResult]string{
	model.NotTested: "NO", model.InProgress: "IP", model.Passed: "OK", model.Worn: "BT", model.Aborted: "NG",
}

// letters are all that the UPS takes, in order.
func (u *UPS) letters() string {
	all := []byte("-RYa\x1a")
	all = slices.AppendSeq(all, maps.Keys(gauges))
	all = slices.AppendSeq(all, maps.Keys(orders))
	all = slices.AppendSeq(all, maps.Keys(u.texts))
	for _, k := range u.keeps {
		all = append(all, k.letter)
	}
	slices.Sort(all)
	return string(slices.Compact(all))
}

// The bits of the status, as Q tells it.
const (
	calibrating byte = 1 << iota
	trim
	boost
	onLine
	onBattery
	overload
	low
	replace
)

// status is how the UPS is, as one byte.
func (u *UPS) status(s model.State) byte {
	var b byte
	for _, bit := range []struct {
		is  bool
		bit byte
	}{
		{s.Calibrating, calibrating},
		{s.Trim, trim},
		{s.Boost, boost},
		{s.Overloaded, overload},
		{s.Low, low},
		{s.Replace, replace},
	} {
		if bit.is {
			b |= bit.bit
		}
	}
	switch {
	case s.Off:
		return b
	case !s.Mains || u.feigns():
		return b | onBattery
	}
	return b | onLine
}

// alerts are what the UPS says unasked, because of what changed.
func (u *UPS) alerts() string {
	var now byte
	u.do(func(m *model.UPS) {
		r := m.Reading()
		now = u.status(r.State)
		if u.highest == 0 {
			u.lowest = r.Input.Volts
		}
		u.lowest, u.highest = min(u.lowest, r.Input.Volts), max(u.highest, r.Input.Volts)
	})
	was := u.shown
	u.shown = now
	if was == 0 || now == 0 || !u.smart { // off, it has nothing to say
		return ""
	}
	var says []byte
	for _, a := range []struct {
		bit      byte
		on, gone string
	}{{onBattery, "!", "$"}, {low, "%", "+"}, {overload, "?", "="}, {replace, "#", ""}} {
		switch {
		case now&a.bit != 0 && was&a.bit == 0:
			says = append(says, a.on...)
		case now&a.bit == 0 && was&a.bit != 0:
			says = append(says, a.gone...)
		}
	}
	if now&onBattery != 0 && was&onBattery == 0 {
		u.reason = "L"
		if u.feigns() {
			u.reason = "S"
		}
	}
	return string(says)
}
