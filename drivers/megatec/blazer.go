package megatec

import (
	"context"
	"errors"
	"strconv"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/megatec/dialect"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// blazerProtocols are those that NUT's older drivers know.
func blazerProtocols() []string { return []string{"megatec", "megatec-old", "mustek", "q1", "zinto"} }

// blazerSerial is what ups.conf says to blazer_ser.
type blazerSerial struct {
	common
	CablePower string `conf:"cablepower" help:"which lines of the serial port feed the cable: normal (DTR), reverse (RTS), both, none"`
}

// BlazerSer is blazer_ser: the Megatec protocols on a serial line, everything
// asked at each poll.
var BlazerSer = drivers.Define("blazer_ser", "1.0", "UPSes of the Megatec family on a serial line",
	blazerSerial{common: usual(), CablePower: "normal"}, openBlazerSer)

// Check is called by Bind.
func (c *blazerSerial) Check() error {
	return errors.Join(c.check(blazerProtocols()), checkCable(c.CablePower))
}

// blazerUSB is what ups.conf says to blazer_usb.
type blazerUSB struct {
	common
	usbLine
}

// BlazerUSB is blazer_usb: the Megatec protocols over USB, everything asked at
// each poll.
var BlazerUSB = drivers.Define("blazer_usb", "1.0", "UPSes of the Megatec family on USB", blazerUSB{common: usual()}, openBlazerUSB(new(usbdev.Owners)))

// Check is called by Bind.
func (c *blazerUSB) Check() error {
	return errors.Join(c.common.check(blazerProtocols()), c.usbLine.check())
}

func openBlazerUSB(owners *usbdev.Owners) func(context.Context, drivers.Env, blazerUSB) (drivers.Device, error) {
	return func(ctx context.Context, env drivers.Env, c blazerUSB) (drivers.Device, error) {
		c.owners = owners
		return blazer(c.meetUSB(ctx, openUSB, env.UPS, c.search, c.blazerOptions(env)))
	}
}

func openBlazerSer(ctx context.Context, env drivers.Env, c blazerSerial) (drivers.Device, error) {
	l, err := openLine(ctx, c.Port, c.CablePower)
	if err != nil {
		return nil, err
	}
	return blazer(meet(ctx, l, c.search, c.blazerOptions(env), nil))
}

// blazer has a device speak as the older drivers do.
func blazer(d *device, err error) (drivers.Device, error) {
	if err != nil {
		return nil, err
	}
	d.old = true
	return d, nil
}

// blazerOptions are those of the older drivers, which count ondelay in minutes
// and begin an estimate otherwise.
func (c *common) blazerOptions(env drivers.Env) dialect.Options {
	o := c.options(env)
	o.Among = blazerProtocols()
	o.Battery.FromNominal = true
	if n, err := strconv.ParseFloat(c.OnDelay, 64); err == nil {
		o.Delays["ups.delay.start"] = strconv.Itoa(int(n) * 60)
	}
	return o
}
