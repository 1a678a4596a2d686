package clone

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/nut"
)

// played is a device to follow, which says what a test wants.
type played struct {
	facts  map[nut.Name]string
	err    error
	refuse error // of Relay
	orders []string
}

func (p *played) Read(_ context.Context, d *nut.Draft) error {
	for _, name := range d.Names() {
		if _, ok := p.facts[name]; !ok {
			d.Delete(name)
		}
	}
	for name, value := range p.facts {
		d.Set(name, value)
	}
	return p.err
}

func (p *played) Close() error { return nil }

func (p *played) Relay(_ context.Context, o nut.Order, done func(error)) error {
	p.orders = append(p.orders, string(o.Name))
	if p.refuse == nil {
		done(nil)
	}
	return p.refuse
}

func (p *played) follow(context.Context, drivers.Env, Base) (drivers.Device, error) { return p, nil }

func playing() *played {
	return &played{facts: map[nut.Name]string{
		"ups.status": "OL CHRG", "battery.charge": "90", "battery.charge.low": "10", "battery.runtime": "1000",
		"ups.delay.shutdown": "20", "driver.name": "x", "outlet.1.status": "on",
	}}
}

func settings(pairs ...string) []drivers.Setting {
	all := []drivers.Setting{{Name: "port", Value: "x"}}
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, drivers.Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

func open(t *testing.T, d drivers.Driver, s []drivers.Setting) drivers.Device {
	t.Helper()
	opener, err := d.Bind(s)
	if err != nil {
		t.Fatal(err)
	}
	device, err := opener(t.Context(), drivers.Env{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return device
}

var switched = settings("load.off", "outlet.1.load.off", "load.on", "outlet.1.load.on", "offdelay", "4", "ondelay", "3", "mincharge", "40", "minruntime", "300")

func TestSuite(t *testing.T) {
	for _, tt := range []struct {
		driver   drivers.Driver
		settings []drivers.Setting
	}{{New(playing().follow), switched}, {NewOutlet(playing().follow), settings("prefix", "outlet.1")}} {
		t.Run(tt.driver.Name, func(t *testing.T) {
			drivertest.Suite(t, drivertest.Config{
				Driver: tt.driver, Settings: tt.settings, FakeTime: true,
				Values: map[nut.Name]string{"battery.charge.low": "50", "battery.runtime.low": "60"},
				Avoid:  []nut.Name{"shutdown.return", "shutdown.stayoff"}, // which begin what goes on
			})
		})
	}
}

// TestOutage goes through an outage, second by second.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := playing()
		c := open(t, New(base.follow), switched).(*device)
		var d nut.Draft
		for _, tt := range []struct {
			edit   string // name=value of the device that is followed
			status string
			timers string // to off and on
			orders string
		}{
			{"", "OL CHRG", "-1 -1", ""},
			{"ups.status=OB", "OB", "-1 -1", ""},
			{"battery.charge=40", "OB", "-1 -1", ""},
			{"battery.charge=39", "FSD OB", "4 3", ""},
			{"", "FSD OB", "3 3", ""},
			{"ups.status=OL", "FSD OL", "2 3", ""}, // begun is begun
			{"ups.status=OB", "FSD OB", "1 3", ""},
			{"", "FSD OB", "-1 3", "outlet.1.load.off"},
			{"", "FSD OB", "-1 3", "outlet.1.load.off"},
			{"ups.status=OL", "OL", "-1 2", "outlet.1.load.off"},
			{"ups.status=OB", "FSD OB", "-1 3", "outlet.1.load.off"}, // from its beginning
			{"ups.status=OL", "OL", "-1 2", "outlet.1.load.off"},
			{"", "OL", "-1 1", "outlet.1.load.off"},
			{"", "OL", "-1 -1", "outlet.1.load.off outlet.1.load.on"},
			{"battery.runtime=299", "OL", "-1 -1", "outlet.1.load.off outlet.1.load.on"},
		} {
			if name, value, ok := strings.Cut(tt.edit, "="); ok {
				base.facts[nut.Name(name)] = value
			}
			if err := c.Read(t.Context(), &d); err != nil {
				t.Fatal(err)
			}
			timers := d.Value("ups.timer.shutdown") + " " + d.Value("ups.timer.start")
			if got := d.Value("ups.status"); got != tt.status || timers != tt.timers || strings.Join(base.orders, " ") != tt.orders {
				t.Errorf("%s: %s, %s, %v; want %+v", tt.edit, got, timers, base.orders, tt)
			}
			time.Sleep(time.Second) //nolint:forbidigo // fake time
		}
	})
}

// TestNotOnBattery: a low charge is no reason while the device does not say that it
// is on battery.
func TestNotOnBattery(t *testing.T) {
	for _, status := range []string{"OL", "", "BYPASS", "OL OB", "LB"} {
		base := playing()
		base.facts["ups.status"], base.facts["battery.charge"] = status, "5"
		var d nut.Draft
		if err := open(t, New(base.follow), switched).Read(t.Context(), &d); err != nil || d.Value("ups.status") != status || len(base.orders) > 0 {
			t.Errorf("%q: %s, %v", status, d.Value("ups.status"), err)
		}
	}
}

// TestKept: what is under way outlives a loss of contact, and an order that could
// not be told is told later.
func TestKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := playing()
		opener, err := New(base.follow).Bind(switched)
		if err != nil {
			t.Fatal(err)
		}
		var c drivers.Device
		var d nut.Draft
		contact := func() {
			d = nut.Draft{}
			if c, err = opener(t.Context(), drivers.Env{Log: slog.New(slog.DiscardHandler)}); err != nil {
				t.Fatal(err)
			}
		}
		contact()
		base.facts["ups.status"], base.facts["battery.charge"] = "OB", "39"
		for i, step := range []struct {
			after  time.Duration
			mains  string
			fail   error
			status string
			orders string
		}{
			{0, "OB", nil, "FSD OB", ""},
			{2 * time.Second, "OB", nil, "FSD OB", ""},
			{2 * time.Second, "OB", drivers.ErrGone, "", "outlet.1.load.off"}, // which did not arrive
			{time.Second, "OB", nil, "FSD OB", "outlet.1.load.off outlet.1.load.off"},
			{time.Minute, "OL", nil, "OL", "outlet.1.load.off outlet.1.load.off outlet.1.load.on"},
			{time.Minute, "OL", nil, "OL", "outlet.1.load.off outlet.1.load.off outlet.1.load.on"},
		} {
			<-time.After(step.after)
			contact()
			base.facts["ups.status"], base.refuse = step.mains, step.fail
			if err := c.Read(t.Context(), &d); !errors.Is(err, step.fail) {
				t.Errorf("step %d: %v", i, err)
			}
			if got := d.Value("ups.status"); got != step.status || strings.Join(base.orders, " ") != step.orders {
				t.Errorf("step %d: %s, %v; want %+v", i, got, base.orders, step)
			}
		}
		// What is another UPS' has timers of its own.
		if other := open(t, New(playing().follow), switched).(*device); other.down != idle || other.up != idle {
			t.Errorf("another clone begins with %v, %v", other.down, other.up)
		}
	})
}

func TestCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := playing()
		c := open(t, New(base.follow), switched).(*device)
		var d nut.Draft
		read := func(after time.Duration) string {
			time.Sleep(after) //nolint:forbidigo // fake time
			if err := c.Read(t.Context(), &d); err != nil {
				t.Fatal(err)
			}
			return d.Value("ups.status") + " " + d.Value("ups.timer.shutdown") + " " + d.Value("ups.timer.start")
		}
		read(0)
		for _, tt := range []struct {
			cmd, arg string
			err      error
			after    time.Duration
			want     string
		}{
			{"shutdown.return", "", nil, 0, "FSD OL CHRG 4 3"},
			{"shutdown.return", "1", nut.ErrInvalidArgument, 4 * time.Second, "OL CHRG -1 3"},
			{"load.off", "", nut.ErrUnknown, 3 * time.Second, "OL CHRG -1 -1"},
			{"shutdown.stayoff", "", nil, 0, "FSD OL CHRG 4 -1"},
			{"outlet.1.load.off", "", nut.ErrUnknown, 4 * time.Second, "OL CHRG -1 -1"},
		} {
			if err := c.Command(t.Context(), nut.Name(tt.cmd), tt.arg); !errors.Is(err, tt.err) {
				t.Errorf("%s: %v", tt.cmd, err)
			}
			if got := read(tt.after); got != tt.want {
				t.Errorf("after %s: %s, want %s", tt.cmd, got, tt.want)
			}
		}
		if got := strings.Join(base.orders, " "); got != "outlet.1.load.off outlet.1.load.on outlet.1.load.off" {
			t.Errorf("orders: %s", got)
		}
	})
}

// TestMirror: what the device says no more goes, and its failures are the clone's.
func TestMirror(t *testing.T) {
	base := playing()
	c := open(t, New(base.follow), settings())
	var d nut.Draft
	if err := c.Read(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	if d.Value("battery.charge.low") != "10" || d.Value("ups.delay.shutdown") != "120" || d.Value("driver.name") != "" {
		t.Errorf("%v", d.Names())
	}
	delete(base.facts, "battery.charge.low")
	if err := c.Read(t.Context(), &d); err != nil || d.Value("battery.charge.low") != "" {
		t.Errorf("%q, %v", d.Value("battery.charge.low"), err)
	}
	if err := c.(drivers.Commander).Command(t.Context(), "shutdown.return", ""); !errors.Is(err, nut.ErrUnknown) {
		t.Errorf("without load.off: %v", err)
	}
	base.err = drivers.ErrStale
	if err := c.Read(t.Context(), &d); !errors.Is(err, drivers.ErrStale) {
		t.Errorf("got %v", err)
	}
}

func TestOutlet(t *testing.T) {
	base := playing()
	c := open(t, NewOutlet(base.follow), settings("prefix", "outlet.1"))
	var d nut.Draft
	for _, tt := range []struct{ edit, want string }{
		{"", "OL CHRG"},
		{"outlet.1.status=off", "OL CHRG OFF"},
		{"outlet.1.timer.shutdown=5", "FSD OL CHRG OFF"},
		{"outlet.1.timer.shutdown=-1", "OL CHRG OFF"},
		{"outlet.1.status=on", "OL CHRG"},
	} {
		if name, value, ok := strings.Cut(tt.edit, "="); ok {
			base.facts[nut.Name(name)] = value
		}
		if err := c.Read(t.Context(), &d); err != nil || d.Value("ups.status") != tt.want {
			t.Errorf("%s: %s, want %s (%v)", tt.edit, d.Value("ups.status"), tt.want, err)
		}
	}
}

func TestConfig(t *testing.T) {
	for _, wrong := range [][]drivers.Setting{
		settings("mincharge", "101"), settings("mincharge", "-1"), settings("load.on", "x"), settings("offdelay", "x"),
	} {
		if _, err := New(playing().follow).Bind(wrong); err == nil {
			t.Errorf("%v is good", wrong)
		}
	}
	if _, err := NewOutlet(playing().follow).Bind(settings()); err == nil {
		t.Error("an outlet without a prefix")
	}
}

func TestSetRefuses(t *testing.T) {
	c := open(t, New(playing().follow), switched).(*device)
	for name, values := range map[nut.Name][]string{
		"battery.charge.low": {"", "x", "0", "101", "NaN"}, "battery.runtime.low": {"1.5", "-1", "10000"},
	} {
		for _, value := range values {
			if err := c.Set(t.Context(), name, value); !errors.Is(err, nut.ErrInvalidArgument) {
				t.Errorf("%s = %q: %v", name, value, err)
			}
		}
	}
	if err := c.Set(t.Context(), "ups.delay.start", "1"); !errors.Is(err, nut.ErrUnknown) {
		t.Errorf("got %v", err)
	}
}
