package genericups

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/nut"
)

// cutPower is the only command, where there is a way.
const cutPower nut.Name = "shutdown.default"

// breakTime is how long a break has to be to cut the power.
const breakTime = 4901 * time.Millisecond

// device is a UPS that closes contacts.
type device struct {
	port   *serial.Port
	config Config
	begun  bool
	low    bool // it was last said to be on battery and low
}

// settle is how long lines have to say that the battery is low in a power failure:
// contacts bounce, and a cable that was just powered needs its time.
const settle = 100 * time.Millisecond

// attach powers the cable.
func attach(port *serial.Port, c Config) (*device, error) {
	if err := port.SetLines(c.kind.On.Lines); err != nil {
		return nil, err
	}
	return &device{port: port, config: c}, nil
}

// Read reads the lines.
func (d *device) Read(ctx context.Context, draft *nut.Draft) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now, err := d.port.Inputs()
	if err == nil && d.config.kind.critical(now) && !d.low {
		if err := serial.Pause(ctx, settle); err != nil {
			return err
		}
		now, err = d.port.Inputs()
	}
	if err != nil {
		return err
	}
	d.low = d.config.kind.critical(now)
	draft.SetStatus(d.config.kind.status(now)...)
	if d.begun {
		return nil
	}
	d.begun = true
	draft.Set("ups.mfr", d.config.kind.Mfr)
	draft.Set("ups.model", d.config.kind.Model)
	if d.config.Serial != "" {
		draft.Set("ups.serial", d.config.Serial)
	}
	if d.config.kind.Off != nil {
		draft.AddCommand(cutPower)
	}
	return nil
}

// critical tells whether the lines say what hosts shut down for.
func (k kind) critical(now serial.Inputs) bool { return k.Low.say(now) && !k.Online.match(now) }

// status is what the lines mean, in NUT's order.
func (k kind) status(now serial.Inputs) []string {
	var all []string
	if k.Low.say(now) {
		all = append(all, nut.StatusLowBattery)
	}
	if k.Online.match(now) {
		all = append(all, nut.StatusOnline)
	} else {
		all = append(all, nut.StatusOnBattery)
	}
	if k.Replace.say(now) {
		all = append(all, nut.StatusReplace)
	}
	if k.Bypass.say(now) {
		all = append(all, nut.StatusBypass)
	}
	return all
}

// Command cuts the power.
func (d *device) Command(ctx context.Context, cmd nut.Name, arg string) error {
	switch {
	case !cmd.Equal(cutPower) || d.config.kind.Off == nil:
		return fmt.Errorf("%s: %w", cmd, nut.ErrUnknown)
	case arg != "":
		return fmt.Errorf("%s takes no parameter: %w", cmd, nut.ErrInvalidArgument)
	}
	if err := d.cut(ctx); err != nil {
		return fmt.Errorf("%w: %w", nut.ErrFailed, err)
	}
	return nil
}

// cut sets the lines that cut the power. They stay as they are until the port is
// closed.
func (d *device) cut(ctx context.Context) error {
	if d.config.kind.Off.Break {
		if err := d.port.Break(ctx, breakTime); err != nil {
			return err
		}
	} else if err := d.port.SetLines(d.config.kind.Off.Lines); err != nil {
		return err
	}
	err := serial.Pause(ctx, d.config.Hold)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil // they have been held as long as could be
	}
	return err
}

// Close ends the power of the cable with the port.
func (d *device) Close() error { return d.port.Close() }
