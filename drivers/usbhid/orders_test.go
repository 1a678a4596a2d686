package usbhid

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/hid"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/nut"
)

// TestOrders gives commands to each persona, and looks at what the UPS does.
func TestOrders(t *testing.T) {
	soon := func(d time.Duration) func(model.Reading) bool {
		return func(r model.Reading) bool { return r.ShutdownIn == d }
	}
	down := func(r model.Reading) bool { return r.State.Off && r.StartIn < 0 }
	for _, persona := range hid.Personas() {
		vendor := map[string]time.Duration{"cps": 60 * time.Second}[persona]
		if vendor == 0 {
			vendor = 20 * time.Second
		}
		for _, tt := range []struct {
			cmd, arg string
			after    time.Duration
			want     func(model.Reading) bool
		}{
			{"shutdown.return", "", 0, soon(vendor)},
			{"shutdown.return", "", 10 * time.Minute, func(r model.Reading) bool { return !r.State.Off }},
			{"shutdown.stayoff", "", 10 * time.Minute, down},
			{"load.off.delay", "40", 0, soon(40 * time.Second)},
			{"load.off.delay", "", 0, soon(vendor)},
			{"load.off", "", time.Second, func(r model.Reading) bool { return r.State.Off }},
			{"test.battery.start.quick", "", time.Second, func(r model.Reading) bool { return r.State.Testing }},
			{"test.battery.start.deep", "", time.Second, func(r model.Reading) bool { return r.State.Testing }},
			{"shutdown.stop", "", time.Minute, func(r model.Reading) bool { return !r.State.Off }},
		} {
			bus := new(fake)
			p := bus.plug(t, persona)
			d := opened(t, bus, "productid", ".", "pollonly", "yes")
			if !d.read().Takes(nut.Name(tt.cmd)) {
				continue // TestCommands says which a persona has
			}
			if err := d.Command(t.Context(), nut.Name(tt.cmd), tt.arg); err != nil {
				t.Errorf("%s: %s: %v", persona, tt.cmd, err)
				continue
			}
			p.Step(tt.after)
			var r model.Reading
			p.Do(func(u *model.UPS) { r = u.Reading() })
			if !tt.want(r) {
				t.Errorf("%s: %s %s, and after %v: shutdown in %v, start in %v, %+v", persona, tt.cmd, tt.arg, tt.after, r.ShutdownIn, r.StartIn, r.State)
			}
		}
	}
}

// TestCommands: the commands that each persona offers.
func TestCommands(t *testing.T) {
	beeper := []nut.Name{"beeper.disable", "beeper.enable", "beeper.mute", "beeper.off", "beeper.on"}
	power := []nut.Name{"load.off", "load.off.delay", "load.on", "load.on.delay", "shutdown.return", "shutdown.stayoff", "shutdown.stop"}
	tests := []nut.Name{"test.battery.start.deep", "test.battery.start.quick", "test.battery.stop"}
	for persona, want := range map[string][]nut.Name{
		"apc":       slices.Concat(beeper, power, tests, []nut.Name{"shutdown.reboot", "test.panel.start", "test.panel.stop"}),
		"cps":       slices.Concat(beeper, power, tests),
		"mge":       slices.Concat(beeper, power, tests, []nut.Name{"shutdown.reboot"}),
		"tripplite": slices.Concat(beeper, power, tests, []nut.Name{"shutdown.reboot", "reset.watchdog"}),
		"powercom":  {"beeper.disable", "beeper.enable", "beeper.off", "beeper.on", "beeper.toggle", "load.on", "load.on.delay", "shutdown.return", "shutdown.stayoff", "test.battery.start.quick"},
		"generic":   power,
	} {
		bus := new(fake)
		bus.plug(t, persona)
		got := slices.Collect(opened(t, bus, "productid", ".").read().Commands())
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s takes\n%v, want\n%v", persona, got, want)
		}
	}
}

// TestDelays: options and variables give the delays, and the device's row the rest.
func TestDelays(t *testing.T) {
	bus := new(fake)
	p := bus.plug(t, "apc")
	d := opened(t, bus, "offdelay", "45", "ondelay", "90", "lowbatt", "35", "pollonly", "yes")
	s := d.read()
	for name, want := range map[nut.Name]string{"ups.delay.shutdown": "45", "ups.delay.start": "90"} {
		if got := s.Value(name); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
	if got := d.read().Value("battery.charge.low"); got != "35" {
		t.Errorf("the option lowbatt left %s", got)
	}
	if err := d.Set(t.Context(), "UPS.delay.shutdown", "70"); err != nil {
		t.Fatal(err)
	}
	if err := d.Command(t.Context(), "Shutdown.Return", ""); err != nil {
		t.Fatal(err)
	}
	var r model.Reading
	var start time.Duration
	p.Do(func(u *model.UPS) { r, start = u.Reading(), u.Start })
	if r.ShutdownIn != 70*time.Second || start != 90*time.Second {
		t.Errorf("off in %v, on after %v", r.ShutdownIn, start)
	}
}

func TestRefusals(t *testing.T) {
	bus := new(fake)
	p := bus.plug(t, "apc")
	d := opened(t, bus, "pollonly", "yes")
	ctx := t.Context()
	if err := d.Command(ctx, "load.off", ""); !errors.Is(err, nut.ErrFailed) {
		t.Errorf("before the first read: %v", err)
	}
	if err := d.Set(ctx, "battery.charge.low", "1"); !errors.Is(err, nut.ErrUnknown) {
		t.Errorf("before the first read: %v", err)
	}
	d.read()
	for name, err := range map[string]error{
		"a command with nonsense":    d.Command(ctx, "load.off.delay", "soon"),
		"a number that is none":      d.Set(ctx, "battery.charge.low", "low"),
		"a number out of range":      d.Set(ctx, "battery.charge.low", "101"),
		"a choice that is none":      d.Set(ctx, "input.sensitivity", "extreme"),
		"a number that is not small": d.Set(ctx, "input.transfer.low", "1e9"),
	} {
		if !errors.Is(err, nut.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.Set(ctx, "battery.charge", "50"); !errors.Is(err, nut.ErrUnknown) {
		t.Errorf("what is only read: %v", err)
	}
	if err := d.Command(ctx, "bypass.start", ""); !errors.Is(err, nut.ErrUnknown) {
		t.Errorf("what it does not take: %v", err)
	}
	p.Stall(17, true)
	if err := d.Set(ctx, "battery.charge.low", "30"); !errors.Is(err, nut.ErrFailed) {
		t.Errorf("a report that is refused: %v", err)
	}
	close(p.gone)
	if err := d.Command(ctx, "load.off", ""); !errors.Is(err, nut.ErrFailed) {
		t.Errorf("a device that is gone: %v", err)
	}
}

// TestNeighbours: a field is set, and those beside it in its report stay.
func TestNeighbours(t *testing.T) {
	bus := new(fake)
	bus.plug(t, "cps") // whose transfer thresholds are in one report
	d := opened(t, bus, "pollonly", "yes")
	d.read()
	if err := d.Set(t.Context(), "input.transfer.low", "170"); err != nil {
		t.Fatal(err)
	}
	s := d.read()
	if low, high := s.Value("input.transfer.low"), s.Value("input.transfer.high"); low != "170" || high != "267" {
		t.Errorf("low %s, high %s", low, high)
	}
}

// TestOutOfRange: what a client gives is what a device takes or is refused, before
// anything is sent: a shutdown must not fail half-way, nor be another than was ordered.
func TestOutOfRange(t *testing.T) {
	for _, persona := range hid.Personas() {
		bus := new(fake)
		p := bus.plug(t, persona)
		d := opened(t, bus, "productid", ".", "pollonly", "yes")
		s := d.read()
		for _, tt := range []struct{ name, value string }{
			{"ups.delay.shutdown", "soon"},
			{"ups.delay.shutdown", ""},
			{"ups.delay.shutdown", "-1"},
			{"ups.delay.shutdown", "1e9"},
			{"ups.delay.start", "later"},
			{"ups.delay.start", "-5"},
			{"ups.delay.start", "1e12"},
		} {
			if v, ok := s.Lookup(nut.Name(tt.name)); !ok || !v.Writable {
				continue
			}
			if err := d.Set(t.Context(), nut.Name(tt.name), tt.value); !errors.Is(err, nut.ErrInvalidArgument) {
				t.Errorf("%s: %s is set to %q: %v", persona, tt.name, tt.value, err)
			}
			if got := d.draft.Value(nut.Name(tt.name)); got != s.Value(nut.Name(tt.name)) {
				t.Errorf("%s: %s is %q now", persona, tt.name, got)
			}
		}
		for _, tt := range []struct {
			name nut.Name
			arg  string
		}{
			{"load.off.delay", "1e12"},
			{"load.off.delay", "-99"},
			{"load.off.delay", "NaN"},
			{"load.on.delay", "soon"},
			{"shutdown.return", "soon"},
			{"shutdown.return", "-7"},
			{"shutdown.return", "6001"},
			{"shutdown.stayoff", "1e99"},
		} {
			if o := d.orders[tt.name]; o == nil || !s.Takes(tt.name) {
				continue
			}
			if err := d.Command(t.Context(), tt.name, tt.arg); !errors.Is(err, nut.ErrInvalidArgument) {
				t.Errorf("%s: %s %s: %v", persona, tt.name, tt.arg, err)
			}
		}
		var r model.Reading
		p.Do(func(u *model.UPS) { r = u.Reading() })
		if r.ShutdownIn >= 0 || r.State.Off {
			t.Errorf("%s: after nothing but refusals it switches off in %v", persona, r.ShutdownIn)
		}
	}
}

// TestUnreadNeighbours: a report that came cut off is not written back with zeros for
// what did not come.
func TestUnreadNeighbours(t *testing.T) {
	bus := new(fake)
	p := bus.plug(t, "cps") // whose transfer thresholds are in one report
	d := opened(t, bus, "pollonly", "yes")
	before := d.read()
	p.get = func(_ context.Context, id byte) ([]byte, error) {
		b, err := p.GetReport(usbdev.Feature, id)
		if id == d.owners["input.transfer.low"].feature.ID {
			b = b[:len(b)-1]
		}
		return b, err
	}
	if err := d.Set(t.Context(), "input.transfer.low", "170"); !errors.Is(err, nut.ErrFailed) {
		t.Errorf("set: %v", err)
	}
	p.get = nil
	d.changed()
	for _, name := range []nut.Name{"input.transfer.low", "input.transfer.high"} {
		if got := d.read().Value(name); got != before.Value(name) {
			t.Errorf("%s is %s, and was %s", name, got, before.Value(name))
		}
	}
}

// TestLongDelays: delays of ups.conf that a device has no room for do not keep it from
// switching off.
func TestLongDelays(t *testing.T) {
	for _, persona := range hid.Personas() {
		bus := new(fake)
		p := bus.plug(t, persona)
		d := opened(t, bus, "productid", ".", "pollonly", "yes", "ondelay", "1000000")
		for _, cmd := range []nut.Name{"shutdown.return", "shutdown.stayoff"} {
			if !d.read().Takes(cmd) {
				continue
			}
			if err := d.Command(t.Context(), cmd, ""); err != nil {
				t.Errorf("%s: %s: %v", persona, cmd, err)
			}
		}
		p.Step(10 * time.Minute)
		var r model.Reading
		if p.Do(func(u *model.UPS) { r = u.Reading() }); !r.State.Off {
			t.Errorf("%s: it is not off: %+v", persona, r)
		}
	}
}

// TestAutoStartRefused: a device that does not let itself be told whether it starts again
// switches off all the same.
func TestAutoStartRefused(t *testing.T) {
	bus := new(fake)
	p := bus.plug(t, "mge")
	d := opened(t, bus, "pollonly", "yes")
	d.read()
	b := d.owners["ups.start.auto"]
	if b == nil || b.row.Write == 0 {
		t.Fatal("it has no such variable")
	}
	p.Stall(b.feature.ID, true)
	if err := d.Command(t.Context(), "shutdown.return", ""); err != nil {
		t.Fatal(err)
	}
	var r model.Reading
	if p.Do(func(u *model.UPS) { r = u.Reading() }); r.ShutdownIn != 20*time.Second {
		t.Errorf("it switches off in %v", r.ShutdownIn)
	}
}
