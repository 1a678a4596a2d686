package upsclient

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
	"github.com/wattnut/wattnut/nut/wire"
)

// maxValue is the longest value that NUT's programs pass on whole.
const maxValue = 255

// remote is a Device and a Relay over one connection.
type remote struct {
	client   *client.Client
	ups      string
	log      *slog.Logger
	known    []nut.Name // the variables that the draft has, in the server's order
	commands []nut.Name // those that it has
	pending  []pending  // orders whose outcome is not known
}

// Read asks for all variables and for the outcome of the orders under way in
// one write. Only when there are other variables than before, it asks for the
// attributes of the new ones and for the commands.
func (r *remote) Read(ctx context.Context, d *nut.Draft) error {
	list, outcomes := client.ListVar(r.ups), r.outcomes()
	calls := []client.Request{list}
	for _, q := range outcomes {
		calls = append(calls, q)
	}
	if err := r.client.Do(ctx, calls...); err != nil {
		return err
	}
	r.settle(outcomes)
	vars, err := list.Result()
	if err != nil {
		r.known = nil
		return meaning(err)
	}
	vars = slices.DeleteFunc(vars, func(v client.Var) bool { return !carried(v.Name) })
	if waits(vars) {
		return drivers.ErrWaiting
	}
	if !slices.EqualFunc(vars, r.known, func(v client.Var, name nut.Name) bool { return v.Name == name }) {
		if err := r.learn(ctx, d, vars); err != nil {
			r.known = nil
			return meaning(err)
		}
	}
	for _, v := range vars {
		write(d, v)
	}
	return nil
}

// Close ends the connection, which a failed Read has closed already.
func (r *remote) Close() error {
	if err := r.client.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// carried tells whether a variable or a command is one of the device. What is of
// the other server's driver is not, and neither is what is no name.
func carried(name nut.Name) bool {
	return name != "" && !strings.HasPrefix(string(name.Fold()), "driver.") &&
		len(name) <= maxValue && string(wire.AppendWord(nil, string(name))) == string(name)
}

// waits tells whether the server still waits for its driver's first data.
func waits(vars []client.Var) bool {
	return slices.ContainsFunc(vars, func(v client.Var) bool {
		return v.Name.Equal("ups.status") && nut.ParseStatus(v.Value).Has(nut.StatusWait)
	})
}

// write carries a value over. The words of ups.status go with what the server
// laid over them, FSD among it.
func write(d *nut.Draft, v client.Var) {
	value := v.Value[:min(len(v.Value), maxValue)]
	if v.Name.Equal("ups.status") {
		d.SetStatus(value)
		return
	}
	d.Set(v.Name, value)
}

// meaning says what a server's refusal means for the contact.
func meaning(err error) error {
	switch {
	case errors.Is(err, nut.ErrDataStale):
		return fmt.Errorf("%w: %w", drivers.ErrStale, err)
	case errors.Is(err, nut.ErrDriverNotConnected), errors.Is(err, nut.ErrUnknownUPS):
		return fmt.Errorf("%w: %w", drivers.ErrGone, err)
	}
	return err
}
