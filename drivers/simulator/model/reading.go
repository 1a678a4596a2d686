package model

import "time"

// Reading is what the instruments of a UPS show.
type Reading struct {
	Now    time.Duration // since the start
	Input  Power
	Output Power
	Load   float64 // part of what the UPS can carry

	Charge       float64 // part of what the battery can hold
	Health       float64 // part of what it could hold when new
	Runtime      time.Duration
	Battery      Power   // Watts and Amps are less than 0 while it is charged
	Temperature  float64 // of the battery
	Test         TestResult
	ShutdownIn   time.Duration // less than 0 where no shutdown was ordered
	StartIn      time.Duration
	State        State
	EnergyInside float64 // Wh in the battery
	Total        Energy
}

// Power is what one side of a UPS carries.
type Power struct{ Volts, Amps, Watts, Hertz float64 }

// State is what the lamps of a UPS show.
type State struct {
	Mains, Battery           bool // the mains is good; the battery feeds the load
	Off                      bool
	Charging                 bool
	Low, Replace, Overloaded bool
	Boost, Trim, Bypass      bool
	Testing, Calibrating     bool
}

// Reading returns what the instruments show now.
func (u *UPS) Reading() Reading {
	f := u.flow
	r := Reading{
		Now:    u.now,
		Input:  Power{Volts: f.volts, Hertz: f.hertz, Watts: f.drawn},
		Output: u.output(),
		Load:   f.load / u.RealPower,
		Charge: u.cell.charge(), Health: u.cell.Health, Runtime: u.runtime(),
		Battery:     Power{Volts: u.cell.volts(f.charging || !f.battery && f.good, f.given/u.RealPower), Watts: f.given},
		Temperature: u.heat,
		Test:        u.result,
		ShutdownIn:  u.downIn.remains(), StartIn: u.upIn.remains(),
		State: u.state(), EnergyInside: u.cell.energy, Total: u.total,
	}
	factor := u.RealPower / u.Power
	r.Input.Amps = over(f.drawn, f.volts)
	r.Output.Amps = over(f.load/factor, r.Output.Volts)
	r.Battery.Amps = over(f.given, r.Battery.Volts)
	return r
}

// output is the voltage and frequency at the output.
func (u *UPS) output() Power {
	f := u.flow
	out := Power{Volts: u.Mains.Voltage, Hertz: u.Mains.Frequency, Watts: f.load}
	switch {
	case u.off:
		return Power{}
	case f.battery:
	case u.Online && !u.bypass:
		out.Hertz = f.hertz
	default:
		out.Volts, out.Hertz = f.volts, f.hertz
		if s := u.state(); s.Boost {
			out.Volts *= boostBy
		} else if s.Trim {
			out.Volts *= trimBy
		}
	}
	return out
}

func (u *UPS) state() State {
	f := u.flow
	adjusts := !u.Online && !u.off && f.good && !f.battery
	return State{
		Mains: f.good, Battery: f.battery, Off: u.off, Charging: f.charging,
		Low: u.low(), Replace: u.cell.Health < wornOut, Overloaded: f.load > u.RealPower,
		Boost:   adjusts && f.volts < boostBelow*u.Mains.Voltage,
		Trim:    adjusts && f.volts > trimAbove*u.Mains.Voltage,
		Bypass:  u.bypass && !u.off && !f.battery,
		Testing: u.drill.kind == quick || u.drill.kind == deep, Calibrating: u.drill.kind == calibration,
	}
}

// low tells whether the battery is under one of its thresholds. How long it
// would last counts only while it has to.
func (u *UPS) low() bool {
	return u.cell.charge() < u.ChargeLow || u.flow.battery && u.runtime() < u.RuntimeLow
}

func (u *UPS) runtime() time.Duration { return u.cell.lasts(u.burden()) }

func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
