package upsclient

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
	"github.com/wattnut/wattnut/nut/wire"
)

// maxLists is how many lists of values and intervals are asked for, each of
// which the options bound.
const maxLists = 256

// limits are the questions about one variable.
type limits struct {
	client.Var
	kind   *client.Call[client.Type]
	enum   *client.Call[[]string]
	ranges *client.Call[[]client.Range]
}

// learn brings the draft to the set of variables that the server has now. It
// asks for the attributes of those that are new, and for the commands, in two
// writes.
func (r *remote) learn(ctx context.Context, d *nut.Draft, vars []client.Var) error {
	commands := client.ListCmd(r.ups)
	calls := []client.Request{commands}
	fresh := r.fresh(vars)
	for i := range fresh {
		fresh[i].kind = client.GetType(r.ups, fresh[i].Name)
		calls = append(calls, fresh[i].kind)
	}
	if err := r.client.Do(ctx, calls...); err != nil {
		return err
	}
	names, err := commands.Result()
	if err != nil {
		return err
	}
	calls = nil
	for i := 0; i < len(fresh) && len(calls) < maxLists; i++ {
		calls = append(calls, fresh[i].more(r.ups)...)
	}
	if err := r.client.Do(ctx, calls...); err != nil {
		return err
	}
	if len(r.known) == 0 {
		d.Reset()
		r.commands = nil
	}
	r.forget(d, vars)
	for _, l := range fresh {
		d.Put(l.variable())
	}
	r.take(d, names)
	return nil
}

// fresh are the variables that were not there before.
func (r *remote) fresh(vars []client.Var) []limits {
	known := make(map[nut.Name]bool, len(r.known))
	for _, name := range r.known {
		known[name] = true
	}
	var fresh []limits
	for _, v := range vars {
		if !known[v.Name] {
			fresh = append(fresh, limits{Var: v})
		}
	}
	return fresh
}

// forget deletes the variables that are there no more.
func (r *remote) forget(d *nut.Draft, vars []client.Var) {
	left := make(map[nut.Name]bool, len(vars))
	for _, v := range vars {
		left[v.Name] = true
	}
	for _, name := range r.known {
		if !left[name] {
			d.Delete(name)
		}
	}
	r.known = r.known[:0]
	for _, v := range vars {
		r.known = append(r.known, v.Name)
	}
}

// take puts these commands in the place of those before.
func (r *remote) take(d *nut.Draft, names []nut.Name) {
	names = slices.DeleteFunc(names, func(name nut.Name) bool { return !carried(name) })
	for _, name := range r.commands {
		if !slices.Contains(names, name) {
			d.RemoveCommand(name)
		}
	}
	for _, name := range names {
		d.AddCommand(name)
	}
	r.commands = names
}

// more is what is to be asked because of the answer to kind.
func (l *limits) more(ups string) (calls []client.Request) {
	kind, err := l.kind.Result()
	if err == nil && kind.Enum {
		l.enum = client.ListEnum(ups, l.Name)
		calls = append(calls, l.enum)
	}
	if err == nil && kind.Range {
		l.ranges = client.ListRange(ups, l.Name)
		calls = append(calls, l.ranges)
	}
	return calls
}

// variable is what the answers say. A variable that went between one question
// and the next has no attributes.
func (l *limits) variable() nut.Variable {
	kind, _ := l.kind.Result()
	all := nut.Variable{Name: l.Name, Value: l.Value, Writable: kind.Writable, Text: kind.Text, MaxLen: kind.MaxLen}
	if l.enum != nil {
		members, _ := l.enum.Result()
		for _, member := range members {
			if wire.Clean(member) {
				all.Enum = append(all.Enum, member)
			}
		}
	}
	if l.ranges != nil {
		bounds, _ := l.ranges.Result()
		for _, b := range bounds {
			if low, high, err := interval(b); err == nil {
				all.Ranges = append(all.Ranges, nut.Range{Min: low, Max: high})
			}
		}
	}
	return all
}

var errInterval = errors.New("not an interval")

// interval reads the bounds of a range. NUT's are whole numbers; RFC 9271 has
// others too, of which the whole part is taken.
func interval(r client.Range) (low, high int, err error) {
	const most = math.MaxInt32 // it fits any int
	a, ok := nut.ParseNumber(r.Min)
	b, also := nut.ParseNumber(r.Max)
	if !ok || !also || a > b || a < -most || b > most {
		return 0, 0, errInterval
	}
	return int(a), int(b), nil
}
