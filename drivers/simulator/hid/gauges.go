package hid

import (
	"math"
	"strconv"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// knobs is what a device keeps beside the model.
type knobs struct {
	beeper   float64 // as AudibleAlarmControl has it: 1 disabled, 2 enabled, 3 muted
	restarts bool    // a shutdown that is ordered is one with return
}

func newKnobs() knobs { return knobs{beeper: 2, restarts: true} }

// view is a device at one moment.
type view struct {
	ups   *model.UPS
	now   model.Reading
	knobs *knobs
}

// gauge is what a field of that name, or that number, shows.
func (v view) gauge(name string) float64 {
	if f, ok := gauges[name]; ok {
		return f(v)
	}
	x, _ := strconv.ParseFloat(name, 64) // load has looked
	return x
}

func isGauge(name string) bool {
	_, err := strconv.ParseFloat(name, 64)
	return err == nil || gauges[name] != nil
}

const kelvin = 273.15

// gauges are what fields may show, in the units of people.
var gauges = map[string]func(view) float64{
	"charge":              func(v view) float64 { return 100 * v.now.Charge },
	"charge.low":          func(v view) float64 { return 100 * v.ups.ChargeLow },
	"runtime":             func(v view) float64 { return v.now.Runtime.Seconds() },
	"runtime.low":         func(v view) float64 { return v.ups.RuntimeLow.Seconds() },
	"battery.volts":       func(v view) float64 { return v.now.Battery.Volts },
	"battery.volts.x1.5":  func(v view) float64 { return 1.5 * v.now.Battery.Volts },
	"battery.volts.x10":   func(v view) float64 { return 10 * v.now.Battery.Volts },
	"battery.nominal":     func(v view) float64 { return v.ups.Battery.Voltage },
	"battery.temperature": func(v view) float64 { return v.now.Temperature + kelvin },
	"battery.capacity":    func(v view) float64 { return 3600 * v.ups.Battery.Capacity / v.ups.Battery.Voltage },

	"input.volts":   func(v view) float64 { return v.now.Input.Volts },
	"input.hertz":   func(v view) float64 { return v.now.Input.Hertz },
	"input.amps":    func(v view) float64 { return v.now.Input.Amps },
	"output.volts":  func(v view) float64 { return v.now.Output.Volts },
	"output.hertz":  func(v view) float64 { return v.now.Output.Hertz },
	"output.amps":   func(v view) float64 { return v.now.Output.Amps },
	"output.watts":  func(v view) float64 { return v.now.Output.Watts },
	"output.va":     func(v view) float64 { return v.now.Output.Volts * v.now.Output.Amps },
	"load":          func(v view) float64 { return 100 * v.now.Load },
	"volts.nominal": func(v view) float64 { return v.ups.Mains.Voltage },
	"hertz.nominal": func(v view) float64 { return v.ups.Mains.Frequency },
	"va.nominal":    func(v view) float64 { return v.ups.Power },
	"watts.nominal": func(v view) float64 { return v.ups.RealPower },
	"transfer.low":  func(v view) float64 { return v.ups.TransferLow },
	"transfer.high": func(v view) float64 { return v.ups.TransferHigh },

	"mains":       func(v view) float64 { return one(v.now.State.Mains) },
	"no-mains":    func(v view) float64 { return one(!v.now.State.Mains) },
	"discharging": func(v view) float64 { return one(v.now.State.Battery) },
	"charging":    func(v view) float64 { return one(v.now.State.Charging) },
	"full":        func(v view) float64 { return one(v.now.Charge > 0.995) },
	"empty":       func(v view) float64 { return one(v.now.Charge < 0.005) },
	"low":         func(v view) float64 { return one(v.now.State.Low) },
	"overload":    func(v view) float64 { return one(v.now.State.Overloaded) },
	"replace":     func(v view) float64 { return one(v.now.State.Replace) },
	"boost":       func(v view) float64 { return one(v.now.State.Boost) },
	"trim":        func(v view) float64 { return one(v.now.State.Trim) },
	"good":        func(v view) float64 { return one(!v.now.State.Off) },
	"shutting":    func(v view) float64 { return one(v.now.ShutdownIn >= 0 && v.now.State.Battery) },
	"auto":        func(v view) float64 { return one(v.ups.AutoStart) },

	"beeper.powercom": func(v view) float64 { return 3 - min(v.knobs.beeper, 2) },
	"beeper":          func(v view) float64 { return v.knobs.beeper },
	"test":            func(v view) float64 { return testCodes[v.now.Test] },
	"off.delay":       func(v view) float64 { return seconds(v.now.ShutdownIn) },
	"on.delay":        func(v view) float64 { return seconds(v.now.StartIn) },
}

// testCodes are the results of a test (HID Power Devices 1.0, Test).
var testCodes = map[model.TestResult]float64{
	model.Passed: 1, model.Worn: 2, model.Aborted: 4, model.InProgress: 5, model.NotTested: 6,
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func seconds(d time.Duration) float64 {
	if d < 0 {
		return -1
	}
	return math.Ceil(d.Seconds())
}

// sinks are what fields may be set to do.
var sinks = map[string]func(view, float64){
	"charge.low":    func(v view, x float64) { v.ups.ChargeLow = x / 100 },
	"runtime.low":   func(v view, x float64) { v.ups.RuntimeLow = span(x) },
	"transfer.low":  func(v view, x float64) { v.ups.TransferLow = x },
	"transfer.high": func(v view, x float64) { v.ups.TransferHigh = x },
	"auto":          func(v view, x float64) { v.ups.AutoStart = x != 0 },
	"beeper":        func(v view, x float64) { v.knobs.beeper = x },
	"test":          test,
	"off.delay":     offDelay,
	"on.delay":      onDelay,
	"reboot.delay": func(v view, x float64) {
		v.ups.Shutdown = span(x)
		v.ups.SwitchOffSoon(true)
	},
	"powercom.off": powercomOff,
	"powercom.on": func(v view, x float64) {
		n := uint16(x)
		onDelay(v, 60*float64(n<<8|n>>8))
	},
	"beeper.powercom": func(v view, x float64) { v.knobs.beeper = 1 + min(x, 1) },
}

func span(x float64) time.Duration { return time.Duration(x * float64(time.Second)) }

func test(v view, x float64) {
	switch x {
	case 1, 2:
		v.ups.Test(x == 2)
	case 3:
		v.ups.StopTest()
	}
}

// offDelay switches off after so many seconds; less than 0 takes that back.
func offDelay(v view, x float64) {
	if x < 0 {
		v.ups.StopShutdown()
		return
	}
	v.ups.Shutdown = span(x)
	v.ups.SwitchOffSoon(v.knobs.restarts)
}

// onDelay is how long after a shutdown, or from now if it is off, the load is fed
// again; less than 0 is for never.
func onDelay(v view, x float64) {
	v.knobs.restarts = x >= 0
	if x < 0 {
		return
	}
	v.ups.Start = span(x)
	if v.now.State.Off {
		v.ups.SwitchOnSoon()
	}
}

// powercomOff is Powercom's delay: minutes in the upper byte, seconds in the lower
// one, with a bit that says whether it returns.
func powercomOff(v view, x float64) {
	const returns, secondBits = 0x40, 0x3f
	n := uint16(x)
	v.ups.Shutdown = time.Duration(n>>8)*time.Minute + time.Duration(n&secondBits)*time.Second
	v.ups.SwitchOffSoon(n&returns != 0)
}
