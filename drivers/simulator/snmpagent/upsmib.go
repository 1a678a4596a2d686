package snmpagent

import (
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/snmp"
)

// The values of upsConfigAudibleStatus.
const (
	beeperDisabled = 1
	beeperEnabled  = 2
	beeperMuted    = 3
)

// upsTests are the well-known tests that can be ordered, below this OID.
const upsTests = "1.3.6.1.2.1.33.1.7.7"

// upsMIB is the objects of RFC 1628, for one phase.
func upsMIB(id Identity) []leaf {
	const (
		ident   = "1.3.6.1.2.1.33.1.1."
		battery = "1.3.6.1.2.1.33.1.2."
		input   = "1.3.6.1.2.1.33.1.3."
		output  = "1.3.6.1.2.1.33.1.4."
		alarms  = "1.3.6.1.2.1.33.1.6."
		test    = "1.3.6.1.2.1.33.1.7."
		control = "1.3.6.1.2.1.33.1.8."
		config  = "1.3.6.1.2.1.33.1.9."
	)
	return []leaf{
		{ident + "1.0", snmp.Octets, constant(id.Mfr), nil},
		{ident + "2.0", snmp.Octets, constant(id.Model), nil},
		{ident + "3.0", snmp.Octets, constant(id.Firmware), nil},
		{ident + "4.0", snmp.Octets, constant("wattnut"), nil},
		note(ident+"5.0", id.Name),

		{battery + "1.0", snmp.Integer, choice(2, option{4, func(r model.Reading) bool { return r.Charge <= 0.01 }}, option{3, func(r model.Reading) bool { return r.State.Low }}), nil},
		{battery + "3.0", snmp.Integer, gauge(func(r model.Reading) float64 { return r.Runtime.Minutes() }), nil},
		{battery + "4.0", snmp.Integer, gauge(func(r model.Reading) float64 { return 100 * r.Charge }), nil},
		{battery + "5.0", snmp.Integer, gauge(func(r model.Reading) float64 { return 10 * r.Battery.Volts }), nil},
		{battery + "6.0", snmp.Integer, gauge(func(r model.Reading) float64 { return 10 * r.Battery.Amps }), nil},
		{battery + "7.0", snmp.Integer, gauge(func(r model.Reading) float64 { return r.Temperature }), nil},

		{input + "2.0", snmp.Integer, constant(int64(1)), nil},
		{input + "3.1.2.1", snmp.Integer, gauge(func(r model.Reading) float64 { return 10 * r.Input.Hertz }), nil},
		{input + "3.1.3.1", snmp.Integer, gauge(func(r model.Reading) float64 { return r.Input.Volts }), nil},
		{input + "3.1.4.1", snmp.Integer, gauge(func(r model.Reading) float64 { return 10 * r.Input.Amps }), nil},
		{input + "3.1.5.1", snmp.Integer, gauge(func(r model.Reading) float64 { return r.Input.Watts }), nil},

		{output + "1.0", snmp.Integer, choice(3,
			option{2, func(r model.Reading) bool { return r.State.Off }},
			option{5, func(r model.Reading) bool { return r.State.Battery }},
			option{4, func(r model.Reading) bool { return r.State.Bypass }},
			option{6, func(r model.Reading) bool { return r.State.Boost }},
			option{7, func(r model.Reading) bool { return r.State.Trim }}), nil},
		{output + "2.0", snmp.Integer, gauge(func(r model.Reading) float64 { return 10 * r.Output.Hertz }), nil},
		{output + "3.0", snmp.Integer, constant(int64(1)), nil},
		{output + "4.1.2.1", snmp.Integer, gauge(func(r model.Reading) float64 { return r.Output.Volts }), nil},
		{output + "4.1.3.1", snmp.Integer, gauge(func(r model.Reading) float64 { return 10 * r.Output.Amps }), nil},
		{output + "4.1.4.1", snmp.Integer, gauge(func(r model.Reading) float64 { return r.Output.Watts }), nil},
		{output + "4.1.5.1", snmp.Integer, gauge(func(r model.Reading) float64 { return 100 * r.Load }), nil},

		{alarms + "1.0", snmp.Unsigned, constant(int64(0)), nil},

		{test + "1.0", snmp.Object, choiceOfTest, orderTest},
		{test + "3.0", snmp.Integer, func(_ *face, _ *model.UPS, r model.Reading) any { return testResults[r.Test] }, nil},

		{control + "2.0", snmp.Integer, gauge(func(r model.Reading) float64 { return left(r.ShutdownIn) }), after(func(u *model.UPS) { u.SwitchOffSoon(u.AutoStart) }, func(u *model.UPS) *time.Duration { return &u.Shutdown })},
		{control + "3.0", snmp.Integer, gauge(func(r model.Reading) float64 { return left(r.StartIn) }), after((*model.UPS).SwitchOnSoon, func(u *model.UPS) *time.Duration { return &u.Start })},
		{control + "5.0", snmp.Integer, built(func(u *model.UPS) float64 {
			if u.AutoStart {
				return 1
			}
			return 2
		}), func(_ *face, u *model.UPS, v snmp.Value) bool {
			u.AutoStart = v.Number == 1
			return v.Number == 1 || v.Number == 2
		}},

		{config + "1.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.Mains.Voltage }), nil},
		{config + "2.0", snmp.Integer, built(func(u *model.UPS) float64 { return 10 * u.Mains.Frequency }), nil},
		{config + "3.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.Mains.Voltage }), nil},
		{config + "4.0", snmp.Integer, built(func(u *model.UPS) float64 { return 10 * u.Mains.Frequency }), nil},
		{config + "5.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.Power }), nil},
		{config + "6.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.RealPower }), nil},
		{config + "7.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.RuntimeLow.Minutes() }), nil},
		{config + "8.0", snmp.Integer, func(f *face, _ *model.UPS, _ model.Reading) any { return f.beeper }, func(f *face, _ *model.UPS, v snmp.Value) bool {
			if v.Number < beeperDisabled || v.Number > beeperMuted {
				return false
			}
			f.beeper = v.Number
			return true
		}},
		{config + "9.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.TransferLow }), nil},
		{config + "10.0", snmp.Integer, built(func(u *model.UPS) float64 { return u.TransferHigh }), nil},
	}
}

// testResults are the values of upsTestResultsSummary.
var testResults = map[model.TestResult]int64{
	model.Passed: 1, model.Worn: 3, model.Aborted: 4, model.InProgress: 5, model.NotTested: 6,
}

// choiceOfTest is the test that runs, as the OID of a well-known one.
func choiceOfTest(_ *face, _ *model.UPS, r model.Reading) any {
	switch {
	case r.State.Calibrating:
		return upsTests + ".5"
	case r.State.Testing:
		return upsTests + ".4"
	}
	return upsTests + ".1"
}

func orderTest(_ *face, u *model.UPS, v snmp.Value) bool {
	switch v.Text {
	case upsTests + ".2":
		return u.StopTest() || u.StopCalibration()
	case upsTests + ".3", upsTests + ".4":
		return u.Test(false)
	case upsTests + ".5":
		return u.Calibrate()
	}
	return false
}

// left is a countdown in seconds, -1 where none runs.
func left(d time.Duration) float64 {
	if d < 0 {
		return -1
	}
	return d.Seconds()
}

// after orders something after so many seconds; less than 0 takes it back.
func after(do func(*model.UPS), delay func(*model.UPS) *time.Duration) func(*face, *model.UPS, snmp.Value) bool {
	return func(_ *face, u *model.UPS, v snmp.Value) bool {
		if v.Number < 0 {
			u.StopShutdown()
			return true
		}
		*delay(u) = time.Duration(v.Number) * time.Second
		do(u)
		return true
	}
}
