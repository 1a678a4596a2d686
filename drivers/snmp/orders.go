package snmp

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/nut"
)

// addCommands lists the commands that the device takes: those whose object can
// be read, those of outlets, and what can be made of two others.
func (u *device) addCommands(d *nut.Draft) {
	for _, c := range u.plan.commands {
		if c.each || u.last[c.oid].Kind != transport.Absent {
			d.AddCommand(c.name)
		}
	}
	for _, m := range u.made() {
		d.AddCommand(m)
	}
}

// made are the commands that are made of others: those with a delay.
func (u *device) made() []nut.Name {
	off, on := u.takes("load.off.delay"), u.takes("load.on.delay")
	var names []nut.Name
	if off {
		names = append(names, "load.off")
	}
	if on {
		names = append(names, "load.on")
	}
	if off && on {
		names = append(names, "shutdown.return", "shutdown.stayoff")
	}
	return names
}

func (u *device) takes(name nut.Name) bool {
	c := u.command(name)
	return c != nil && (c.each || u.last[c.oid].Kind != transport.Absent)
}

// command is the command of that name; nil if there is none.
func (u *device) command(name nut.Name) *command {
	if u.plan == nil {
		return nil
	}
	for i := range u.plan.commands {
		if u.plan.commands[i].name.Equal(name) {
			return &u.plan.commands[i]
		}
	}
	return nil
}

// Command writes the value of a command to its object: arg, or the table's.
func (u *device) Command(ctx context.Context, cmd nut.Name, arg string) error {
	c := u.command(cmd)
	if c == nil || !u.takes(cmd) {
		return u.make(ctx, cmd)
	}
	text := c.text
	if arg != "" {
		text = arg
	}
	if text == "" {
		return fmt.Errorf("%w: %s needs a value", nut.ErrInvalidArgument, cmd)
	}
	kind, err := u.kind(ctx, c.oid)
	if err != nil {
		return err
	}
	v, ok := encode(text, kind)
	if !ok {
		return fmt.Errorf("%w: %s cannot take %q", nut.ErrInvalidArgument, cmd, text)
	}
	u.fullAt = u.fullAt.Add(-u.config.PollFreq) // what it brings should be seen soon
	return u.write(ctx, c.oid, v)
}

// write sets an object.
func (u *device) write(ctx context.Context, oid string, v transport.Value) error {
	v.OID = oid
	if err := u.agent.Set(ctx, v); err != nil {
		return fmt.Errorf("%w: %w", nut.ErrFailed, err)
	}
	return nil
}

// make carries out a command that is made of others.
func (u *device) make(ctx context.Context, cmd nut.Name) error {
	i := slices.IndexFunc(u.made(), cmd.Equal)
	if i < 0 {
		return fmt.Errorf("%w: %s", nut.ErrUnknown, cmd)
	}
	switch u.made()[i] {
	case "load.off":
		return u.Command(ctx, "load.off.delay", "0")
	case "load.on":
		return u.Command(ctx, "load.on.delay", "0")
	}
	start := "-1"
	if cmd.Equal("shutdown.return") {
		start = u.delay("ups.delay.start", u.config.OnDelay)
	}
	if err := u.Command(ctx, "load.on.delay", start); err != nil {
		return err
	}
	return u.Command(ctx, "load.off.delay", u.delay("ups.delay.shutdown", u.config.OffDelay))
}

// delay is what the device says of a delay, else what the configuration does,
// else 0.
func (u *device) delay(name nut.Name, otherwise string) string {
	if p := u.point(name); p != nil {
		if text, ok := u.value(p); ok {
			return text
		}
	}
	if otherwise != "" {
		return otherwise
	}
	return "0"
}

// point is the live point of a name; nil if there is none. Of several the last
// counts, as it does in what is published.
func (u *device) point(name nut.Name) *point {
	for _, p := range slices.Backward(u.live) {
		if p.name.Equal(name) {
			return p
		}
	}
	return nil
}

// kind is the type of an object on the wire: what it is read as, INTEGER where
// it cannot be read.
func (u *device) kind(ctx context.Context, oid string) (transport.Kind, error) {
	v, ok := u.last[oid]
	if !ok {
		values, err := u.agent.Get(ctx, []string{oid})
		if err != nil {
			return 0, fmt.Errorf("%w: %w", nut.ErrFailed, err)
		}
		v = values[0]
		u.last[oid] = v
	}
	if v.Kind == transport.Absent {
		return transport.Integer, nil
	}
	return v.Kind, nil
}

// Set writes a variable to its object, in the type that the object has.
func (u *device) Set(ctx context.Context, name nut.Name, value string) error {
	p := u.point(name)
	if p == nil || !p.row.Write || p.oid == "" {
		return fmt.Errorf("%w: %s", nut.ErrUnknown, name)
	}
	kind, err := u.kind(ctx, p.oid)
	if err != nil {
		return err
	}
	v, ok := p.row.encode(value, kind, u.table.Lookups[p.row.Lookup])
	if !ok {
		return fmt.Errorf("%w: %s cannot be %q", nut.ErrInvalidArgument, name, value)
	}
	if err := u.write(ctx, p.oid, v); err != nil {
		return err
	}
	if p.constant() {
		p.text = value
	} else {
		u.again = append(u.again, p.oid)
	}
	return nil
}

// encode makes of a variable's value that of its object, as far as it can.
func (r *row) encode(value string, kind transport.Kind, lookup map[int64]string) (transport.Value, bool) {
	if lookup != nil {
		for _, n := range slices.Sorted(maps.Keys(lookup)) {
			if lookup[n] == value {
				return transport.Value{Kind: kind, Number: n, Text: strconv.FormatInt(n, 10)}, true
			}
		}
		return transport.Value{}, false
	}
	if kind != transport.Octets && r.Scale != 0 && r.Text == 0 {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return transport.Value{}, false
		}
		value = strconv.FormatFloat(n/r.Scale, 'f', -1, 64)
	}
	return encode(value, kind)
}

// encode makes an object of a kind from text: seconds for ticks, whole numbers
// for what is counted.
func encode(text string, kind transport.Kind) (transport.Value, bool) {
	v := transport.Value{Kind: kind, Text: text}
	switch kind {
	case transport.Octets:
		return v, true
	case transport.Object:
		_, ok := transport.ParseOID(text)
		return v, ok
	default:
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) {
		return v, false
	}
	if kind == transport.Ticks {
		n *= 100
	}
	n = math.Round(n)
	v.Number, v.Text = int64(n), ""
	return v, math.Abs(n) <= math.MaxInt32 && (kind == transport.Integer || n >= 0)
}

// words are the values of a lookup, each once, in the order of their numbers.
func words(lookup map[int64]string) []string {
	var all []string
	for _, n := range slices.Sorted(maps.Keys(lookup)) {
		if word := lookup[n]; word != "" && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

// wish sets the delays that the configuration asks for, once.
func (u *device) wish(ctx context.Context, d *nut.Draft) error {
	if u.wished {
		return nil
	}
	u.wished = true
	for name, value := range map[nut.Name]string{"ups.delay.start": u.config.OnDelay, "ups.delay.shutdown": u.config.OffDelay} {
		if value == "" || d.Value(name) == value {
			continue
		}
		if err := u.Set(ctx, name, value); err != nil {
			u.log.Warn("delay not set", "variable", name, "error", err)
		}
	}
	return nil
}

func isWhole(value string) bool {
	_, err := strconv.ParseInt(value, 10, 32)
	return err == nil
}
