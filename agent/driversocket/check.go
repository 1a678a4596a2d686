package driversocket

import (
	"errors"
	"slices"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/driverline"
)

// permitted tells what is wrong with an order. NUT's upsd has checked its own
// already; this is for others who may open the socket, and because a driver
// relies on it. A variable that is not there may yet be made: NUT's dummy-ups
// does so.
func permitted(facts *nut.Snapshot, o nut.Order) error {
	if !o.Set {
		if !facts.Takes(o.Name) {
			return nut.ErrUnknown
		}
		return nil
	}
	v, ok := facts.Lookup(o.Name)
	if !ok {
		return nil
	}
	switch n, isNumber := nut.ParseNumber(o.Value); {
	case !v.Writable:
		return nut.ErrReadonly
	case v.Text && v.MaxLen > 0 && len(o.Value) > v.MaxLen:
		return nut.ErrTooLong
	case len(v.Enum) > 0 && !slices.Contains(v.Enum, o.Value):
		return nut.ErrInvalidValue
	case len(v.Ranges) > 0 && (!isNumber || !slices.ContainsFunc(v.Ranges, func(r nut.Range) bool {
		return float64(r.Min) <= n && n <= float64(r.Max)
	})):
		return nut.ErrInvalidValue
	}
	return nil
}

// code is the number by which TRACKING tells an outcome.
func code(err error) int {
	if err == nil {
		return driverline.Handled
	}
	for _, e := range []nut.Error{nut.ErrUnknown, nut.ErrVarNotSupported, nut.ErrCmdNotSupported} {
		if errors.Is(err, e) {
			return driverline.Unknown
		}
	}
	for _, e := range []nut.Error{nut.ErrInvalidArgument, nut.ErrInvalidValue, nut.ErrTooLong, nut.ErrReadonly} {
		if errors.Is(err, e) {
			return driverline.Invalid
		}
	}
	return driverline.Failed
}
