package snmp

import (
	"errors"
	"slices"
	"testing"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/nut"
)

// inContact is an invented device that was read once.
func inContact(t *testing.T, name string, c Config) (*device, *spy, *nut.Draft) {
	t.Helper()
	a := &spy{Playback: played(t, name)}
	u := opened(t, a, c)
	d := &nut.Draft{}
	read(t, u, d)
	return u, a, d
}

func TestCommand(t *testing.T) {
	for _, tt := range []struct {
		device, cmd, arg, oid string
		want                  transport.Value
		err                   error
	}{
		{"apc", "load.off", "", "1.3.6.1.4.1.318.1.1.1.6.2.1.0", integer(2), nil},
		{"apc", "LOAD.OFF", "", "1.3.6.1.4.1.318.1.1.1.6.2.1.0", integer(2), nil},
		{"apc", "shutdown.stayoff", "", "1.3.6.1.4.1.318.1.1.1.6.2.1.0", integer(3), nil},
		{"apc", "load.off", "4", "1.3.6.1.4.1.318.1.1.1.6.2.1.0", integer(4), nil},
		{"apc", "load.off", "soon", "", integer(0), nut.ErrInvalidArgument},
		{"apc", "beeper.mute", "", "", integer(0), nut.ErrUnknown},
		{"ietf", "beeper.disable", "", "1.3.6.1.2.1.33.1.9.8.0", integer(1), nil},
		{"ietf", "test.battery.start.quick", "", "1.3.6.1.2.1.33.1.7.1.0", object("1.3.6.1.2.1.33.1.7.7.4"), nil},
		{"eaton-epdu", "device.2.outlet.1.load.off", "", "1.3.6.1.4.1.534.6.6.7.6.6.1.3.1.1", integer(0), nil},
		{"eaton-epdu", "device.1.outlet.2.load.off.delay", "5", "1.3.6.1.4.1.534.6.6.7.6.6.1.3.0.2", integer(5), nil},
		{"eaton-epdu", "device.1.outlet.2.load.off.delay", "", "", integer(0), nut.ErrInvalidArgument},
	} {
		u, a, _ := inContact(t, tt.device, Config{})
		err := u.Command(t.Context(), nut.Name(tt.cmd), tt.arg)
		if !errors.Is(err, tt.err) || tt.err == nil && err != nil {
			t.Errorf("%s %s %s brings %v", tt.device, tt.cmd, tt.arg, err)
			continue
		}
		tt.want.OID = tt.oid
		if got := a.Recording.Get(tt.oid); tt.err == nil && got != tt.want {
			t.Errorf("%s %s set %+v, want %+v", tt.device, tt.cmd, got, tt.want)
		}
	}
}

// TestMadeCommands are those that are made of two with a delay.
func TestMadeCommands(t *testing.T) {
	const off, on = "1.3.6.1.4.1.534.1.9.1.0", "1.3.6.1.4.1.534.1.9.2.0"
	l, err := embeddedTables()
	if err != nil {
		t.Fatal(err)
	}
	e := l.named("eaton_pw_nm2")[0]
	table, err := e.table()
	if err != nil {
		t.Fatal(err)
	}
	// The table with its own rows for what is made of others taken away.
	bare := *table
	bare.Commands = slices.DeleteFunc(slices.Clone(table.Commands), func(c order) bool {
		return c.Name == "load.off" || c.Name == "load.on" || c.Name == "shutdown.return"
	})
	for _, tt := range []struct {
		cmd     nut.Name
		config  Config
		off, on int64
	}{
		{"load.off", Config{}, 0, 1},
		{"load.on", Config{}, 1, 0},
		{"shutdown.stayoff", Config{OffDelay: "20"}, 20, -1},
		{"shutdown.return", Config{OffDelay: "20", OnDelay: "60"}, 20, 60},
		{"shutdown.return", Config{}, 0, 0},
	} {
		a := &transport.Playback{Recording: invent(e, table)}
		u := opened(t, a, tt.config)
		u.table = &bare
		var d nut.Draft
		s := read(t, u, &d)
		if !slices.Contains(slices.Collect(s.Commands()), tt.cmd) {
			t.Errorf("%s is not offered", tt.cmd)
		}
		if err := u.Command(t.Context(), tt.cmd, ""); err != nil {
			t.Errorf("%s: %v", tt.cmd, err)
		}
		if a.Recording.Get(off).Number != tt.off || a.Recording.Get(on).Number != tt.on {
			t.Errorf("%s set off %d and on %d, want %d and %d", tt.cmd, a.Recording.Get(off).Number, a.Recording.Get(on).Number, tt.off, tt.on)
		}
	}
}

func TestSet(t *testing.T) {
	for _, tt := range []struct {
		device, name, value, oid string
		want                     transport.Value
		err                      error
	}{
		{"apc", "input.transfer.low", "196", "1.3.6.1.4.1.318.1.1.1.5.2.3.0", integer(196), nil},
		{"apc", "input.sensitivity", "low", "1.3.6.1.4.1.318.1.1.1.5.2.7.0", transport.Value{Kind: transport.Integer, Number: 2, Text: "2"}, nil},
		{"apc", "input.sensitivity", "odd", "", integer(0), nut.ErrInvalidArgument},
		{"apc", "ups.delay.shutdown", "30", "1.3.6.1.4.1.318.1.1.1.5.2.10.0", ticks(3000), nil},
		{"apc", "ups.id", "rack", "1.3.6.1.4.1.318.1.1.1.1.1.2.0", octets("rack"), nil},
		{"apc", "input.transfer.low", "low", "", integer(0), nut.ErrInvalidArgument},
		{"apc", "ups.load", "3", "", integer(0), nut.ErrUnknown},
		{"apc", "ups.nothing", "3", "", integer(0), nut.ErrUnknown},
		{"apc-pdu", "outlet.3.status", "off", "1.3.6.1.4.1.318.1.1.4.4.2.1.3.3", transport.Value{Kind: transport.Integer, Number: 2, Text: "2"}, nil},
		{"eaton-epdu", "device.2.input.voltage.high.critical", "250", "1.3.6.1.4.1.534.6.6.7.3.2.1.8.1.1.1", integer(250000), nil},
	} {
		u, a, d := inContact(t, tt.device, Config{})
		err := u.Set(t.Context(), nut.Name(tt.name), tt.value)
		if !errors.Is(err, tt.err) || tt.err == nil && err != nil {
			t.Errorf("%s %s %s brings %v", tt.device, tt.name, tt.value, err)
			continue
		}
		tt.want.OID = tt.oid
		if tt.err != nil {
			continue
		}
		if got := a.Recording.Get(tt.oid); got != tt.want {
			t.Errorf("%s %s set %+v, want %+v", tt.device, tt.name, got, tt.want)
		}
		if got := read(t, u, d).Value(nut.Name(tt.name)); got != tt.value {
			t.Errorf("%s is %q at the next Read, want %q", tt.name, got, tt.value)
		}
	}
}

// TestWriteOnly is a delay that the device takes and does not tell.
func TestWriteOnly(t *testing.T) {
	const delay = "1.3.6.1.2.1.33.1.8.2.0"
	a := &spy{Playback: played(t, "mge")}
	a.Put(transport.Value{OID: delay, Kind: transport.Integer, Number: -1})
	u := opened(t, a, Config{})
	var d nut.Draft
	if got := read(t, u, &d).Value("ups.delay.shutdown"); got != "20" {
		t.Errorf("at first %q", got)
	}
	if err := u.Set(t.Context(), "ups.delay.shutdown", "45"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, u, &d).Value("ups.delay.shutdown"); got != "45" || a.Recording.Get(delay).Number != 45 {
		t.Errorf("then %q, %+v", got, a.Recording.Get(delay))
	}
}

// TestWish sets the delays of the configuration, once; an agent that does not
// take them is read all the same.
func TestWish(t *testing.T) {
	const off = "1.3.6.1.4.1.318.1.1.1.5.2.10.0"
	u, a, d := inContact(t, "apc", Config{OffDelay: "120", OnDelay: "10"})
	if a.Recording.Get(off).Number != 12000 || read(t, u, d).Value("ups.delay.shutdown") != "120" {
		t.Errorf("set to %+v, shown as %q", a.Recording.Get(off), d.Value("ups.delay.shutdown"))
	}
	_, _, d = inContact(t, "apc-pdu", Config{OffDelay: "120"})
	if d.Value("device.model") == "" {
		t.Error("not read")
	}
}

// TestAttributes: what can be set says what it may be.
func TestAttributes(t *testing.T) {
	_, _, d := inContact(t, "apc", Config{})
	for _, want := range []nut.Variable{
		{Name: "ups.id", Value: "UPS_IDEN", Writable: true, Text: true, MaxLen: 8},
		{Name: "input.sensitivity", Value: "high", Writable: true, Text: true, MaxLen: 1, Enum: []string{"auto", "low", "medium", "high"}},
		{Name: "ups.delay.shutdown", Value: "90", Writable: true},
		{Name: "ups.load", Value: "24.30"},
	} {
		if got, _ := d.Lookup(want.Name); !got.Equal(want) && want.Name != "input.sensitivity" {
			t.Errorf("%+v, want %+v", got, want)
		} else if want.Name == "input.sensitivity" && !slices.Equal(got.Enum, want.Enum) {
			t.Errorf("may be %v", got.Enum)
		}
	}
}

// TestBeforeRead: a device that was not read takes no orders.
func TestBeforeRead(t *testing.T) {
	u := opened(t, played(t, "apc"), Config{})
	if err := u.Set(t.Context(), "ups.id", "x"); !errors.Is(err, nut.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	if err := u.Command(t.Context(), "load.off", ""); !errors.Is(err, nut.ErrUnknown) {
		t.Errorf("got %v", err)
	}
}
