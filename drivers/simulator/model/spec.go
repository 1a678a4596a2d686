// Package model is a UPS as physics has it: mains that vary and fail, a battery
// that holds energy, and a load that takes it. It knows no protocol, no clock
// and no goroutine; time passes by [UPS.Step], and the same steps always bring
// the same.
//
// Units are volts, amperes, watts, watt hours, hertz and degrees Celsius.
package model

import "time"

// Spec is what a UPS is built as, and what it is connected to. Powers, voltages,
// the capacity and the health of the battery must be more than 0.
type Spec struct {
	Power     float64 // VA that it can carry
	RealPower float64 // W that it can carry
	Online    bool    // double conversion; otherwise line-interactive
	Battery   Battery
	Mains     Mains
	Load      Load
	Ambient   float64 // temperature around it
}

// Battery is what is built into a UPS.
type Battery struct {
	Capacity float64 // Wh when new
	Voltage  float64 // nominal
	Health   float64 // the part of Capacity that is left, 0 to 1
	Cycles   float64 // full discharges that take 40 % of Capacity; 0 for no wear
	Charge   float64 // at the start, 0 to 1
	Charger  float64 // W that the charger takes from the mains at most
}

// Load is what hangs on the output.
type Load struct {
	Level float64 // part of RealPower on average; more than 1 is an overload
	Swing float64 // how far it goes up and down, as a part of Level
}

// Tuning is what can be changed while a UPS runs.
type Tuning struct {
	ChargeLow    float64 // part of the charge under which the battery is low
	RuntimeLow   time.Duration
	TransferLow  float64 // input voltage under which the battery takes over
	TransferHigh float64 // and over which it does
	Shutdown     time.Duration
	Start        time.Duration
	AutoStart    bool // starts again when the mains returns after a battery ran empty
}

// Efficiencies, and the steps of the transformer of a line-interactive UPS.
const (
	lineEfficiency     = 0.98 // on mains, line-interactive
	doubleEfficiency   = 0.94 // on mains, double conversion
	inverterEfficiency = 0.90 // on battery
	chargeEfficiency   = 0.85 // of the charger and the battery that takes the charge
	cellEfficiency     = 0.96 // of the battery that gives it
	ownPower           = 0.01 // taken by the UPS itself, as a part of RealPower

	boostBelow = 0.92 // of the nominal voltage
	boostBy    = 1.14
	trimAbove  = 1.08
	trimBy     = 0.88
)
