package server

import (
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/nut"
)

// forced stands in front of ups.status where the shutdown latch is set.
const forced = nut.StatusForced + " "

// waiting is a snapshot as clients see it before its facts are complete: the
// status is WAIT, whatever else is known.
var waiting = nut.NewMemo(func(s *nut.Snapshot) *nut.Snapshot {
	var d nut.Draft
	for v := range s.Variables() {
		d.Put(v)
	}
	for c := range s.Commands() {
		d.AddCommand(c)
	}
	d.SetStatus(nut.StatusWait)
	return d.Freeze(s.UPS, s.Health, s.Time)
})

// ups returns the UPS of that name.
func (s *session) ups(name []byte) (*state.UPS, error) {
	if u := s.server.Store.Lookup(string(name)); u != nil {
		return u, nil
	}
	return nil, nut.ErrUnknownUPS
}

// facts returns the UPS of that name and what it says, if that can be had.
func (s *session) facts(name []byte) (*state.UPS, *nut.Snapshot, error) {
	u, err := s.ups(name)
	if err != nil {
		return nil, nil, err
	}
	switch snap := u.Snapshot(); snap.Health {
	case nut.Live:
		return u, snap, nil
	case nut.Stale:
		return nil, nil, nut.ErrDataStale
	case nut.Waiting:
		return u, waiting.Of(snap), nil
	default:
		return nil, nil, nut.ErrDriverNotConnected
	}
}

// variable returns a variable of a UPS.
func (s *session) variable(ups, name []byte) (*state.UPS, nut.Variable, error) {
	u, snap, err := s.facts(ups)
	if err != nil {
		return nil, nut.Variable{}, err
	}
	v, ok := snap.Lookup(nut.Name(name))
	if !ok {
		return nil, nut.Variable{}, nut.ErrVarNotSupported
	}
	return u, v, nil
}

// latch is what stands in front of the value of a variable.
func latch(u *state.UPS, name nut.Name) string {
	if u.Forced() && name.Equal("ups.status") {
		return forced
	}
	return ""
}
