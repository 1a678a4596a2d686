package clone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// idle is a timer that does not run.
const idle = time.Duration(-1)

// device is a clone with thresholds of its own.
type device struct {
	mirror
	timers

	config Config
	log    *slog.Logger
}

// timers are what a clone knows by itself.
type timers struct {
	charge  float64       // threshold
	runtime time.Duration // threshold

	last     time.Time     // of the last Read
	down, up time.Duration // until the outlet is switched off, and on again
}

// keeper has the timers from one contact to the next: an outlet that was switched
// off has to be switched on again.
type keeper struct {
	mu     sync.Mutex
	timers timers
}

func (k *keeper) load() timers {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.timers
}

func (k *keeper) store(t timers) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.timers = t
}

// own are the variables that are the clone's, whatever its device says of them.
func (c *device) own() map[nut.Name]bool {
	return map[nut.Name]bool{
		"ups.status": true, "ups.delay.shutdown": true, "ups.delay.start": true,
		"ups.timer.shutdown": true, "ups.timer.start": true,
		lowCharge: c.charge > 0, lowRuntime: c.runtime > 0,
	}
}

// The thresholds.
const (
	lowCharge  nut.Name = "battery.charge.low"
	lowRuntime nut.Name = "battery.runtime.low"
)

// Read follows the device, and switches the outlet at its time.
func (c *device) Read(ctx context.Context, d *nut.Draft) error {
	if err := c.copy(ctx, d, c.own()); err != nil {
		return err
	}
	defer func() { c.config.kept.store(c.timers) }()
	now := time.Now()
	passed := now.Sub(c.last)
	if c.last.IsZero() {
		passed = 0
	}
	c.last = now
	words := c.status()
	if err := c.pass(ctx, passed, words.Has(nut.StatusOnline)); err != nil {
		return err
	}
	if why := c.low(); why != "" && words.Has(nut.StatusOnBattery) && !words.Has(nut.StatusOnline) && c.down == idle && c.up == idle {
		c.log.Warn("what hangs on the outlet is shut down", "because", why)
		c.down, c.up = c.config.OffDelay, c.config.OnDelay
	}
	if c.down != idle || c.up != idle && !words.Has(nut.StatusOnline) {
		words = append([]string{nut.StatusForced}, words...)
	}
	d.SetStatus(words...)
	c.show(d)
	return nil
}

// pass lets the timers run. The one to the start runs only while the mains is
// there, and from its beginning.
func (c *device) pass(ctx context.Context, passed time.Duration, online bool) error {
	switch {
	case c.down != idle:
		if c.down -= passed; c.down > 0 {
			return nil
		}
		c.down = 0
		if err := c.order(ctx, c.config.LoadOff); err != nil {
			return err
		}
		c.down = idle
		return nil
	case c.up == idle:
		return nil
	case !online:
		c.up = c.config.OnDelay
		return nil
	}
	if c.up -= passed; c.up > 0 {
		return nil
	}
	c.up = 0
	if err := c.order(ctx, c.config.LoadOn); err != nil {
		return err
	}
	c.up = idle
	return nil
}

// order has the device switch the outlet. An error means that it could not be
// told, and is worth another try.
func (c *device) order(ctx context.Context, cmd string) error {
	if cmd == "" {
		return nil
	}
	relay, ok := c.base.(drivers.Relay)
	if !ok {
		c.log.Error("the outlet was not switched: the device that is followed takes no orders", "command", cmd)
		return nil
	}
	failed := func(err error) {
		if err != nil {
			c.log.Error("the outlet was not switched", "command", cmd, "error", err)
		}
	}
	err := relay.Relay(ctx, nut.Order{Name: nut.Name(cmd), Tracked: true}, failed)
	if errors.Is(err, nut.ErrUnknown) || errors.Is(err, nut.ErrInvalidArgument) {
		failed(err)
		return nil
	}
	return err
}

// low says which threshold was passed; "" for none.
func (c *device) low() string {
	if n, ok := nut.ParseNumber(c.facts.Value("battery.charge")); ok && n < c.charge {
		return "battery charge low"
	}
	if n, ok := nut.ParseNumber(c.facts.Value("battery.runtime")); ok && n < c.runtime.Seconds() {
		return "battery runtime low"
	}
	return ""
}

// show writes what is the clone's.
func (c *device) show(d *nut.Draft) {
	d.Set("ups.delay.shutdown", seconds(c.config.OffDelay))
	d.Set("ups.delay.start", seconds(c.config.OnDelay))
	d.Set("ups.timer.shutdown", seconds(c.down))
	d.Set("ups.timer.start", seconds(c.up))
	if c.charge > 0 {
		d.Put(nut.Variable{Name: lowCharge, Value: strconv.FormatFloat(c.charge, 'f', -1, 64), Writable: true, Text: true, MaxLen: 3})
	}
	if c.runtime > 0 {
		d.Put(nut.Variable{Name: lowRuntime, Value: seconds(c.runtime), Writable: true, Text: true, MaxLen: 4})
	}
	if c.config.LoadOff != "" {
		d.AddCommand(stayOff)
		if c.config.LoadOn != "" {
			d.AddCommand(comeBack)
		}
	}
}

// seconds is a time in whole seconds, -1 for a timer that does not run.
func seconds(d time.Duration) string {
	if d == idle {
		return "-1"
	}
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}

// The commands.
const (
	comeBack nut.Name = "shutdown.return"
	stayOff  nut.Name = "shutdown.stayoff"
)

// Command begins to shut down what hangs on the outlet.
func (c *device) Command(_ context.Context, cmd nut.Name, arg string) error {
	back := cmd.Equal(comeBack) && c.config.LoadOn != ""
	switch {
	case c.config.LoadOff == "", !back && !cmd.Equal(stayOff):
		return fmt.Errorf("%s: %w", cmd, nut.ErrUnknown)
	case arg != "":
		return fmt.Errorf("%s takes no parameter: %w", cmd, nut.ErrInvalidArgument)
	}
	defer func() { c.config.kept.store(c.timers) }()
	c.down, c.up = c.config.OffDelay, idle
	if back {
		c.up = c.config.OnDelay
	}
	return nil
}

// Set changes a threshold.
func (c *device) Set(_ context.Context, name nut.Name, value string) error {
	defer func() { c.config.kept.store(c.timers) }()
	n, ok := nut.ParseNumber(value)
	switch {
	case name.Equal(lowCharge) && c.charge > 0:
		if !ok || n <= 0 || n > 100 {
			return fmt.Errorf("%s cannot be %q: %w", name, value, nut.ErrInvalidArgument)
		}
		c.charge = n
	case name.Equal(lowRuntime) && c.runtime > 0:
		if !ok || n <= 0 || n > 9999 || n != math.Trunc(n) {
			return fmt.Errorf("%s cannot be %q: %w", name, value, nut.ErrInvalidArgument)
		}
		c.runtime = time.Duration(n) * time.Second
	default:
		return fmt.Errorf("%s: %w", name, nut.ErrUnknown)
	}
	return nil
}
