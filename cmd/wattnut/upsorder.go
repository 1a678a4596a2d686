package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut/client"
)

// order is how upscmd and upsrw give an order.
type order struct {
	call

	remote
	given   credentials
	wait    bool          // -w: until the driver has told what came of it
	patient time.Duration // -t
}

// pollOutcome is how often the outcome of an order is asked for.
const pollOutcome = 200 * time.Millisecond

func newOrder(c call) order { return order{call: c, patient: 10 * time.Second} }

// option takes an option that both programs have.
func (o *order) option(opt byte, arg string) error {
	switch opt {
	case 'u':
		o.given.user = &arg
	case 'p':
		o.given.password = &arg
	case 'w':
		o.wait = true
	case 'W':
		o.timeout = arg
	case 't':
		seconds, err := strconv.ParseUint(arg, 10, 31)
		if err != nil {
			return errPatience
		}
		o.patient = time.Duration(seconds) * time.Second
	}
	return nil
}

// give logs on and gives the order, and writes what the server says to it. It
// returns the exit code.
func (o *order) give(ctx context.Context, c *client.Client, user, password string, q *client.Call[client.Ticket]) int {
	logon := []client.Request{client.Username(user), client.Password(password)}
	if !o.wait {
		lastly(ctx, c, append(logon, q)...)
		if _, err := q.Result(); err != nil {
			return o.refused(err)
		}
		fmt.Fprintln(o.stderr, "OK")
		return 0
	}
	defer lastly(ctx, c)
	track := client.SetTracking(true)
	_ = c.Do(ctx, append(logon, track)...) // the call has the error
	if _, err := track.Result(); err != nil {
		return o.refused(err)
	}
	_ = c.Do(ctx, q)
	ticket, err := q.Result()
	if err != nil {
		return o.refused(err)
	}
	return o.follow(ctx, c, ticket)
}

// follow waits for what comes of an order.
func (o *order) follow(ctx context.Context, c *client.Client, ticket client.Ticket) int {
	if ticket == "" {
		fmt.Fprintln(o.stderr, "OK")
		if os.Getenv("NUT_QUIET_OK_NOTRACKING") == "" {
			fmt.Fprintln(o.stderr, "The server does not tell what comes of an order")
		}
		return 0
	}
	limited, cancel := context.WithTimeout(ctx, o.patient)
	defer cancel()
	err := c.Wait(limited, ticket, pollOutcome)
	switch refused, ok := errors.AsType[*client.ServerError](err); {
	case err == nil:
		fmt.Fprintln(o.stderr, "SUCCESS")
		return 0
	case ok:
		fmt.Fprintln(o.stderr, "ERR", refused.Word)
	case errors.Is(err, context.DeadlineExceeded):
		fmt.Fprintln(o.stderr, errOutcome)
	default:
		return o.fail(err)
	}
	return 1
}

// refused says that the server did not take the order.
func (o *order) refused(err error) int {
	answer, ok := errors.AsType[*client.ServerError](err)
	if !ok {
		return o.fail(err)
	}
	text := "ERR " + string(answer.Word)
	if answer.Text != "" {
		text += " " + answer.Text
	}
	fmt.Fprintln(o.stderr, "Unexpected response from upsd:", text)
	return 1
}

// fail says that the server could not be asked.
func (o *order) fail(err error) int {
	fmt.Fprintln(o.stderr, "Error: "+libraryText(err))
	return 1
}

// target reads the UPS's name.
func (o *order) target(text string) (client.Target, error) {
	target, err := client.ParseTarget(text)
	if err != nil {
		return target, errAddress
	}
	return target, nil
}

// orderOptions are the lines of help for the options that both programs have.
func orderOptions() []manual.Option {
	return []manual.Option{
		{"-u <username>", "the user who gives the order; asked for if it is missing"},
		{"-p <password>", "the password; asked for if it is missing"},
		{"-w", "wait until the driver has told what came of the order"},
		{"-t <timeout>", "the longest wait of -w, in seconds (10)"},
		{"-W <secs>", "the longest time to connect (" + defaultConnectTimeout + ")"},
		{"-V", "the version of this program"},
		{"-h", "this text"},
	}
}
