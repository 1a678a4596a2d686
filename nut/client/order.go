package client

import (
	"context"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// Ticket names an order whose outcome can be asked for; "" where the session
// did not turn tracking on.
type Ticket string

// Set asks for a new value of a variable. The server's OK means that the order
// was handed to the driver, not that the device obeyed.
func Set(ups string, name nut.Name, value string) *Call[Ticket] {
	q := ask(readTicket, "SET", "VAR", ups, string(name), value).as("SET VAR " + ups + " " + string(name))
	if q.unfit == nil {
		q.line = wire.AppendLine(nil, "SET", "VAR", ups, string(name))
		q.line[len(q.line)-1] = ' '
		q.line = append(wire.AppendQuoted(q.line, value), '\n') // RFC 9271 section 4.2.11 has the quotes
	}
	return q
}

// InstCmd asks for an instant command, with a parameter or without. As for Set,
// OK means that it was handed to the driver.
func InstCmd(ups string, command nut.Name, parameter ...string) *Call[Ticket] {
	return ask(readTicket, append([]string{"INSTCMD", ups, string(command)}, parameter...)...)
}

// SetTracking says whether the orders of this session get tickets.
func SetTracking(on bool) *Call[string] {
	word := "OFF"
	if on {
		word = "ON"
	}
	return ask(readOK, "SET", "TRACKING", word)
}

// Tracking asks whether an order was carried out. What it is refused with is
// what became of it: nut.ErrUnknown, nut.ErrInvalidArgument or nut.ErrFailed.
func Tracking(ticket Ticket) *Call[bool] {
	return ask(readOutcome, "GET", "TRACKING", string(ticket))
}

// Set orders a new value of a variable.
func (c *Client) Set(ctx context.Context, ups string, name nut.Name, value string) (Ticket, error) {
	return one(ctx, c, Set(ups, name, value))
}

// InstCmd orders an instant command, with a parameter or without.
func (c *Client) InstCmd(ctx context.Context, ups string, command nut.Name, parameter ...string) (Ticket, error) {
	return one(ctx, c, InstCmd(ups, command, parameter...))
}

// SetTracking says whether the orders of this session get tickets.
func (c *Client) SetTracking(ctx context.Context, on bool) error {
	_, err := one(ctx, c, SetTracking(on))
	return err
}

// Wait asks for the outcome of an order, at once and then every poll, until
// there is one or ctx ends. It returns nil once the driver carried the order
// out, or an error that wraps nut.ErrUnknown, nut.ErrInvalidArgument or
// nut.ErrFailed.
func (c *Client) Wait(ctx context.Context, ticket Ticket, poll time.Duration) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		done, err := one(ctx, c, Tracking(ticket))
		if err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// readTicket takes OK or OK TRACKING with a ticket.
func readTicket(in *reader, first line) (Ticket, error) {
	said, err := readOK(in, first)
	if err != nil {
		return "", err
	}
	word, ticket, _ := strings.Cut(said, " ")
	if !strings.EqualFold(word, "TRACKING") {
		return "", nil
	}
	if ticket == "" || strings.Contains(ticket, " ") {
		return "", in.violation("malformed ticket")
	}
	return Ticket(ticket), nil
}

func readOutcome(in *reader, first line) (bool, error) {
	words, err := in.words(first)
	switch {
	case err != nil:
		return false, err
	case isAll(words, []string{"SUCCESS"}):
		return true, nil
	case isAll(words, []string{"PENDING"}):
		return false, nil
	}
	return false, in.violation("neither SUCCESS, PENDING nor an error")
}
