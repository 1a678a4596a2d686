package server

import (
	"context"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

func (s *session) instCmd(args [][]byte) error {
	o := nut.Order{Name: nut.Name(args[1])}
	if len(args) > 2 {
		o.Value = string(args[2])
	}
	if escaped(o.Value) > maxValue {
		return nut.ErrInvalidArgument
	}
	u, snap, err := s.facts(args[0])
	switch {
	case err != nil:
		return err
	case !snap.Takes(o.Name):
		return nut.ErrCmdNotSupported
	}
	if err := s.may(func(r Rights) bool { return r.Takes(o.Name) }); err != nil {
		return err
	}
	return s.order(u, o, nut.ErrInstcmdFailed)
}

// setVar checks in upsd's order what the device must not be asked.
func (s *session) setVar(args [][]byte) error {
	u, snap, err := s.facts(args[0])
	if err != nil {
		return err
	}
	if err := s.may(func(r Rights) bool { return r.Set }); err != nil {
		return err
	}
	v, ok := snap.Lookup(nut.Name(args[1]))
	if !ok {
		return nut.ErrVarNotSupported
	}
	o := nut.Order{Set: true, Name: nut.Name(args[1]), Value: string(args[2])}
	if err := takes(v, o.Value); err != nil {
		return err
	}
	return s.order(u, o, nut.ErrSetFailed)
}

// order hands o to the device and answers that it is handed over; failed is
// the answer where it could not be.
func (s *session) order(u *state.UPS, o nut.Order, failed nut.Error) error {
	ctx, cancel := context.WithTimeout(s.server.base, s.server.OrderTimeout)
	defer cancel()
	kind := "command"
	if o.Set {
		kind = "set"
	}
	o.Tracked = s.tracking
	answer, id, done := "OK", "", (func(error))(nil)
	if o.Tracked {
		id, done = s.server.tracking.start(s)
		answer = "OK TRACKING " + id
	}
	log := s.server.Log.With("ups", u.Name, "order", kind, "name", string(o.Name), "client", s.client, "user", s.user, "id", id)
	if err := u.Order(ctx, o, done); err != nil {
		s.server.tracking.drop(id)
		log.Warn("order not taken", "error", err)
		return failed
	}
	log.Info("order taken")
	return s.say(answer)
}

// escaped is how long a value is between the quotes of a line.
func escaped(value string) int { return len(wire.AppendEscaped(nil, value)) }
