package usbhid

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/usbhid/report"
	"github.com/wattnut/wattnut/nut"
)

// combined is a command that is made of others.
type combined struct {
	name  nut.Name
	needs []nut.Name
	do    func(ctx context.Context, d *device, arg string) error
}

// pause is the time that devices want between two delays.
const pause = 125 * time.Millisecond

// derived are the commands that a device takes if its table has others and not
// these.
var derived = []combined{
	{"load.off", []nut.Name{"load.off.delay"}, func(ctx context.Context, d *device, _ string) error {
		return d.carryOut(ctx, "load.off.delay", "0")
	}},
	{"load.on", []nut.Name{"load.on.delay"}, func(ctx context.Context, d *device, _ string) error {
		return d.carryOut(ctx, "load.on.delay", "0")
	}},
	{"shutdown.return", []nut.Name{"load.off.delay", "load.on.delay"}, func(ctx context.Context, d *device, _ string) error {
		return d.shutdown(ctx, "yes", d.draft.Value("ups.delay.start"))
	}},
	{"shutdown.stayoff", []nut.Name{"load.off.delay", "load.on.delay"}, func(ctx context.Context, d *device, _ string) error {
		return d.shutdown(ctx, "no", "-1")
	}},
	{"beeper.on", []nut.Name{"beeper.enable"}, func(ctx context.Context, d *device, arg string) error {
		return d.carryOut(ctx, "beeper.enable", arg)
	}},
	{"beeper.off", []nut.Name{"beeper.disable"}, func(ctx context.Context, d *device, arg string) error {
		return d.carryOut(ctx, "beeper.disable", arg)
	}},
}

func (c *combined) possible(d *device) bool {
	if _, own := d.orders[c.name]; own {
		return false
	}
	return !slices.ContainsFunc(c.needs, func(n nut.Name) bool { _, ok := d.orders[n]; return !ok })
}

// Command carries an instant command out.
func (d *device) Command(ctx context.Context, cmd nut.Name, arg string) error {
	if d.draft == nil {
		return fmt.Errorf("nothing is known of the device yet: %w", nut.ErrFailed)
	}
	if o, own := d.orders[cmd.Fold()]; own {
		if x, ok := d.value(o.lookup, arg); arg != "" && ok && !within(o.field, x) {
			low, high := limits(o.field)
			return fmt.Errorf("%s: %s is not from %g to %g: %w", cmd, arg, low, high, nut.ErrInvalidArgument)
		}
		return d.carryOut(ctx, cmd.Fold(), arg)
	}
	for _, c := range derived {
		if c.name == cmd.Fold() && c.possible(d) {
			return c.do(ctx, d, arg)
		}
	}
	return fmt.Errorf("%s: %w", cmd, nut.ErrUnknown)
}

// shutdown switches off after the delays that are set; auto is whether the device
// starts by itself again.
func (d *device) shutdown(ctx context.Context, auto, start string) error {
	if b := d.owners["ups.start.auto"]; b != nil && b.row.Write > 0 {
		if err := d.Set(ctx, "ups.start.auto", auto); isFatal(err) {
			return err
		} else if err != nil { // it is to go off all the same
			d.log.Warn("whether it starts by itself again could not be set", "error", err)
		}
	}
	if err := d.carryOut(ctx, "load.on.delay", start); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
	}
	return d.carryOut(ctx, "load.off.delay", d.draft.Value("ups.delay.shutdown"))
}

// carryOut carries out a command of the table. A number that the device has no room for
// becomes the nearest one.
func (d *device) carryOut(ctx context.Context, name nut.Name, arg string) error {
	o := d.orders[name]
	for variable, value := range o.command.First {
		if b := d.owners[variable]; b != nil {
			if err := d.Set(ctx, variable, value); err != nil {
				return err
			}
		}
	}
	value := arg
	if value == "" {
		value = d.standard(o.command)
	}
	x, ok := d.value(o.lookup, value)
	if !ok {
		return fmt.Errorf("%s: %q is not what the device takes: %w", name, value, nut.ErrInvalidArgument)
	}
	d.changed()
	return d.done(string(name), d.reports.set(ctx, o.field, x))
}

// standard is the value of a command where the client gives none.
func (d *device) standard(c *Command) string {
	variables := map[string]nut.Name{"offdelay": "ups.delay.shutdown", "ondelay": "ups.delay.start"}
	if text := d.draft.Value(variables[c.Setting]); text != "" && c.Setting != "" {
		return text
	}
	return cmp.Or(d.setting(c.Setting), c.Value)
}

// changed has all be read anew that an order may change.
func (d *device) changed() { d.dirty, d.lastFull = true, time.Time{} }

// done makes an error of the transport that of an order.
func (d *device) done(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, errors.Join(nut.ErrFailed, err))
}

// Set changes a variable, in the device or, where the device has none of the kind,
// here.
func (d *device) Set(ctx context.Context, name nut.Name, value string) error {
	b := d.owner(name)
	if b == nil || b.row.Write == 0 {
		return fmt.Errorf("%s: %w", name, nut.ErrUnknown)
	}
	if b.row.Local != nil {
		return d.setLocal(b, value)
	}
	x, ok := d.value(b.lookup, value)
	if !ok {
		return fmt.Errorf("%s cannot be %q: %w", name, value, nut.ErrInvalidArgument)
	}
	if b.feature == nil {
		return fmt.Errorf("%s is only read: %w", name, nut.ErrFailed)
	}
	if !within(b.feature, x) {
		low, high := limits(b.feature)
		return fmt.Errorf("%s: %s is not from %g to %g: %w", name, value, low, high, nut.ErrInvalidArgument)
	}
	d.changed()
	return d.done(string(name), d.reports.set(ctx, b.feature, x))
}

// setLocal changes a variable that only the driver has. A delay must be one that the
// device takes: it goes there with a shutdown, when nobody can correct it any more.
func (d *device) setLocal(b *bound, value string) error {
	if strings.HasPrefix(string(b.row.Var), "ups.delay.") {
		seconds, ok := nut.ParseNumber(value)
		for _, o := range d.orders {
			if o.field == b.feature && ok {
				x, takes := d.value(o.lookup, value)
				ok = takes && within(o.field, x)
			}
		}
		if !ok || seconds < 0 {
			return fmt.Errorf("%s cannot be %q: %w", b.row.Var, value, nut.ErrInvalidArgument)
		}
	}
	d.draft.Set(b.row.Var, value)
	return nil
}

// limits are the least and the largest quantity that a field has room for.
func limits(f *report.Field) (low, high float64) {
	a, b := f.Physical(f.LogMin), f.Physical(f.LogMax)
	return min(a, b), max(a, b)
}

func within(f *report.Field, x float64) bool {
	low, high := limits(f)
	return low <= x && x <= high
}

// owner is the row that a variable comes from, or nil.
func (d *device) owner(name nut.Name) *bound {
	if d.draft == nil {
		return nil
	}
	for n, b := range d.owners {
		if n.Equal(name) {
			return b
		}
	}
	return nil
}
