package snmpagent

import (
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/snmp"
)

// powerNet is the objects of APC's PowerNet-MIB that a Smart-UPS has.
func powerNet(id Identity) []leaf {
	const (
		ident   = "1.3.6.1.4.1.318.1.1.1.1."
		battery = "1.3.6.1.4.1.318.1.1.1.2."
		input   = "1.3.6.1.4.1.318.1.1.1.3."
		output  = "1.3.6.1.4.1.318.1.1.1.4."
		config  = "1.3.6.1.4.1.318.1.1.1.5."
		control = "1.3.6.1.4.1.318.1.1.1.6."
		test    = "1.3.6.1.4.1.318.1.1.1.7."
	)
	idle := constant(int64(1))
	return []leaf{
		{ident + "1.1.0", snmp.Octets, constant(id.Model), nil},
		note(ident+"1.2.0", id.Name),
		{ident + "2.1.0", snmp.Octets, constant(id.Firmware), nil},
		{ident + "2.3.0", snmp.Octets, constant(id.Serial), nil},

		{battery + "1.1.0", snmp.Integer, choice(2, option{3, func(r model.Reading) bool { return r.State.Low }}), nil},
		{battery + "2.1.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return 100 * r.Charge }), nil},
		{battery + "2.2.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return r.Temperature }), nil},
		{battery + "2.3.0", snmp.Ticks, gauge(func(r model.Reading) float64 { return float64(hundredths(r.Runtime)) }), nil},
		{battery + "2.4.0", snmp.Integer, choice(1, option{2, func(r model.Reading) bool { return r.State.Replace }}), nil},
		{battery + "2.7.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.Battery.Voltage }), nil},
		{battery + "2.8.0", snmp.Integer, gauge(func(r model.Reading) float64 { return r.Battery.Volts }), nil},
		{battery + "3.1.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return 1000 * r.Charge }), nil},
		{battery + "3.4.0", snmp.Integer, gauge(func(r model.Reading) float64 { return 10 * r.Battery.Volts }), nil},
		{battery + "3.5.0", snmp.Integer, gauge(func(r model.Reading) float64 { return 10 * r.Battery.Amps }), nil},

		{input + "2.1.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return r.Input.Volts }), nil},
		{input + "2.4.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return r.Input.Hertz }), nil},
		{input + "3.1.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return 10 * r.Input.Volts }), nil},
		{input + "3.4.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return 10 * r.Input.Hertz }), nil},

		{output + "1.1.0", snmp.Integer, choice(2,
			option{7, func(r model.Reading) bool { return r.State.Off }},
			option{3, func(r model.Reading) bool { return r.State.Battery }},
			option{9, func(r model.Reading) bool { return r.State.Bypass }},
			option{4, func(r model.Reading) bool { return r.State.Boost }},
			option{12, func(r model.Reading) bool { return r.State.Trim }}), nil},
		{output + "2.1.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return r.Output.Volts }), nil},
		{output + "2.2.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return r.Output.Hertz }), nil},
		{output + "2.3.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return 100 * r.Load }), nil},
		{output + "2.4.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return r.Output.Amps }), nil},
		{output + "3.1.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return 10 * r.Output.Volts }), nil},
		{output + "3.2.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return 10 * r.Output.Hertz }), nil},
		{output + "3.3.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return 1000 * r.Load }), nil},
		{output + "3.4.0", snmp.Unsigned, gauge(func(r model.Reading) float64 { return 10 * r.Output.Amps }), nil},

		{config + "2.1.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.Mains.Voltage }), nil},
		{config + "2.2.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.TransferHigh }), tune(100, 300, func(u *model.UPS) *float64 { return &u.TransferHigh })},
		{config + "2.3.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.TransferLow }), tune(70, 250, func(u *model.UPS) *float64 { return &u.TransferLow })},
		{config + "2.8.0", snmp.Ticks, built(func(u *model.UPS) float64 { return float64(hundredths(u.RuntimeLow)) }), wait(func(u *model.UPS) *time.Duration { return &u.RuntimeLow })},
		{config + "2.9.0", snmp.Ticks, built(func(u *model.UPS) float64 { return float64(hundredths(u.Start)) }), wait(func(u *model.UPS) *time.Duration { return &u.Start })},
		{config + "2.10.0", snmp.Ticks, built(func(u *model.UPS) float64 { return float64(hundredths(u.Shutdown)) }), wait(func(u *model.UPS) *time.Duration { return &u.Shutdown })},

		{control + "1.1.0", snmp.Integer, idle, order(2, func(u *model.UPS) bool { u.SwitchOffSoon(true); return true })},
		{control + "2.1.0", snmp.Integer, idle, func(_ *face, u *model.UPS, v snmp.Value) bool {
			switch v.Number {
			case 2:
				u.SwitchOff()
			case 3:
				u.SwitchOffSoon(false)
			}
			return v.Number == 2 || v.Number == 3
		}},
		{control + "2.6.0", snmp.Integer, idle, order(2, (*model.UPS).SwitchOn)},
		{control + "2.7.0", snmp.Integer, idle, func(_ *face, u *model.UPS, v snmp.Value) bool {
			return (v.Number == 2 || v.Number == 3) && u.Bypass(v.Number == 2)
		}},

		{test + "2.2.0", snmp.Integer, idle, order(2, func(u *model.UPS) bool { return u.Test(false) })},
		{test + "2.3.0", snmp.Integer, func(_ *face, _ *model.UPS, r model.Reading) any { return diagnoses[r.Test] }, nil},
		{test + "2.5.0", snmp.Integer, idle, func(_ *face, u *model.UPS, v snmp.Value) bool {
			return v.Number == 2 && u.Calibrate() || v.Number == 3 && u.StopCalibration()
		}},
		{test + "2.6.0", snmp.Integer, choice(1, option{3, func(r model.Reading) bool { return r.State.Calibrating }}), nil},
	}
}

// diagnoses are the values of upsAdvTestDiagnosticsResults.
var diagnoses = map[model.TestResult]int64{
	model.NotTested: 3, model.Passed: 1, model.Worn: 2, model.Aborted: 3, model.InProgress: 4,
}

// tune sets a number within bounds.
func tune(low, high int64, at func(*model.UPS) *float64) func(*face, *model.UPS, snmp.Value) bool {
	return func(_ *face, u *model.UPS, v snmp.Value) bool {
		if v.Number < low || v.Number > high {
			return false
		}
		*at(u) = float64(v.Number)
		return true
	}
}

// wait sets a time, of a day at most.
func wait(at func(*model.UPS) *time.Duration) func(*face, *model.UPS, snmp.Value) bool {
	return func(_ *face, u *model.UPS, v snmp.Value) bool {
		d := time.Duration(v.Number) * 10 * time.Millisecond
		if d < 0 || d > 24*time.Hour {
			return false
		}
		*at(u) = d
		return true
	}
}
