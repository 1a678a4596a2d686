// Package apcupsd follows a UPS of a site that runs apcupsd, by its network
// information server. Nothing can be ordered there. It is NUT's apcupsd-ups.
package apcupsd

import (
	"context"
	"net"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// Config is what ups.conf says about such a UPS.
type Config struct {
	Port string `conf:"port,required" help:"host that runs apcupsd, host[:port]; the port is 3551 if not given"`
}

// Driver is the family of UPSes behind an apcupsd.
var Driver = drivers.Define("apcupsd-ups", "1.0", "a UPS of an apcupsd, by its network server", Config{}, open)

// Check is called by Bind.
func (c *Config) Check() error {
	if _, _, err := net.SplitHostPort(c.address()); err != nil {
		return &drivers.SettingError{Name: "port", Reason: err.Error()}
	}
	return nil
}

// address is where to ask.
func (c *Config) address() string {
	const standard = "3551"
	host, port, err := net.SplitHostPort(c.Port)
	switch {
	case err != nil:
		return net.JoinHostPort(c.Port, standard)
	case port == "":
		port = standard
	}
	return net.JoinHostPort(host, port)
}

func open(ctx context.Context, _ drivers.Env, c Config) (drivers.Device, error) {
	k, err := known()
	if err != nil {
		return nil, err
	}
	d := &device{address: c.address(), known: k}
	if _, err := status(ctx, d.address); err != nil {
		return nil, err
	}
	return d, nil
}

// device is a UPS behind an apcupsd. Each Read is a connection of its own, as
// apcupsd's own clients make them.
type device struct {
	address string
	known   *keys
	begun   bool
}

// Read asks for everything.
func (d *device) Read(ctx context.Context, draft *nut.Draft) error {
	facts, err := status(ctx, d.address)
	if err != nil {
		return err
	}
	words, err := d.known.status(facts["STATUS"])
	if err != nil {
		return err
	}
	draft.SetStatus(words...)
	for _, v := range d.known.Variables {
		value, ok := v.value(facts[v.Key])
		switch {
		case ok:
			draft.Set(v.Name, value)
		case !d.begun && v.Begins != "":
			draft.Set(v.Name, v.Begins)
		case !v.Kept:
			draft.Delete(v.Name)
		}
	}
	d.begun = true
	return nil
}

// Close has nothing to end.
func (d *device) Close() error { return nil }
