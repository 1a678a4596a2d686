// Package clone is a part of another device as a UPS of its own: what hangs on one
// of its outlets can be shut down earlier than the rest, and be switched off and
// on again. It is NUT's clone and clone-outlet.
//
// Which device is followed, and how it is reached, is not this package's: see
// [Follow].
package clone

import (
	"context"
	"errors"
	"time"

	"github.com/wattnut/wattnut/drivers"
)

// Base is the device that is followed, as settings have it.
type Base struct{ Port, User, Password string }

// Follow opens the device that is followed. What is no [drivers.Relay] cannot be
// switched.
type Follow func(ctx context.Context, env drivers.Env, b Base) (drivers.Device, error)

// Config is what ups.conf says about a clone.
type Config struct {
	Port     string `conf:"port,required" help:"the device to follow: the socket of its driver, DRIVER-UPS, or ups@host where a server has it, as this one may"`
	User     string `conf:"user" help:"user of that server, to have it switch the outlet"`
	Password string `conf:"password,secret" help:"password of that user"`

	LoadOff    string        `conf:"load.off" help:"command of that device that switches the outlet off"`
	LoadOn     string        `conf:"load.on" help:"command of that device that switches it on again"`
	LoadStatus string        `conf:"load.status" help:"not used: the outlet is switched whatever it is said to be"`
	OffDelay   time.Duration `conf:"offdelay" help:"from the decision to shut down until the outlet is switched off, in seconds"`
	OnDelay    time.Duration `conf:"ondelay" help:"from the return of the mains until it is switched on again, in seconds"`
	MinCharge  float64       `conf:"mincharge" help:"charge in percent under which, on battery, what hangs on the outlet is shut down; 0 for none"`
	MinRuntime time.Duration `conf:"minruntime" help:"runtime in seconds under which it is; 0 for none"`

	kept *keeper // made by Check
}

// Check is called by Bind.
func (c *Config) Check() error {
	var errs []error
	c.kept = &keeper{timers: timers{charge: c.MinCharge, runtime: c.MinRuntime, down: idle, up: idle}}
	if c.MinCharge < 0 || c.MinCharge > 100 {
		errs = append(errs, &drivers.SettingError{Name: "mincharge", Reason: "is not from 0 to 100"})
	}
	if c.LoadOn != "" && c.LoadOff == "" {
		errs = append(errs, &drivers.SettingError{Name: "load.on", Reason: "needs load.off"})
	}
	return errors.Join(errs...)
}

// New is the family of clones of devices that follow opens.
func New(follow Follow) drivers.Driver {
	return drivers.Define("clone", "1.0", "an outlet of another UPS as a UPS of its own, shut down by its own thresholds",
		Config{OffDelay: 2 * time.Minute, OnDelay: 30 * time.Second},
		func(ctx context.Context, env drivers.Env, c Config) (drivers.Device, error) {
			base, err := follow(ctx, env, Base{c.Port, c.User, c.Password})
			if err != nil {
				return nil, err
			}
			return &device{mirror: mirror{base: base}, config: c, log: env.Log, timers: c.kept.load()}, nil
		})
}

// OutletConfig is what ups.conf says about the clone of an outlet.
type OutletConfig struct {
	Port     string `conf:"port,required" help:"the device to follow: the socket of its driver, DRIVER-UPS, or ups@host where a server has it, as this one may"`
	User     string `conf:"user" help:"user of that server"`
	Password string `conf:"password,secret" help:"password of that user"`
	Prefix   string `conf:"prefix,required" help:"how the variables of the outlet begin, such as outlet.1"`
}

// NewOutlet is the family of outlets, of devices that follow opens, that switch
// themselves.
func NewOutlet(follow Follow) drivers.Driver {
	return drivers.Define("clone-outlet", "1.0", "an outlet of another UPS as a UPS of its own, where that shuts its outlets down itself",
		OutletConfig{},
		func(ctx context.Context, env drivers.Env, c OutletConfig) (drivers.Device, error) {
			base, err := follow(ctx, env, Base{c.Port, c.User, c.Password})
			if err != nil {
				return nil, err
			}
			return &outlet{mirror: mirror{base: base}, prefix: c.Prefix}, nil
		})
}
