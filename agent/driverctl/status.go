package driverctl

import (
	"context"

	"github.com/wattnut/wattnut/nut/driverline"
)

// Status is what can be seen of a driver process from outside.
type Status struct {
	PID        int    // of the PID file's process, 0 if none runs
	Responsive bool   // it answers on its socket
	SocketPID  string // what it says its PID is; "" where it does not, as before NUT 2.8.3
	UPSStatus  string // the ups.status it says; "" likewise
}

// Status looks at the process. It takes 2 s at most.
func (p Process) Status(ctx context.Context) Status {
	var s Status
	s.PID, _ = p.PID()
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	c, err := dial(ctx, p.Socket())
	if err != nil {
		return s
	}
	defer c.close()
	for _, question := range []driverline.Verb{driverline.GetPID, driverline.DumpStatus, driverline.Ping} {
		if c.send(driverline.Line{Verb: question}) != nil {
			return s
		}
	}
	for { // PONG is the last answer, and the only one of old drivers
		l, err := c.next()
		switch {
		case err != nil:
			return s
		case l.Verb == driverline.PID:
			s.SocketPID = l.Value
		case l.Verb == driverline.SetInfo && l.Name.Equal("ups.status"):
			s.UPSStatus = l.Value
		case l.Verb == driverline.Pong:
			s.Responsive = true
			return s
		}
	}
}
