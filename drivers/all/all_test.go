package all

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/nut"
)

func TestNames(t *testing.T) {
	names := make([]string, 0, len(Drivers()))
	for _, d := range Drivers() {
		names = append(names, d.Name)
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("names %q are not sorted, or not each there once", names)
	}
}

// TestSane is what can be asked of a family without a device.
func TestSane(t *testing.T) {
	for _, d := range Drivers() {
		t.Run(d.Name, func(t *testing.T) {
			for what, text := range map[string]string{"About": d.About, "Version": d.Version, "Name": d.Name} {
				if text == "" || strings.TrimSpace(text) != text {
					t.Errorf("%s is %q", what, text)
				}
			}
			seen := make(map[string]bool)
			for _, o := range d.Options {
				if o.Help == "" || o.Name == "" || seen[o.Name] {
					t.Errorf("option %+v has no name or no help, or is there twice", o)
				}
				seen[o.Name] = true
			}
			if !seen["port"] {
				t.Error("ups.conf has a port for every driver; it needs to be a setting")
			}
			const unknown = "no-such-setting"
			_, err := d.Bind([]drivers.Setting{{Name: unknown, Value: "1"}})
			if !names(err, unknown) {
				t.Errorf("an unknown setting brings %v", err)
			}
		})
	}
}

// names tells whether err is, or joins, a SettingError about a setting.
func names(err error, setting string) bool {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return slices.ContainsFunc(joined.Unwrap(), func(e error) bool { return names(e, setting) })
	}
	e, ok := errors.AsType[*drivers.SettingError](err)
	return ok && e.Name == setting
}

func dummySettings(pairs ...string) []drivers.Setting {
	var all []drivers.Setting
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, drivers.Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

// TestDummyUPS: the settings choose between the file and the other server.
func TestDummyUPS(t *testing.T) {
	env := drivers.Env{UPS: "test", ConfDir: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
	if err := os.WriteFile(filepath.Join(env.ConfDir, "a.dev"), []byte("ups.load: 7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "u@" + l.Addr().String() // refuses once it is closed
	l.Close()
	for _, tt := range []struct {
		settings []drivers.Setting
		dials    bool
	}{
		{dummySettings("port", "a.dev"), false},
		{dummySettings("port", "a.dev", "user", "nut"), false},
		{dummySettings("port", "a.dev", "mode", "dummy-loop"), false},
		{dummySettings("port", nobody), true},
		{dummySettings("port", nobody, "mode", "repeater", "user", "admin", "password", "x"), true},
	} {
		opener, err := dummyUPS().Bind(tt.settings)
		if err != nil {
			t.Errorf("%v: %v", tt.settings, err)
			continue
		}
		device, err := opener(t.Context(), env)
		if dials := errors.As(err, new(*net.OpError)); dials != tt.dials || !dials && err != nil {
			t.Errorf("%v: %v", tt.settings, err)
		}
		if device != nil {
			device.Close()
		}
	}
	for _, wrong := range [][]drivers.Setting{
		dummySettings("port", "a.dev", "mode", "dumy"),
		dummySettings("port", "u@host", "tls", "maybe"),
		dummySettings("port", "u@host", "mode", "dumy"),
	} {
		if _, err := dummyUPS().Bind(wrong); err == nil {
			t.Errorf("%v is good", wrong)
		}
	}
}

func TestDummyUPSSuite(t *testing.T) {
	env := drivers.Env{ConfDir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(env.ConfDir, "a.dev"), []byte("ups.load: 7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	drivertest.Suite(t, drivertest.Config{
		Driver: dummyUPS(), Settings: dummySettings("port", "a.dev"), Env: env, FakeTime: true,
		Values: map[nut.Name]string{"ups.status": "OB"},
	})
}
