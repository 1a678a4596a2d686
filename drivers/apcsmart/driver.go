// Package apcsmart speaks APC's Smart protocol over a serial line, as Smart-UPS,
// Matrix-UPS and some Back-UPS of the years before 2009 do: one letter asks, one
// line answers. It is NUT's apcsmart.
package apcsmart

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/serial"
)

// Config is what ups.conf says about such a UPS.
type Config struct {
	Port     string  `conf:"port,required" help:"serial port, such as /dev/ttyS0"`
	Cable    string  `conf:"cable" help:"940-0095B for that cable; otherwise one such as 940-0024C"`
	TTYMode  string  `conf:"ttymode" help:"not used: the line is always read byte by byte, which NUT calls raw"`
	SDType   int     `conf:"sdtype" help:"how to cut the power: 0 softly on battery and hard on line, 1 softly and then hard, 2 at once, 3 after a delay, 4 by a feigned power failure, 5 hard"`
	AdvOrder string  `conf:"advorder" help:"ways to cut the power in the order to try them, in place of sdtype: 0 softly, 1 hard, 2 after a delay, 3 at once, 4 by a feigned power failure; or no"`
	AWD      string  `conf:"awd" help:"further delay before waking up after being cut hard, in units of 6 minutes: 3 digits, or exactly 2 for models that want so"`
	CSHDelay float64 `conf:"cshdelay" help:"seconds between the feigned power failure and the order to cut the power, 0 to 9.9"`
}

// Driver is the family of UPSes that speak APC's Smart protocol.
var Driver = scanned(drivers.Define(name, "1.0", "APC UPSes with a serial port and the Smart protocol", Config{CSHDelay: 3.5}, open))

const name = "apcsmart"

// alternate is the cable that is powered by DTR.
const alternate = "940-0095B"

var (
	orderShape = regexp.MustCompile(`^([0-4]{1,5}|no|)$`)
	delayShape = regexp.MustCompile(`^[0-9]{0,3}$`)
)

// Check is called by Bind.
func (c *Config) Check() error {
	var errs []error
	wrong := func(name, reason string) { errs = append(errs, &drivers.SettingError{Name: name, Reason: reason}) }
	if c.SDType < 0 || c.SDType > 5 {
		wrong("sdtype", fmt.Sprintf("%d is not from 0 to 5", c.SDType))
	}
	if !orderShape.MatchString(c.AdvOrder) {
		wrong("advorder", c.AdvOrder+" is neither no nor 1 to 5 digits from 0 to 4")
	}
	if !delayShape.MatchString(c.AWD) {
		wrong("awd", c.AWD+" is not of 1 to 3 digits")
	}
	if !(c.CSHDelay >= 0 && c.CSHDelay <= 9.9) { // NaN is neither
		wrong("cshdelay", fmt.Sprintf("%g is not from 0 to 9.9", c.CSHDelay))
	}
	return errors.Join(errs...)
}

func open(ctx context.Context, env drivers.Env, c Config) (drivers.Device, error) {
	settings := serial.Settings{Speed: 2400, Power: &serial.Lines{DTR: true, RTS: true}}
	if c.Cable == alternate {
		settings.Power.RTS = false
	}
	port, err := serial.Open(ctx, c.Port, settings)
	if err != nil {
		return nil, err
	}
	d := &device{link: link{port: port}, config: c, log: env.Log}
	if err := d.meet(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	port.Watch(alerts)
	return d, nil
}

// Close leaves the smart mode, and the port.
func (d *device) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = d.send(ctx, "R") // a UPS that is gone is none the worse
	return d.port.Close()
}
