package dialect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// The names of Flags, which are NUT's.
const (
	ignoreSAB = "ignoresab"
	onePack   = "battery_voltage_reports_one_pack"
	stayOff   = "stayoff"
	resetAll  = "reset_to_default"
)

// Options is what ups.conf says about a device.
type Options struct {
	Protocol string   // the only one to try, or a file; "" for all of Among
	Among    []string // those to try; empty for all of the build
	Dir      string   // where that file is
	Vendor   string   // the USB vendor, four hexadecimal digits; "" on a serial line

	PollFreq time.Duration     // between two full polls
	Delays   map[string]string // ups.delay.start and ups.delay.shutdown, where ups.conf has them
	Flags    map[string]bool
	Values   map[string]string // of hidden settings, and what a device must say to be the one
	Given    map[string]string // what ups.conf says of variables that estimates need
	Battery  Battery
	Log      *slog.Logger // nil for none
}

// configure gives the device, and what stands for it, the values of ups.conf,
// after its own are known.
func (u *Unit) configure(ctx context.Context) error {
	for _, s := range u.settings {
		if s.Initial != "" {
			u.facts[s.Name] = s.Initial
		}
		value, given := u.o.Delays[s.Name]
		if s.Hidden {
			if value, given = u.o.Values[s.Name]; s.Name == resetAll {
				given = u.o.Flags[resetAll]
				s.off = !given
			}
		}
		if !given || s.off {
			continue
		}
		err := u.put(ctx, s, value)
		switch {
		case err == nil:
			u.log.Info("set as ups.conf says", "variable", s.Name, "value", value)
		case errors.Is(err, errUnchanged):
		case errors.Is(err, nut.ErrInvalidArgument) || errors.Is(err, nut.ErrFailed):
			u.log.Warn("not set as ups.conf says", "variable", s.Name, "value", value, "error", err)
		default:
			return err
		}
	}
	for name, hidden := range u.hidden {
		if hidden {
			u.log.Debug("not published", "variable", name, "value", u.facts[name])
		}
	}
	return nil
}

// given is a number that an estimate needs: of ups.conf, or of the device.
func (u *Unit) given(name string) float64 {
	n, err := strconv.ParseFloat(u.o.Given[name], 64)
	if err != nil {
		return u.float(name)
	}
	return n
}

// Publish writes all facts into d.
func (u *Unit) Publish(d *nut.Draft) {
	for name := range u.published {
		if _, ok := u.facts[name]; !ok {
			d.Delete(nut.Name(name))
			delete(u.published, name)
		}
	}
	for name, value := range u.facts {
		if !u.hidden[name] {
			d.Put(u.variable(name, value))
			u.published[name] = true
		}
	}
	d.SetStatus(u.status()...)
	d.SetAlarms(u.alarms()...)
	for _, c := range u.commands {
		if c.off {
			d.RemoveCommand(nut.Name(c.Name))
		} else {
			d.AddCommand(nut.Name(c.Name))
		}
	}
	if u.command("shutdown.return") != nil {
		d.AddCommand(shutdownWell)
	}
}

// variable is a fact with what a client may do with it.
func (u *Unit) variable(name, value string) nut.Variable {
	v := nut.Variable{Name: nut.Name(name), Value: value}
	for _, s := range u.settings {
		if s.Name != name || s.off || s.Hidden {
			continue
		}
		v.Writable = true
		words, low, high, bounded := u.allowed(s.Set)
		v.Enum = words
		if bounded {
			v.Ranges = []nut.Range{{Min: int(low), Max: int(high)}}
		}
	}
	return v
}

// String is the name of the dialect and the number of its facts, for logs.
func (u *Unit) String() string { return fmt.Sprintf("%s, %d facts", u.t.Name, len(u.facts)) }
