package apcsmart

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/nut"
)

// cutPower is the command that cuts the power in the way that sdtype and advorder
// say, at once: nobody is left to say it again. It is what a shutdown uses.
const cutPower nut.Name = "shutdown.default"

// The ways to cut the power, by the digits of advorder.
const (
	softly    = '0' // until the mains returns; only on battery
	hardly    = '1' // on line too
	delayed   = '2' // until somebody switches it on
	instantly = '3'
	feigned   = '4' // softly, in a power failure that is feigned
)

// cut tries the ways that the settings name until one is taken.
func (d *device) cut(ctx context.Context, arg string) error {
	if arg != "" {
		return fmt.Errorf("%s takes no parameter: %w", cutPower, nut.ErrInvalidArgument)
	}
	err := fmt.Errorf("%s: %w", cutPower, nut.ErrFailed)
	for _, way := range d.ways(ctx) {
		err = d.cutBy(ctx, way)
		if err == nil || errors.Is(err, serial.ErrVanished) {
			return err
		}
		d.log.Warn("a way to cut the power was not taken", "way", string(way), "error", err)
	}
	return err
}

// ways are those to try, in order.
func (d *device) ways(ctx context.Context) string {
	if order := d.config.AdvOrder; order != "" && order != "no" {
		return order
	}
	const both = string(softly) + string(hardly)
	switch d.config.SDType {
	case 2:
		return string(instantly)
	case 3:
		return string(delayed)
	case 4:
		return string(feigned)
	case 5:
		return string(hardly)
	}
	if err := d.readStatus(ctx); err != nil {
		return both // whatever it is
	}
	switch {
	case d.status&onBattery == 0:
		return string(hardly)
	case d.config.SDType == 1:
		return both
	}
	return string(softly)
}

func (d *device) cutBy(ctx context.Context, way rune) error {
	switch way {
	case softly:
		return d.order(ctx, "S")
	case hardly:
		return d.hard(ctx, d.config.AWD)
	case delayed:
		return d.sendTwice(ctx, "K")
	case instantly:
		return d.atOnce(ctx)
	}
	return d.feign(ctx)
}

// hard cuts the power until so many times six minutes after the return of the
// mains. Two digits are sent as two, all others as three.
func (d *device) hard(ctx context.Context, delay string) error {
	if len(delay) != 2 {
		delay = strings.Repeat("0", 3-len(delay)) + delay
	}
	if err := d.begin(ctx, "@"); err != nil {
		return err
	}
	if err := d.port.WriteSlowly(ctx, []byte(delay), pace); err != nil {
		return err
	}
	return d.agrees(ctx, "@"+delay)
}

// feign has the UPS act as if the mains had failed, and cuts the power then.
func (d *device) feign(ctx context.Context) error {
	if err := d.order(ctx, "U"); err != nil {
		return err
	}
	if err := serial.Pause(ctx, time.Duration(d.config.CSHDelay*float64(time.Second))); err != nil {
		return err
	}
	return d.order(ctx, "S")
}

// atOnce cuts the power now. There is no answer to it.
func (d *device) atOnce(ctx context.Context) error {
	if err := d.sayTwice(ctx, "Z"); err != nil {
		return err
	}
	return serial.Pause(ctx, peek)
}

// sendTwice sends a letter that only counts when it comes again.
func (d *device) sendTwice(ctx context.Context, letter string) error {
	if err := d.sayTwice(ctx, letter); err != nil {
		return err
	}
	return d.agrees(ctx, letter)
}

func (d *device) sayTwice(ctx context.Context, letter string) error {
	if err := d.send(ctx, letter); err != nil {
		return err
	}
	// What comes in between is a refusal, and so is read.
	answer, err := d.answer(ctx, twice)
	if !silent(ctx, err) {
		return errors.Join(err, fmt.Errorf("%q is answered by %q: %w", letter, answer, nut.ErrFailed))
	}
	return d.send(ctx, letter)
}
