package simulator

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// knob is a variable that a client may change. set is given what the
// variable's attributes allow.
type knob struct {
	variable nut.Variable
	get      func(*device) string
	set      func(*device, string)
}

var knobs = []knob{
	duration("battery.runtime.low", 0, 3600, func(u *device) *time.Duration { return &u.ups.RuntimeLow }),
	duration("ups.delay.shutdown", 0, 600, func(u *device) *time.Duration { return &u.ups.Shutdown }),
	duration("ups.delay.start", 0, 3600, func(u *device) *time.Duration { return &u.ups.Start }),
	quantity("battery.charge.low", 5, 95, 100, func(u *device) *float64 { return &u.ups.ChargeLow }),
	quantity("input.transfer.high", 100, 300, 1, func(u *device) *float64 { return &u.ups.TransferHigh }),
	quantity("input.transfer.low", 70, 250, 1, func(u *device) *float64 { return &u.ups.TransferLow }),
	{
		nut.Variable{Name: "ups.id", Writable: true, Text: true, MaxLen: 32},
		func(u *device) string { return u.id },
		func(u *device, value string) { u.id = value },
	},
	{
		nut.Variable{Name: "ups.start.auto", Writable: true, Text: true, MaxLen: 3, Enum: []string{"yes", "no"}},
		func(u *device) string {
			if u.ups.AutoStart {
				return "yes"
			}
			return "no"
		},
		func(u *device, value string) { u.ups.AutoStart = value == "yes" },
	},
}

// ranged is a variable of whole numbers from low to high.
func ranged(name nut.Name, low, high int) nut.Variable {
	return nut.Variable{Name: name, Writable: true, Ranges: []nut.Range{{Min: low, Max: high}}}
}

func duration(name nut.Name, low, high int, at func(*device) *time.Duration) knob {
	return knob{
		ranged(name, low, high),
		func(u *device) string { return whole(*at(u)) },
		func(u *device, value string) {
			n, _ := nut.ParseNumber(value)
			*at(u) = time.Duration(n) * time.Second
		},
	}
}

// quantity is a number of which the model has one scale-th.
func quantity(name nut.Name, low, high int, scale float64, at func(*device) *float64) knob {
	return knob{
		ranged(name, low, high),
		func(u *device) string { return number(*at(u)*scale, 0) },
		func(u *device, value string) {
			n, _ := nut.ParseNumber(value)
			*at(u) = n / scale
		},
	}
}

// Set turns a knob.
func (u *device) Set(_ context.Context, name nut.Name, value string) error {
	for _, k := range knobs {
		if !k.variable.Name.Equal(name) {
			continue
		}
		if !allows(k.variable, value) {
			return fmt.Errorf("%s cannot be %q: %w", name, value, nut.ErrInvalidArgument)
		}
		k.set(u, value)
		return nil
	}
	return fmt.Errorf("%s: %w", name, nut.ErrUnknown)
}

// allows repeats the checks of the server, which passes some texts for numbers.
func allows(v nut.Variable, value string) bool {
	if len(v.Ranges) > 0 {
		n, err := strconv.Atoi(value)
		return err == nil && v.Ranges[0].Min <= n && n <= v.Ranges[0].Max
	}
	if len(v.Enum) > 0 {
		return slices.Contains(v.Enum, value)
	}
	return wire.Clean(value) && len(value) <= v.MaxLen
}
