package apcsmart

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// A command that cuts the power has to be said again, neither sooner nor later.
const (
	againFrom = 3 * time.Second
	againTo   = 15 * time.Second
)

// maxChoices is how many steps are taken to set a variable.
const maxChoices = 32

// Command obeys an instant command.
func (d *device) Command(ctx context.Context, cmd nut.Name, arg string) error {
	if cmd.Equal(cutPower) {
		return d.cut(ctx, arg)
	}
	err := fmt.Errorf("%s: %w", cmd, nut.ErrUnknown)
	for _, c := range d.commands {
		if !c.Name.Equal(cmd) {
			continue
		}
		if c.Arg == nil && arg != "" || !c.Arg.fits(arg) {
			err = fmt.Errorf("%s %q: %w", cmd, arg, nut.ErrInvalidArgument)
			continue
		}
		if c.Again && !d.again(string(c.Name)+" "+arg) {
			return fmt.Errorf("%s cuts the power; say it again after 3 to 15 seconds: %w", cmd, nut.ErrFailed)
		}
		return d.obey(ctx, c, strings.ToLower(arg))
	}
	return err
}

// again tells whether an order was given once before, at the right time.
func (d *device) again(order string) bool {
	ago := time.Since(d.said[order])
	if againFrom <= ago && ago <= againTo {
		delete(d.said, order)
		return true
	}
	d.said = map[string]time.Time{order: time.Now()}
	return false
}

// obey sends what a command stands for.
func (d *device) obey(ctx context.Context, c command, arg string) error {
	delay, hard := strings.CutPrefix(arg, "at:")
	switch {
	case hard:
		return d.hard(ctx, delay)
	case arg == "cs":
		return d.feign(ctx)
	case c.Send == "Z":
		return d.atOnce(ctx)
	case c.Twice:
		return d.sendTwice(ctx, string(c.Send))
	case c.Send == "D":
		if err := d.readStatus(ctx); err != nil {
			return err
		}
		if start := c.Name == "calibrate.start"; start == (d.status&calibrating != 0) {
			return fmt.Errorf("%s: the UPS says %v: %w", c.Name, d.status.words(), nut.ErrFailed)
		}
	}
	return d.order(ctx, string(c.Send))
}

// order sends a letter that the UPS has to agree to.
func (d *device) order(ctx context.Context, letter string) error {
	if err := d.send(ctx, letter); err != nil {
		return err
	}
	return d.agrees(ctx, letter)
}

// agrees waits for the answer to an order.
func (d *device) agrees(ctx context.Context, order string) error {
	limit, cancel := context.WithTimeout(ctx, patienceShort)
	defer cancel()
	answer, err := d.verdict(limit)
	switch {
	case silent(ctx, err):
		return fmt.Errorf("no answer to %q: %w", order, nut.ErrFailed)
	case err != nil:
		return err
	case slices.Contains([]string{goingDown, "OK", "BYP", "INV"}, answer):
		return nil
	}
	return fmt.Errorf("%q is answered by %q: %w", order, answer, nut.ErrFailed)
}

// goingDown is what some UPSes say instead of OK, as the power is about to go.
const goingDown = "*"

// verdict reads a line that is more than alerts, or goingDown, after which there may
// be no end of a line.
func (d *device) verdict(ctx context.Context) (string, error) {
	var line []byte
	for len(line) < maxAnswer {
		b, err := d.port.Byte(ctx)
		switch {
		case err != nil:
			return "", err
		case b == goingDown[0]:
			return goingDown, nil
		case b != '\n':
			line = append(line, b)
			continue
		}
		if answer := d.heed(strings.TrimSuffix(string(line), "\r")); answer != "" {
			return answer, nil
		}
		line = nil
	}
	return "", serial.ErrTooLong
}

// Set changes a variable that the UPS keeps.
func (d *device) Set(ctx context.Context, name nut.Name, value string) error {
	for _, v := range d.variables {
		choices := d.choices[v.Name]
		if !v.Name.Equal(name) || !v.Text && choices == nil {
			continue
		}
		d.complete = time.Time{} // what is read next may have changed
		switch {
		case choices != nil && !slices.Contains(choices, value), len(value) > textLen && choices == nil, !wire.Clean(value):
			return fmt.Errorf("%s cannot be %q: %w", name, value, nut.ErrInvalidArgument)
		case choices != nil:
			return d.choose(ctx, v, value)
		}
		return d.write(ctx, v, value)
	}
	return fmt.Errorf("%s: %w", name, nut.ErrUnknown)
}

// choose goes from one of the values of a variable to the next until it is the
// one, or the first again.
func (d *device) choose(ctx context.Context, v variable, value string) error {
	var first string
	for i := range maxChoices {
		values, err := d.reread(ctx, v)
		if err != nil {
			return err
		}
		now := values[v.Name]
		switch {
		case now == value:
			return nil
		case i == 0:
			first = now
		case now == first:
			return fmt.Errorf("the UPS does not offer %q for %s: %w", value, v.Name, nut.ErrFailed)
		}
		if err := d.order(ctx, "-"); err != nil {
			return err
		}
	}
	return fmt.Errorf("the UPS does not come to %q for %s: %w", value, v.Name, nut.ErrFailed)
}

// write sets a text, which is as long as all texts.
func (d *device) write(ctx context.Context, v variable, value string) error {
	values, err := d.reread(ctx, v)
	if err != nil || values[v.Name] == value {
		return err
	}
	padded := value + strings.Repeat("\r", textLen-len(value))
	if err := d.send(ctx, "-"); err != nil {
		return err
	}
	if err := serial.Pause(ctx, pace); err != nil {
		return err
	}
	if err := d.port.WriteSlowly(ctx, []byte(padded), pace); err != nil {
		return err
	}
	return d.agrees(ctx, "-"+value)
}
