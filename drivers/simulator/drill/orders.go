package drill

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// order is what a person can tell the UPS to do.
type order struct {
	words string // ends in N where a number follows
	about string
	do    func(*UPS, float64) error
}

var errCannot = errors.New("it cannot do that now")

// orders are listed by Help in this order.
var orders = []order{
	{"mains off", "the mains fails", wire(model.Unplugged)},
	{"mains on", "it is there, whatever the schedule says", wire(model.Plugged)},
	{"mains auto", "it comes and goes by the schedule of the preset", wire(model.Scheduled)},
	{"load N", "N percent of what the UPS can carry; over 100 is too much", within(0, 200, func(m *model.UPS, n float64) bool {
		m.Load = model.Load{Level: n / 100}
		return true
	})},
	{"battery old", "half of its capacity is left: it wants to be replaced", refit(0.5, -1)},
	{"battery new", "a new one, full", refit(1, 1)},
	{"charge N", "the battery has N percent", within(0, 100, func(m *model.UPS, n float64) bool {
		m.Refit(m.Reading().Health, n/100)
		return true
	})},
	{"temperature N", "degrees Celsius around the UPS", within(-40, 90, func(m *model.UPS, n float64) bool {
		m.Ambient = n
		return true
	})},
	{"test", "a short test of the battery", try(func(m *model.UPS) bool { return m.Test(false) })},
	{"test long", "until the battery is low", try(func(m *model.UPS) bool { return m.Test(true) })},
	{"off", "the output is switched off", try(func(m *model.UPS) bool { m.SwitchOff(); return true })},
	{"on", "and on", try((*model.UPS).SwitchOn)},
	{"go silent", "it answers nobody", func(u *UPS, _ float64) error { u.silent.Store(true); return nil }},
	{"speak", "it answers again", func(u *UPS, _ float64) error { u.silent.Store(false); return nil }},
	{"status", "what it is doing", func(*UPS, float64) error { return nil }},
}

func try(f func(*model.UPS) bool) func(*UPS, float64) error {
	return func(u *UPS, _ float64) (err error) {
		u.Do(func(m *model.UPS) {
			if !f(m) {
				err = errCannot
			}
			m.Step(time.Millisecond) // what was done is felt
		})
		return err
	}
}

func wire(w model.Wall) func(*UPS, float64) error {
	return try(func(m *model.UPS) bool { m.Wire(w); return true })
}

// refit changes the battery; with a charge of less than 0 for one that is as full
// as it was.
func refit(health, charge float64) func(*UPS, float64) error {
	return try(func(m *model.UPS) bool {
		if charge < 0 {
			charge = m.Reading().Charge
		}
		m.Refit(health, charge)
		return true
	})
}

func within(low, high float64, f func(*model.UPS, float64) bool) func(*UPS, float64) error {
	return func(u *UPS, n float64) error {
		if !(low <= n && n <= high) { // NaN is neither
			return fmt.Errorf("%g is not from %g to %g", n, low, high)
		}
		return try(func(m *model.UPS) bool { return f(m, n) })(u, 0)
	}
}

// Order does what a line says, and returns a line that tells how the UPS is
// then.
func (u *UPS) Order(line string) (string, error) {
	words := strings.Fields(strings.ReplaceAll(strings.ToLower(line), "%", " ")) // "load 80 %" is "load 80"
	given := strings.Join(words, " ")
	for _, o := range orders {
		head, number := strings.CutSuffix(o.words, " N")
		switch {
		case !number && given == o.words:
			if err := o.do(u, 0); err != nil {
				return "", fmt.Errorf("%s: %w", o.words, err)
			}
			return u.Status(), nil
		case number && len(words) == 2 && words[0] == head:
			n, err := strconv.ParseFloat(words[1], 64)
			if err != nil {
				return "", fmt.Errorf("%s: %q is not a number", head, words[1])
			}
			if err := o.do(u, n); err != nil {
				return "", fmt.Errorf("%s: %w", head, err)
			}
			return u.Status(), nil
		}
	}
	return "", fmt.Errorf("%q is no order; \"help\" lists them", line)
}

// Help lists the orders.
func Help() string {
	var b strings.Builder
	for _, o := range orders {
		fmt.Fprintf(&b, "  %-14s %s\n", o.words, o.about)
	}
	return b.String()
}

// Status tells in one line how the UPS is.
func (u *UPS) Status() string {
	var r model.Reading
	u.Do(func(m *model.UPS) { r = m.Reading() })
	state := "on battery"
	switch {
	case r.State.Off:
		state = "off"
	case r.State.Mains && !r.State.Battery:
		state = "online"
	}
	for _, s := range []struct {
		is   bool
		word string
	}{
		{r.State.Low, "battery low"},
		{r.State.Replace, "battery to be replaced"},
		{r.State.Overloaded, "overloaded"},
		{r.State.Testing, "testing"},
		{u.Silent(), "silent"},
	} {
		if s.is {
			state += ", " + s.word
		}
	}
	return fmt.Sprintf("%s; input %.0f V, load %.0f %%, charge %.0f %%, runtime %s",
		state, r.Input.Volts, 100*r.Load, 100*r.Charge, r.Runtime.Round(time.Second))
}
