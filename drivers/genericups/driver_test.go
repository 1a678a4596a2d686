package genericups

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// played is our driver with a played port in the place of a real one.
func played(in serial.Inputs) drivers.Driver {
	return drivers.Define(Driver.Name, Driver.Version, Driver.About, Config{Type: -1}, func(_ context.Context, _ drivers.Env, c Config) (drivers.Device, error) {
		near, _ := net.Pipe()
		return attach(serial.New(&cable{Conn: near, inputs: in}), c)
	})
}

func TestSuite(t *testing.T) {
	drivertest.Suite(t, drivertest.Config{
		Driver:   played(serial.Inputs{CTS: true, DCD: true}),
		Settings: []drivers.Setting{{Name: "port", Value: "played"}, {Name: "upstype", Value: "7"}},
	})
}

func TestConfig(t *testing.T) {
	for _, tt := range []struct{ name, value, wrong string }{
		{"upstype", "24", "upstype: 24 is not from 0 to 23"},
		{"upstype", "-1", "upstype: -1 is not"},
		{"OL", "RTS", "OL: RTS is none of CTS"},
		{"LB", "--CTS", "LB: --CTS is none of"},
		{"RB", "CTS-DCD", "RB: CTS-DCD is none of"},
		{"BYPASS", "?", "BYPASS: ? is none of"},
		{"CP", "CTS", "CP: CTS is none of DTR"},
		{"CP", "ST", "CP: a break powers no cable"},
		{"SD", "ST+DTR", "SD: ST+DTR: a break has no lines"},
		{"SD", "rts", ""},
		{"OL", "null", ""},
		{"sdtime", "2.5", ""},
	} {
		settings := []drivers.Setting{{Name: "port", Value: "x"}, {Name: "upstype", Value: "1"}, {Name: tt.name, Value: tt.value}}
		_, err := Driver.Bind(settings)
		if tt.wrong == "" && err != nil || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
			t.Errorf("%s = %s: %v", tt.name, tt.value, err)
		}
	}
	if _, err := Driver.Bind([]drivers.Setting{{Name: "port", Value: "x"}}); err == nil || !strings.Contains(err.Error(), "upstype") {
		t.Errorf("without a type: %v", err)
	}
}

// TestNoLines: a port without lines is told at opening.
func TestNoLines(t *testing.T) {
	far, near, err := serial.Far()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	open, err := Driver.Bind([]drivers.Setting{{Name: "port", Value: near}, {Name: "upstype", Value: "1"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t.Context(), drivers.Env{}); !errors.Is(err, serial.ErrNoLines) {
		t.Errorf("got %v", err)
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		settings []string
		lines    serial.Lines
		broke    time.Duration
		took     time.Duration
	}{
		{[]string{"upstype", "1", "sdtime", "5"}, serial.Lines{RTS: true}, 0, 5 * time.Second},
		{[]string{"upstype", "1", "sdtime", "500"}, serial.Lines{RTS: true}, 0, 30 * time.Second},
		{[]string{"upstype", "2"}, serial.Lines{RTS: true, DTR: true}, 0, 0},
		{[]string{"upstype", "4"}, serial.Lines{}, 0, 0},
		{[]string{"upstype", "11"}, serial.Lines{DTR: true}, breakTime, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			port, cable := plug(t)
			d, err := attach(port, configure(t, tt.settings))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			began := time.Now()
			if err := d.Command(ctx, cutPower, ""); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); cable.lines != tt.lines || cable.broke != tt.broke || took != tt.took {
				t.Errorf("%v: %+v, break %v, after %v", tt.settings, cable.lines, cable.broke, took)
			}
		})
	}
}

// TestBounce: lines that say for a moment only that the battery is low are not
// believed, and those that go on saying so are, at the same Read.
func TestBounce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port, cable := plug(t)
		d, err := attach(port, configure(t, []string{"upstype", "7"})) // CTS is on line, DCD is not low
		if err != nil {
			t.Fatal(err)
		}
		var draft nut.Draft
		for _, tt := range []struct {
			first, then serial.Inputs
			want        string
		}{
			{serial.Inputs{}, serial.Inputs{CTS: true, DCD: true}, "OL"}, // the cable gets its power
			{serial.Inputs{CTS: true, DCD: true}, serial.Inputs{}, "OL"},
			{serial.Inputs{}, serial.Inputs{DCD: true}, "OB"},
			{serial.Inputs{}, serial.Inputs{}, "LB OB"},
			{serial.Inputs{}, serial.Inputs{CTS: true}, "LB OB"}, // known already
			{serial.Inputs{CTS: true}, serial.Inputs{}, "LB OL"},
		} {
			cable.set(func() { cable.inputs = tt.first })
			time.AfterFunc(settle/2, func() { cable.set(func() { cable.inputs = tt.then }) })
			if err := d.Read(t.Context(), &draft); err != nil || draft.Value("ups.status") != tt.want {
				t.Errorf("%+v: %s, %v", tt, draft.Value("ups.status"), err)
			}
			<-time.After(time.Second)
		}
	})
}

func TestCommandRefuses(t *testing.T) {
	port, cable := plug(t)
	d, err := attach(port, configure(t, []string{"upstype", "8"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Command(t.Context(), cutPower, ""); !errors.Is(err, nut.ErrUnknown) {
		t.Errorf("no way to cut the power: %v", err)
	}
	d.config.kind.Off = &outputs{}
	if err := d.Command(t.Context(), cutPower, "1"); !errors.Is(err, nut.ErrInvalidArgument) {
		t.Errorf("a parameter: %v", err)
	}
	cable.set(func() { cable.err = errors.New("unplugged") })
	if err := d.Command(t.Context(), cutPower, ""); !errors.Is(err, nut.ErrFailed) {
		t.Errorf("unplugged: %v", err)
	}
	if err := d.Read(t.Context(), new(nut.Draft)); !errors.Is(err, serial.ErrVanished) {
		t.Errorf("unplugged: %v", err)
	}
}

// TestFacts compares the table with the reference.
func TestFacts(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testenv.Shared(t), "facts", "serial", "genericups.json"))
	if err != nil {
		t.Fatal(err)
	}
	var facts struct {
		Types []struct {
			Mfr, Model string
			On         []string       `json:"cable_power_on"`
			Online     map[string]int `json:"online_when"`
			Low        map[string]int `json:"low_battery_when"`
			Bypass     map[string]int `json:"bypass_when"`
			Off        *[]string      `json:"shutdown_set"`
		}
	}
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	all, err := known()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(facts.Types) {
		t.Fatalf("%d types, not %d", len(all), len(facts.Types))
	}
	for i, f := range facts.Types {
		k := all[i]
		on, err := parseOutputs(strings.Join(f.On, "+"))
		if k.Type != i || k.Mfr != f.Mfr || k.Model != f.Model || err != nil || k.On != on || (k.Off == nil) != (f.Off == nil) {
			t.Errorf("type %d: %+v", i, k)
		}
		for _, in := range []struct {
			ours   inputs
			theirs map[string]int
		}{{k.Online, f.Online}, {k.Low, f.Low}, {k.Bypass, f.Bypass}} {
			var lines []string
			for name, level := range in.theirs {
				lines = append(lines, strings.Repeat("-", 1-level)+name)
			}
			if want, err := parseInputs(strings.Join(lines, "+")); err != nil || in.ours != want {
				t.Errorf("type %d: %+v, want %+v", i, in.ours, want)
			}
		}
	}
}

// TestPage: docs/serial.md has each type, as the table has it.
func TestPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testenv.Root(t), "docs", "serial.md"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := known()
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string][]string)
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(strings.Trim(line, "|\n "), " | "); len(cells) == 7 {
			rows[cells[0]] = cells
		}
	}
	for _, k := range all {
		cells := rows[strconv.Itoa(k.Type)]
		if cells == nil {
			t.Errorf("docs/serial.md has no type %d", k.Type)
			continue
		}
		online, err1 := parseInputs(cells[2])
		low, err2 := parseInputs(cells[3])
		on, err3 := parseOutputs(cells[5])
		if err := errors.Join(err1, err2, err3); err != nil || cells[1] != k.Cable || online != k.Online || low != k.Low || on != k.On {
			t.Errorf("type %d: %q, %v", k.Type, cells, err)
		}
		if off, err := parseOutputs(cells[6]); k.Off == nil && cells[6] != "no way" || k.Off != nil && (err != nil || off != *k.Off) {
			t.Errorf("type %d is cut by %s, %v", k.Type, cells[6], err)
		}
	}
}
