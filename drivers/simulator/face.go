package simulator

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/nut"
)

// describe writes what never changes, and what a client may change.
func (u *device) describe(d *nut.Draft) {
	c := u.config
	for name, value := range map[nut.Name]string{
		"device.type":             "ups",
		"ups.mfr":                 c.Mfr,
		"ups.model":               c.Model,
		"ups.serial":              c.Serial,
		"ups.type":                c.Topology,
		"ups.power.nominal":       number(c.Power, 0),
		"ups.realpower.nominal":   number(c.RealPower, 0),
		"input.voltage.nominal":   number(c.Voltage, 0),
		"input.frequency.nominal": number(c.Frequency, 0),
		"output.voltage.nominal":  number(c.Voltage, 0),
		"battery.voltage.nominal": number(c.BatteryVoltage, 0),
		"battery.capacity":        number(c.Capacity/c.BatteryVoltage, 1),
		"battery.type":            "PbAc",
	} {
		d.Set(name, value)
	}
	for _, k := range knobs {
		d.Put(k.variable)
	}
	for _, o := range orders {
		if !o.online || c.Topology == online {
			d.AddCommand(o.name)
		}
	}
}

// show writes what changes.
func (u *device) show(d *nut.Draft, r model.Reading) {
	d.SetStatus(words(r.State)...)
	for _, g := range gauges {
		d.Set(g.name, number(g.read(r), g.digits))
	}
	d.Set("battery.charger.status", charger(r.State))
	d.Set("ups.test.result", results[r.Test])
	d.Set("ups.beeper.status", u.beeper)
	for _, k := range knobs {
		d.Set(k.variable.Name, k.get(u))
	}
	var alarms []string
	if r.State.Replace {
		alarms = append(alarms, "Replace battery!")
	}
	if r.State.Overloaded {
		alarms = append(alarms, "Overload!")
	}
	d.SetAlarms(alarms...)
}

// gauges are the numbers on the face.
var gauges = []struct {
	name   nut.Name
	digits int
	read   func(model.Reading) float64
}{
	{"battery.charge", 0, func(r model.Reading) float64 { return 100 * r.Charge }},
	{"battery.current", 1, func(r model.Reading) float64 { return -r.Battery.Amps }},
	{"battery.runtime", 0, func(r model.Reading) float64 { return r.Runtime.Seconds() }},
	{"battery.temperature", 1, func(r model.Reading) float64 { return r.Temperature }},
	{"battery.voltage", 1, func(r model.Reading) float64 { return r.Battery.Volts }},
	{"input.current", 2, func(r model.Reading) float64 { return r.Input.Amps }},
	{"input.frequency", 1, func(r model.Reading) float64 { return r.Input.Hertz }},
	{"input.realpower", 0, func(r model.Reading) float64 { return r.Input.Watts }},
	{"input.voltage", 1, func(r model.Reading) float64 { return r.Input.Volts }},
	{"output.current", 2, func(r model.Reading) float64 { return r.Output.Amps }},
	{"output.frequency", 1, func(r model.Reading) float64 { return r.Output.Hertz }},
	{"output.voltage", 1, func(r model.Reading) float64 { return r.Output.Volts }},
	{"ups.load", 0, func(r model.Reading) float64 { return 100 * r.Load }},
	{"ups.power", 0, func(r model.Reading) float64 { return r.Output.Amps * r.Output.Volts }},
	{"ups.realpower", 0, func(r model.Reading) float64 { return r.Output.Watts }},
	{"ups.timer.shutdown", 0, func(r model.Reading) float64 { return seconds(r.ShutdownIn) }},
	{"ups.timer.start", 0, func(r model.Reading) float64 { return seconds(r.StartIn) }},
}

// words are those of ups.status, in the order in which NUT's drivers say them.
func words(s model.State) []string {
	all := []string{nut.StatusOnBattery}
	if s.Mains {
		all[0] = nut.StatusOnline
	}
	for _, w := range []struct {
		is   bool
		word string
	}{
		{s.Calibrating, nut.StatusCalibrating},
		{s.Battery, nut.StatusDischarging},
		{s.Charging, nut.StatusCharging},
		{s.Low, nut.StatusLowBattery},
		{s.Overloaded, nut.StatusOverload},
		{s.Replace, nut.StatusReplace},
		{s.Trim, nut.StatusTrim},
		{s.Boost, nut.StatusBoost},
		{s.Bypass, nut.StatusBypass},
		{s.Off, nut.StatusOff},
		{s.Testing, nut.StatusTest},
	} {
		if w.is {
			all = append(all, w.word)
		}
	}
	return all
}

func charger(s model.State) string {
	switch {
	case s.Battery:
		return "discharging"
	case s.Charging:
		return "charging"
	case s.Mains:
		return "floating"
	}
	return "resting"
}

// results are NUT's words for the outcome of a battery test.
var results = map[model.TestResult]string{
	model.NotTested:  "No test initiated",
	model.InProgress: "In progress",
	model.Passed:     "Done and passed",
	model.Worn:       "Done and warning",
	model.Aborted:    "Aborted",
}

// number writes a quantity with that many digits after the point. What rounds
// to zero has no sign.
func number(x float64, digits int) string {
	scale := math.Pow10(digits)
	return strconv.FormatFloat(math.Round(x*scale)/scale+0, 'f', digits, 64)
}

// seconds is the time left on a timer, or -1, in NUT's way, where none runs.
func seconds(d time.Duration) float64 {
	if d < 0 {
		return -1
	}
	return math.Ceil(d.Seconds())
}

// whole writes a duration in whole seconds.
func whole(d time.Duration) string { return fmt.Sprint(int(d.Seconds())) }
