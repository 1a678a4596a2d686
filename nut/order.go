package nut

import "context"

// Order is a wish of a client: an instant command, or a new value for a
// variable.
type Order struct {
	Set     bool   // SET VAR Name Value; otherwise INSTCMD Name Value
	Name    Name   // the variable or command
	Value   string // the new value, or the command's parameter ("" for none)
	Tracked bool   // somebody wants to know the outcome
}

// Door is the one way by which orders reach a device.
//
// Order hands o over and returns nil as soon as it is taken, which is what the
// protocol's OK means. done, which may be nil, is called once, from any
// goroutine, with the outcome: nil, or an error that wraps ErrUnknown,
// ErrInvalidArgument or ErrFailed; never if the device never tells. Order
// returns an error, and never calls done, if the order could not be handed over.
type Door interface {
	Order(ctx context.Context, o Order, done func(error)) error
}
