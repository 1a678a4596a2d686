// Package genericups reads UPSes that close contacts: a few lines of a serial
// port tell whether the mains is there and the battery is low, and one of them
// cuts the power. Which line means what is a number of a table. It is NUT's
// genericups.
package genericups

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/serial"
)

// Config is what ups.conf says about such a UPS.
type Config struct {
	Port   string        `conf:"port,required" help:"serial port, such as /dev/ttyS0"`
	Type   int           `conf:"upstype,required" help:"number of the type of UPS and cable, 0 to 23"`
	Mfr    string        `conf:"mfr" help:"maker, in place of the type's"`
	Model  string        `conf:"model" help:"model, in place of the type's"`
	Serial string        `conf:"serial" help:"serial number, which such a UPS cannot tell"`
	On     string        `conf:"CP" help:"lines that power the cable, in place of the type's: DTR, RTS, DTR+RTS or none"`
	Online string        `conf:"OL" help:"lines that say on line: CTS, DCD, DSR, RNG, with a - for their low level, or none"`
	Low    string        `conf:"LB" help:"lines that say battery low"`
	Worn   string        `conf:"RB" help:"lines that say replace the battery"`
	Bypass string        `conf:"BYPASS" help:"lines that say bypass"`
	Off    string        `conf:"SD" help:"lines that cut the power: DTR, RTS, DTR+RTS, ST for a break, or none for all low"`
	Hold   time.Duration `conf:"sdtime" help:"how long they have to be held, in seconds, before the program may end"`

	kind kind // what the above comes to
}

// Driver is the family of UPSes that close contacts.
var Driver = drivers.Define("genericups", "1.0", "UPSes that close contacts on the lines of a serial port", Config{Type: -1}, open)

// Check is called by Bind.
func (c *Config) Check() error {
	all, err := known()
	if err != nil {
		return err
	}
	if c.Type < 0 || c.Type >= len(all) {
		return &drivers.SettingError{Name: "upstype", Reason: fmt.Sprintf("%d is not from 0 to %d", c.Type, len(all)-1)}
	}
	c.kind = all[c.Type]
	if c.Mfr != "" {
		c.kind.Mfr = c.Mfr
	}
	if c.Model != "" {
		c.kind.Model = c.Model
	}
	var errs []error
	override := func(name, text string, set func() error) {
		if text == "" {
			return
		}
		if err := set(); err != nil {
			errs = append(errs, &drivers.SettingError{Name: name, Reason: err.Error()})
		}
	}
	override("CP", c.On, func() (err error) {
		c.kind.On, err = parseOutputs(c.On)
		if err == nil && c.kind.On.Break {
			return errors.New("a break powers no cable")
		}
		return err
	})
	override("SD", c.Off, func() error {
		off, err := parseOutputs(c.Off)
		c.kind.Off = &off
		return err
	})
	for _, in := range []struct {
		name, text string
		lines      *inputs
	}{{"OL", c.Online, &c.kind.Online}, {"LB", c.Low, &c.kind.Low}, {"RB", c.Worn, &c.kind.Replace}, {"BYPASS", c.Bypass, &c.kind.Bypass}} {
		override(in.name, in.text, func() (err error) {
			*in.lines, err = parseInputs(in.text)
			return err
		})
	}
	return errors.Join(errs...)
}

func open(ctx context.Context, _ drivers.Env, c Config) (drivers.Device, error) {
	port, err := serial.Open(ctx, c.Port, serial.Settings{})
	if err != nil {
		return nil, err
	}
	d, err := attach(port, c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("port %s: %w", c.Port, err), port.Close())
	}
	return d, nil
}
