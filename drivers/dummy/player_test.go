package dummy

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/nut"
)

func env(t *testing.T) drivers.Env {
	t.Helper()
	return drivers.Env{UPS: "test", ConfDir: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
}

func write(t *testing.T, e drivers.Env, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(e.ConfDir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func settings(pairs ...string) []drivers.Setting {
	var all []drivers.Setting
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, drivers.Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

// played opens the device that text describes.
func played(t *testing.T, e drivers.Env, name, text string, more ...string) drivers.Device {
	t.Helper()
	write(t, e, name, text)
	opener, err := Driver.Bind(settings(append(more, "port", name)...))
	if err != nil {
		t.Fatal(err)
	}
	device, err := opener(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { device.Close() })
	return device
}

func read(t *testing.T, device drivers.Device, d *nut.Draft) *nut.Snapshot {
	t.Helper()
	if err := device.Read(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return d.Freeze("test", nut.Live, time.Now())
}

func TestSuite(t *testing.T) {
	e := env(t)
	for name, text := range map[string]string{
		"empty.dev": "",
		"ups.dev":   "ups.load: 3\nbattery.charge: 90\nups.id: x\noutlet.1.status: on\ninput.sensitivity: H\n",
		"pause.dev": "ups.load: 3\nTIMER 60\nups.load: 4\n",
		"ups.seq":   "ups.status: OB DISCHRG\nALARM hot\nTIMER 3600\n",
	} {
		t.Run(name, func(t *testing.T) {
			write(t, e, name, text)
			drivertest.Suite(t, drivertest.Config{
				Driver: Driver, Settings: settings("port", name), Env: e, FakeTime: true,
				Values: map[nut.Name]string{"ups.status": "OB LB"},
			})
		})
	}
}

func TestBind(t *testing.T) {
	for _, tt := range []struct {
		settings []drivers.Setting
		bad      string
		loops    bool
	}{
		{settings("port", "a.dev"), "", false},
		{settings("port", "a.seq"), "", true},
		{settings("port", "a"), "", true},
		{settings("port", "a.dev", "mode", "dummy"), "", true},
		{settings("port", "a.dev", "mode", "dummy-loop"), "", true},
		{settings("port", "a.seq", "mode", "dummy-once"), "", false},
		{settings("mode", "dummy-once"), "port", false},
		{settings("port", ""), "port", false},
		{settings("port", "a", "mode", "dumy"), "mode", false},
	} {
		_, err := Driver.Bind(tt.settings)
		setting, _ := errors.AsType[*drivers.SettingError](err)
		if (err != nil) != (tt.bad != "") || setting != nil && setting.Name != tt.bad {
			t.Errorf("%v brings %v, want one about %q", tt.settings, err, tt.bad)
		}
		c := Config{Port: last(tt.settings, "port"), Mode: last(tt.settings, "mode")}
		if err == nil && c.loops() != tt.loops {
			t.Errorf("%v loops: %v, want %v", tt.settings, c.loops(), tt.loops)
		}
	}
}

func TestRepeats(t *testing.T) {
	for _, tt := range []struct {
		settings []drivers.Setting
		want     bool
	}{
		{settings("port", "a.dev"), false},
		{settings("port", "ups@host"), true},
		{settings("port", "ups", "mode", "repeater"), true},
		{settings("port", "mail@home.dev", "mode", "dummy-once"), false},
	} {
		if got := Repeats(tt.settings); got != tt.want {
			t.Errorf("%v repeats: %v", tt.settings, got)
		}
	}
}

func TestSequence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		device := played(t, env(t), "a.seq", "ups.status: OL\nTIMER 60\nALARM hot\nALARM wet\nALARM hot\nups.status: OB\nTIMER 30\nALARM\nTIMER 10\n")
		var d nut.Draft
		for _, tt := range []struct {
			after         time.Duration
			status, alarm string
		}{
			{0, "OL", ""},
			{59 * time.Second, "OL", ""},
			{time.Second, "ALARM OB", "hot wet"},
			{30 * time.Second, "OB", ""},
			{10 * time.Second, "OL", ""},
			{60 * time.Second, "ALARM OB", "hot wet"},
		} {
			<-time.After(tt.after)
			s := read(t, device, &d)
			if got := s.Value("ups.status"); got != tt.status || s.Value("ups.alarm") != tt.alarm {
				t.Errorf("after %v: status %q, alarm %q; want %q, %q", tt.after, got, s.Value("ups.alarm"), tt.status, tt.alarm)
			}
		}
	})
}

func TestSet(t *testing.T) {
	e := env(t)
	device := played(t, e, "a.dev", "ups.load: 7\nups.id: x\n")
	var d nut.Draft
	read(t, device, &d)
	setter := device.(drivers.Setter)
	for _, tt := range []struct {
		name  nut.Name
		value string
		err   error
		want  string
	}{
		{"ups.load", "8", nil, "8"},
		{"ups.status", " OB  LB OB", nil, "OB LB"},
		{"ups.id", "", nil, ""},
		{"new.variable", "a\"b", nil, "a\"b"},
		{"driver.name", "x", nut.ErrUnknown, ""},
		{"SERVER.info", "x", nut.ErrUnknown, ""},
		{"ups.load", "ü", nut.ErrInvalidArgument, "8"},
		{"ups.load", strings.Repeat("1", 256), nut.ErrInvalidArgument, "8"},
	} {
		if err := setter.Set(t.Context(), tt.name, tt.value); !errors.Is(err, tt.err) {
			t.Errorf("set %s %q: %v, want %v", tt.name, tt.value, err, tt.err)
		}
		if got := read(t, device, &d).Value(tt.name); got != tt.want {
			t.Errorf("%s is %q after setting it to %q", tt.name, got, tt.value)
		}
	}
	if _, ok := read(t, device, &d).Lookup("ups.id"); ok {
		t.Error("a variable set to nothing is still there")
	}
	write(t, e, "a.dev", "ups.load: 99\n")
	if got := read(t, device, &d).Value("ups.load"); got != "99" {
		t.Errorf("ups.load is %q after the file changed", got)
	}
}

func TestSetIsBounded(t *testing.T) {
	setter := played(t, env(t), "a.dev", "").(drivers.Setter)
	for range maxOrders {
		if err := setter.Set(t.Context(), "ups.id", "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := setter.Set(t.Context(), "ups.id", "x"); !errors.Is(err, nut.ErrFailed) {
		t.Errorf("too much: %v", err)
	}
}

// TestLoopForgets: without a TIMER the file is played at each Read, as in NUT,
// but what was set shows once.
func TestLoopForgets(t *testing.T) {
	device := played(t, env(t), "a", "ups.load: 7\n")
	var d nut.Draft
	read(t, device, &d)
	if err := device.(drivers.Setter).Set(t.Context(), "ups.load", "8"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"8", "7"} {
		if got := read(t, device, &d).Value("ups.load"); got != want {
			t.Errorf("ups.load is %q, want %q", got, want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	e := env(t)
	write(t, e, "large.dev", strings.Repeat("#", maxFile+1))
	if err := os.Mkdir(filepath.Join(e.ConfDir, "folder.dev"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"none.dev": "no such file", "large.dev": "larger than", "folder.dev": "not a file",
	} {
		opener, err := Driver.Bind(settings("port", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := opener(t.Context(), e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestFileGoes(t *testing.T) {
	e := env(t)
	device := played(t, e, "a.dev", "ups.load: 7\n")
	if err := os.Remove(filepath.Join(e.ConfDir, "a.dev")); err != nil {
		t.Fatal(err)
	}
	var d nut.Draft
	if err := device.Read(t.Context(), &d); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read a file that is gone: %v", err)
	}
}

func TestFaultsAreLogged(t *testing.T) {
	e := env(t)
	var text bytes.Buffer
	e.Log = slog.New(slog.NewTextHandler(&text, nil))
	device := played(t, e, "ups.dev", "ups.load: 7\nTIMER soon\nups.id: x\n")
	if !strings.Contains(text.String(), "ups.dev:2") {
		t.Errorf("the log has no position: %s", text.String())
	}
	var d nut.Draft
	if got := read(t, device, &d).Value("ups.id"); got != "x" {
		t.Errorf("the line after the fault is lost: %q", got)
	}
}

// BenchmarkQuietRead is what each poll of a device costs that does nothing.
func BenchmarkQuietRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "a.dev")
	if err := os.WriteFile(path, []byte("ups.load: 7\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	device, err := open(b.Context(), drivers.Env{Log: slog.New(slog.DiscardHandler)}, Config{Port: path})
	if err != nil {
		b.Fatal(err)
	}
	var d nut.Draft
	for b.Loop() {
		if err := device.Read(context.Background(), &d); err != nil {
			b.Fatal(err)
		}
	}
}
