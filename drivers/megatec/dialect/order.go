package dialect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut"
)

const (
	delayStart    = "ups.delay.start"
	delayShutdown = "ups.delay.shutdown"
	shutdownWell  = "shutdown.default"
)

// aliases are NUT's older names of commands.
var aliases = map[string]string{"beeper.on": "beeper.enable", "beeper.off": "beeper.disable"}

// Command gives an order. Its error wraps nut.ErrUnknown, nut.ErrInvalidArgument
// or nut.ErrFailed; another means that contact is lost.
func (u *Unit) Command(ctx context.Context, name, arg string) error {
	name = strings.ToLower(name)
	if to, ok := aliases[name]; ok {
		name = to
	}
	if name == shutdownWell && u.command("shutdown.return") != nil {
		return u.shutdown(ctx)
	}
	c := u.command(name)
	if c == nil {
		return fmt.Errorf("%s: %w", name, nut.ErrUnknown)
	}
	text := c.Send
	if c.With != "" {
		var err error
		if text, err = commanders[c.With](u, c.command, arg); err != nil {
			return orderError(name, err)
		}
	} else if arg != "" {
		return fmt.Errorf("%s takes no parameter: %w", name, nut.ErrInvalidArgument)
	}
	u.changed = true
	return u.obey(ctx, name, c.command, text)
}

// orderError is the outcome of an order whose text could not be made.
func orderError(name string, err error) error {
	if errors.Is(err, nut.ErrFailed) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return fmt.Errorf("%s: %w: %w", name, err, nut.ErrInvalidArgument)
}

// shutdown takes back a shutdown that was ordered before, so that the times are
// those of now, and orders one; a few times, if the device does not say that it obeys:
// this is the last that can be done for its load.
func (u *Unit) shutdown(ctx context.Context) (err error) {
	for range tries {
		if err := u.Command(ctx, "shutdown.stop", ""); err != nil {
			u.log.Debug("no shutdown was taken back", "error", err)
		}
		err = u.Command(ctx, choose(u.o.Flags[stayOff], "shutdown.stayoff", "shutdown.return"), "")
		if !errors.Is(err, nut.ErrFailed) {
			return err
		}
	}
	return err
}

func (u *Unit) command(name string) *liveCommand {
	for _, c := range u.commands {
		if c.Name == name && !c.off {
			return c
		}
	}
	return nil
}

// obey sends an order, and what goes before it. What has to be answered is
// obeyed if the answer says so; else silence is consent.
func (u *Unit) obey(ctx context.Context, name string, c *command, text string) error {
	if c.Before != "" {
		first := *c
		first.Before = ""
		if err := u.obey(ctx, name, &first, c.Before); err != nil {
			return err
		}
	}
	answer, err := u.exchange(ctx, text)
	switch {
	case errors.Is(err, ErrSilent) && c.Least == 0:
		return nil
	case err == nil:
		err = u.accepts(c, answer)
	case !isAnswer(err):
		return err
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %w", name, err, nut.ErrFailed)
	}
	return nil
}

func (u *Unit) accepts(c *command, raw []byte) error {
	answer, err := u.judge(&query{Least: c.Least, Begins: c.Begins}, raw)
	if err != nil {
		return err
	}
	said, err := cut(answer, c.From, c.To)
	if err != nil {
		return err
	}
	if u.t.Accepted != "" && len(said) >= len(u.t.Accepted) && strings.EqualFold(said[:len(u.t.Accepted)], u.t.Accepted) {
		return nil
	}
	return fmt.Errorf("the device says %q", answer)
}

// Set gives a variable a value. Its errors are those of Command.
func (u *Unit) Set(ctx context.Context, name, value string) error {
	for _, s := range u.settings {
		if strings.EqualFold(s.Name, name) && !s.off && !s.Hidden {
			return u.put(ctx, s, value)
		}
	}
	return fmt.Errorf("%s: %w", name, nut.ErrUnknown)
}

// put gives a setting a value.
func (u *Unit) put(ctx context.Context, s *liveSetting, value string) error {
	value, err := u.fits(s.Set, value)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", s.Name, err, nut.ErrInvalidArgument)
	}
	text, kept := s.Send, value
	if s.With != "" {
		if text, kept, err = setters[s.With](u, s.setting, value); err != nil {
			return orderError(s.Name, err)
		}
	}
	if s.Send == "" {
		u.facts[s.Name] = kept
		return nil
	}
	u.changed = true
	if err := u.obey(ctx, s.Name, &s.command, text); err != nil {
		return err
	}
	u.facts[s.Name] = kept
	return nil
}

// fits tells whether a value is one of a set, and returns it as that has it.
func (u *Unit) fits(name, value string) (string, error) {
	words, low, high, bounded := u.allowed(name)
	if len(words) > 0 {
		i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, value) })
		if i < 0 {
			return "", fmt.Errorf("%q is none of %s", value, strings.Join(words, ", "))
		}
		return words[i], nil
	}
	if !bounded {
		return value, nil
	}
	if n, err := strconv.ParseFloat(value, 64); err != nil || !(low <= n && n <= high) {
		return "", fmt.Errorf("%q is not a number from %g to %g", value, low, high)
	}
	return value, nil
}

// allowed is what a set allows here: some words, or a range.
func (u *Unit) allowed(name string) (words []string, low, high float64, bounded bool) {
	s, ok := u.sets[name]
	if !ok {
		s = u.t.Sets[name]
	}
	numbers := s.Range
	for _, l := range s.Limits {
		if u.applies(l) {
			numbers = append(numbers, l.Value)
		}
	}
	for i, text := range numbers {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			continue // checked with the table
		}
		if i == 0 {
			low, high = n, n
		}
		low, high = min(low, n), max(high, n)
	}
	return s.One, low, high, len(numbers) > 0
}

func (u *Unit) applies(l limit) bool {
	volts, hertz := u.float("output.voltage.nominal"), u.float("output.frequency.nominal")
	watts := volts * u.float("output.current.nominal")
	return (len(l.Units) == 0 || slices.Contains(l.Units, u.voltronicUnit())) &&
		volts >= l.From && (l.Below == 0 || volts < l.Below) && (l.Frequency == 0 || hertz == l.Frequency) &&
		watts >= l.WattsFrom && (l.WattsBelow == 0 || watts < l.WattsBelow)
}

// waits are the times until the UPS switches off, and until it starts again
// after that.
func (u *Unit) waits() (off, on time.Duration, err error) {
	if off, err = seconds(u.facts[delayShutdown]); err == nil {
		on, err = seconds(u.facts[delayStart])
	}
	return off, on, err
}

// delays fills in the times of the family's own commands.
func delays(u *Unit, c *command, arg string) (string, error) {
	off, on, err := u.waits()
	if err != nil {
		return "", err
	}
	switch c.Name {
	case "shutdown.return":
		text := minutes(off)
		if on >= time.Minute {
			text += fmt.Sprintf("R%04d", int(on/time.Minute))
		}
		return fmt.Sprintf(c.Send, text), noArgument(arg)
	case "shutdown.stayoff":
		return fmt.Sprintf(c.Send, minutes(off)), noArgument(arg)
	}
	d, err := testTime(arg, time.Minute)
	return fmt.Sprintf(c.Send, int(d/time.Minute)), err
}

func noArgument(arg string) error {
	if arg != "" {
		return errors.New("takes no parameter")
	}
	return nil
}

// testTime is how long a battery test is to last: ten minutes where it is not
// said.
func testTime(arg string, least time.Duration) (time.Duration, error) {
	if arg == "" {
		return 10 * time.Minute, nil
	}
	d, err := seconds(arg)
	if err == nil && (d < least || d > 99*time.Minute) {
		err = fmt.Errorf("%s is not from %d to 5940 seconds", arg, int(least.Seconds()))
	}
	return d, err
}

// mecerTest may be short with units of Voltronic's.
func mecerTest(u *Unit, c *command, arg string) (string, error) {
	least := time.Minute
	if strings.Contains(u.facts["ups.firmware.aux"], "P98") {
		least = 12 * time.Second
	}
	d, err := testTime(arg, least)
	return fmt.Sprintf(c.Send, minutes(d)), err
}

// setDelay keeps a time as the device can be told it.
func setDelay(_ *Unit, s *setting, value string) (text, kept string, err error) {
	d, err := seconds(value)
	switch {
	case err != nil:
		return "", "", err
	case s.Name == delayShutdown && d < time.Minute:
		d -= d % (6 * time.Second)
	default:
		d -= d % time.Minute
	}
	return "", strconv.Itoa(int(d.Seconds())), nil
}

// setNumber sends a number.
func setNumber(u *Unit, s *setting, value string) (text, kept string, err error) {
	if s.Send == "" {
		return setDelay(u, s, value)
	}
	n, err := number(value)
	if err != nil {
		return "", "", fmt.Errorf("%q is not a number", value)
	}
	return fmt.Sprintf(s.Send, n), value, nil
}

// setMinutes sends a time in minutes.
func setMinutes(_ *Unit, s *setting, value string) (text, kept string, err error) {
	d, err := seconds(value)
	if err != nil {
		return "", "", err
	}
	whole := int(d / time.Minute)
	return fmt.Sprintf(s.Send, whole), strconv.Itoa(60 * whole), nil
}

// setIndex sends the place of a word among those that it may be.
func setIndex(u *Unit, s *setting, value string) (text, kept string, err error) {
	words, _, _, _ := u.allowed(s.Set)
	return fmt.Sprintf(s.Send, float64(slices.Index(words, value))), value, nil
}
