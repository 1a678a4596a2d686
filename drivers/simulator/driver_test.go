package simulator

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/nut"
)

func settings(pairs ...string) []drivers.Setting {
	var all []drivers.Setting
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, drivers.Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

// opened is a simulated UPS, and a function that reads it after a while.
func opened(t *testing.T, pairs ...string) (*device, func(time.Duration) *nut.Snapshot) {
	t.Helper()
	opener, err := Driver.Bind(settings(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := opener(t.Context(), drivers.Env{UPS: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var d nut.Draft
	return opened.(*device), func(after time.Duration) *nut.Snapshot {
		t.Helper()
		<-time.After(after)
		if err := opened.Read(t.Context(), &d); err != nil {
			t.Fatal(err)
		}
		return d.Freeze("test", nut.Live, time.Now())
	}
}

func TestSuite(t *testing.T) {
	for preset := range presets {
		t.Run(preset, func(t *testing.T) {
			drivertest.Suite(t, drivertest.Config{
				Driver: Driver, Settings: settings("preset", preset, "port", "auto"), FakeTime: true,
			})
		})
	}
}

// TestPresets is what somebody sees who looks on for two minutes: the mains
// fails and returns, at another time for each.
func TestPresets(t *testing.T) {
	began := make(map[time.Duration]string)
	for preset := range presets {
		synctest.Test(t, func(t *testing.T) {
			_, read := opened(t, "preset", preset)
			if s := read(0); !s.Status().Has("OL") || s.Status().Has("OB") {
				t.Fatalf("%s begins with %v", preset, s.Status())
			}
			var down, up time.Duration
			low := false
			for at := 2 * time.Second; at <= 2*time.Minute; at += 2 * time.Second {
				s := read(2 * time.Second)
				switch {
				case down == 0 && s.Status().Has("OB"):
					down = at
				case down > 0 && up == 0 && s.Status().Has("OL"):
					up = at
				}
				low = low || s.Status().Has("OB") && s.Status().Has("LB")
				if s.Status().Has("OFF") {
					t.Errorf("%s is off after %v", preset, at)
				}
			}
			if down == 0 || down > time.Minute || up == 0 {
				t.Errorf("%s: the mains fails after %v and is back after %v", preset, down, up)
			}
			if low != (preset == "office") {
				t.Errorf("%s: low battery %v", preset, low)
			}
			if other := began[down]; other != "" {
				t.Errorf("%s fails with %s", preset, other)
			}
			began[down] = preset
		})
	}
}

// TestPresetsLast: nobody's battery runs empty, however long the demo is left
// alone.
func TestPresetsLast(t *testing.T) {
	for preset := range presets {
		synctest.Test(t, func(t *testing.T) {
			_, read := opened(t, "preset", preset)
			for range 24 * 60 {
				if s := read(30 * time.Second); s.Status().Has("OFF") {
					t.Fatalf("%s is off: %v", preset, s.Status())
				}
			}
		})
	}
}

func TestBind(t *testing.T) {
	for _, tt := range []struct{ name, value string }{
		{"preset", "garage"},
		{"topology", "steam"},
		{"speed", "0"},
		{"speed", "NaN"},
		{"speed", "Inf"},
		{"power", "-1"},
		{"realpower", "601"},
		{"load", "201"},
		{"battery.capacity", "0"},
		{"battery.health", "0"},
		{"outage.first", "-1"},
		{"colour", "red"},
	} {
		_, err := Driver.Bind(settings(tt.name, tt.value))
		if setting, ok := errors.AsType[*drivers.SettingError](err); !ok || setting.Name != tt.name {
			t.Errorf("%s = %s brings %v", tt.name, tt.value, err)
		}
	}
}

func TestSettingsOverPreset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, read := opened(t, "load", "80", "load.swing", "0", "preset", "rack", "mfr", "Acme")
		s := read(0)
		for name, want := range map[nut.Name]string{
			"ups.load": "80", "ups.mfr": "Acme", "ups.power.nominal": "3000", "ups.type": "online", "ups.realpower": "2160",
		} {
			if got := s.Value(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	})
}

func TestSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, read := opened(t, "speed", "60", "outage.first", "120")
		if s := read(time.Second); !s.Status().Has("OL") {
			t.Errorf("after a minute: %v", s.Status())
		}
		if s := read(1500 * time.Millisecond); !s.Status().Has("OB") {
			t.Errorf("after two and a half: %v", s.Status())
		}
	})
}

func TestFace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, read := opened(t, "preset", "home", "outage.lasts", "0")
		s := read(0)
		for name, want := range map[nut.Name]string{
			"ups.status": "OL", "battery.charge": "100", "battery.charger.status": "floating", "ups.id": "test",
			"ups.timer.shutdown": "-1", "ups.delay.shutdown": "20", "input.transfer.low": "184", "battery.capacity": "7.0",
			"battery.charge.low": "20", "ups.start.auto": "yes", "ups.beeper.status": "enabled", "input.frequency": "50.0",
		} {
			if got := s.Value(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		for v := range s.Variables() {
			if e, ok := nut.Describe(v.Name); ok && e.Type == nut.Number {
				if _, ok := v.Number(); !ok {
					t.Errorf("%s is %q, which is no number", v.Name, v.Value)
				}
			}
		}
		if _, number := s.Lookup("ups.load"); !number || slices.Contains(slices.Collect(s.Commands()), "bypass.start") {
			t.Error("a line-interactive UPS has a load, and no bypass")
		}
	})
}

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		x      float64
		digits int
		want   string
	}{{-0.04, 1, "0.0"}, {-0.06, 1, "-0.1"}, {2.5, 0, "3"}, {230, 1, "230.0"}} {
		if got := number(tt.x, tt.digits); got != tt.want {
			t.Errorf("%g with %d digits is %q, want %q", tt.x, tt.digits, got, tt.want)
		}
	}
}

func TestHelpNamesPresets(t *testing.T) {
	for _, o := range Driver.Options {
		if o.Name != "preset" {
			continue
		}
		for preset := range presets {
			if !strings.Contains(o.Help, preset) {
				t.Errorf("the help of preset does not name %s", preset)
			}
		}
	}
}

func TestModel(t *testing.T) {
	ups, c, err := Model([]drivers.Setting{{Name: "preset", Value: "rack"}, {Name: "load", Value: "20"}})
	if err != nil || !ups.Online || ups.Load.Level != 0.2 || c.Preset != "rack" || c.Mfr == "" || c.Speed <= 0 {
		t.Errorf("got %+v, %+v, %v", ups, c, err)
	}
	if _, _, err := Model([]drivers.Setting{{Name: "load", Value: "-1"}}); err == nil {
		t.Error("a load of -1 is taken")
	}
}
