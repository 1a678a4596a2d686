// Package simulator is a UPS that exists only as physics: its mains fails and
// returns on a schedule, its battery discharges under its load and is charged
// again. The model in drivers/simulator/model knows no protocol; this package
// is its face as NUT variables and commands.
package simulator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// Config is what ups.conf says about a simulated UPS. What it leaves open is
// taken from the preset.
type Config struct {
	Port   string `conf:"port" help:"not used; ups.conf has one for every device"`
	Preset string `conf:"preset" help:"home (600 VA, line-interactive), office (1500 VA, line-interactive) or rack (3000 VA, double conversion)"`

	Mfr    string `conf:"mfr" help:"maker"`
	Model  string `conf:"model" help:"model name"`
	Serial string `conf:"serial" help:"serial number"`

	Topology  string  `conf:"topology" help:"line-interactive or online"`
	Power     float64 `conf:"power" help:"what it can carry, in VA"`
	RealPower float64 `conf:"realpower" help:"what it can carry, in W"`
	Voltage   float64 `conf:"voltage" help:"nominal mains voltage"`
	Frequency float64 `conf:"frequency" help:"nominal mains frequency"`
	Ambient   float64 `conf:"temperature" help:"temperature around it, in degrees Celsius"`

	Load  float64 `conf:"load" help:"average load, in percent"`
	Swing float64 `conf:"load.swing" help:"how far the load goes up and down, in percent of itself"`

	Capacity       float64 `conf:"battery.capacity" help:"energy in a new battery, in Wh"`
	BatteryVoltage float64 `conf:"battery.voltage" help:"nominal battery voltage"`
	Charge         float64 `conf:"battery.charge" help:"charge at the start, in percent"`
	Health         float64 `conf:"battery.health" help:"what is left of the battery's capacity, in percent; under 60 it wants to be replaced"`
	Cycles         float64 `conf:"battery.cycles" help:"full discharges that bring the health down by 40 percent; 0 for no wear"`
	Charger        float64 `conf:"battery.charger" help:"power of the charger, in W"`

	Speed float64 `conf:"speed" help:"seconds of the simulation in one second; all times below are of the simulation"`
	Seed  int     `conf:"seed" help:"of the small variations; the same seed brings the same"`

	OutageFirst time.Duration `conf:"outage.first" help:"when the mains first fails, in seconds"`
	OutageEvery time.Duration `conf:"outage.every" help:"from one failure to the next, in seconds; 0 for only one"`
	OutageLasts time.Duration `conf:"outage.lasts" help:"how long a failure lasts, in seconds; 0 for never"`
	SagFirst    time.Duration `conf:"sag.first" help:"when the voltage is first 14 percent too low"`
	SagEvery    time.Duration `conf:"sag.every" help:"from one sag to the next"`
	SagLasts    time.Duration `conf:"sag.lasts" help:"how long a sag lasts; 0 for never"`
	SurgeFirst  time.Duration `conf:"surge.first" help:"when the voltage is first 12 percent too high"`
	SurgeEvery  time.Duration `conf:"surge.every" help:"from one surge to the next"`
	SurgeLasts  time.Duration `conf:"surge.lasts" help:"how long a surge lasts; 0 for never"`
}

// Driver is the family of simulated UPSes.
var Driver = withPresets(define(home))

func define(defaults Config) drivers.Driver {
	return drivers.Define("simulator", "1.0", "a simulated UPS: mains, battery and load by physics", defaults, open)
}

// withPresets makes the settings be laid over the preset that they name.
func withPresets(d drivers.Driver) drivers.Driver {
	plain := d.Bind
	d.Bind = func(settings []drivers.Setting) (drivers.Opener, error) {
		for _, s := range settings {
			if preset, ok := presets[s.Value]; ok && s.Name == "preset" {
				return define(preset).Bind(settings)
			}
		}
		return plain(settings)
	}
	return d
}

// Check is called by Bind.
func (c *Config) Check() error {
	if _, ok := presets[c.Preset]; !ok {
		return &drivers.SettingError{Name: "preset", Reason: c.Preset + " is none of home, office, rack"}
	}
	if c.Topology != lineInteractive && c.Topology != online {
		return &drivers.SettingError{Name: "topology", Reason: c.Topology + " is neither line-interactive nor online"}
	}
	var errs []error
	for _, n := range []struct {
		name             string
		value, low, high float64
	}{
		{"power", c.Power, 1, 1e7},
		{"realpower", c.RealPower, 1, c.Power},
		{"voltage", c.Voltage, 1, 1000},
		{"frequency", c.Frequency, 1, 1000},
		{"temperature", c.Ambient, -50, 100},
		{"load", c.Load, 0, 200},
		{"load.swing", c.Swing, 0, 100},
		{"battery.capacity", c.Capacity, 0.1, 1e8},
		{"battery.voltage", c.BatteryVoltage, 1, 2000},
		{"battery.charge", c.Charge, 0, 100},
		{"battery.health", c.Health, 1, 100},
		{"battery.cycles", c.Cycles, 0, 1e6},
		{"battery.charger", c.Charger, 0, 1e7},
		{"speed", c.Speed, 0.001, 3600},
	} {
		if !(n.low <= n.value && n.value <= n.high) { // NaN is neither
			errs = append(errs, &drivers.SettingError{Name: n.name, Reason: fmt.Sprintf("%g is not from %g to %g", n.value, n.low, n.high)})
		}
	}
	return errors.Join(errs...)
}

const (
	lineInteractive = "line-interactive"
	online          = "online"
)

// spec is the UPS to build.
func (c *Config) spec() model.Spec {
	return model.Spec{
		Power: c.Power, RealPower: c.RealPower, Online: c.Topology == online, Ambient: c.Ambient,
		Battery: model.Battery{
			Capacity: c.Capacity, Voltage: c.BatteryVoltage, Charger: c.Charger,
			Charge: c.Charge / 100, Health: c.Health / 100, Cycles: c.Cycles,
		},
		Mains: model.Mains{
			Voltage: c.Voltage, Frequency: c.Frequency, Seed: uint64(c.Seed),
			Outage: model.Event{First: c.OutageFirst, Every: c.OutageEvery, Lasts: c.OutageLasts},
			Sag:    model.Event{First: c.SagFirst, Every: c.SagEvery, Lasts: c.SagLasts},
			Surge:  model.Event{First: c.SurgeFirst, Every: c.SurgeEvery, Lasts: c.SurgeLasts},
		},
		Load: model.Load{Level: c.Load / 100, Swing: c.Swing / 100},
	}
}

func open(_ context.Context, env drivers.Env, c Config) (drivers.Device, error) {
	return &device{config: c, ups: model.New(c.spec()), last: time.Now(), beeper: beeperEnabled, id: env.UPS}, nil
}

// Model builds the UPS that settings describe, for faces in other protocols than
// NUT's: its physics, who it says it is, and how fast its time passes. Errors are
// those of Bind.
func Model(settings []drivers.Setting) (*model.UPS, Config, error) {
	opener, err := Driver.Bind(settings)
	if err != nil {
		return nil, Config{}, err
	}
	d, err := opener(context.Background(), drivers.Env{})
	if err != nil {
		return nil, Config{}, err
	}
	u := d.(*device) //nolint:forcetypeassert // open makes nothing else
	return u.ups, u.config, nil
}
