package drivertest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

type settings struct {
	Port string `conf:"port,required" help:"what to open"`
}

// model is a device that keeps the contract, until one of its parts is replaced.
type model struct {
	read    func(context.Context, *nut.Draft) error
	command func(nut.Name) error
	set     func(nut.Name, string) error
	close   func() error
}

func (m *model) Read(ctx context.Context, d *nut.Draft) error { return m.read(ctx, d) }
func (m *model) Close() error                                 { return m.close() }

func (m *model) Command(_ context.Context, name nut.Name, _ string) error { return m.command(name) }

func (m *model) Set(_ context.Context, name nut.Name, value string) error { return m.set(name, value) }

// good is a model that is right in all.
func good() *model {
	vars := map[nut.Name]nut.Variable{
		"ups.status":         {Value: "OL"},
		"ups.id":             {Value: "a", Writable: true, Text: true, MaxLen: 3},
		"ups.delay.shutdown": {Value: "20", Writable: true, Ranges: []nut.Range{{Min: 20, Max: 60}}},
		"ups.start.auto":     {Value: "yes", Writable: true, Text: true, MaxLen: 3, Enum: []string{"yes", "no"}},
	}
	return &model{
		read: func(_ context.Context, d *nut.Draft) error {
			for name, v := range vars {
				v.Name = name
				d.Put(v)
			}
			d.AddCommand("load.off")
			return nil
		},
		command: func(name nut.Name) error {
			if name != "load.off" {
				return nut.ErrUnknown
			}
			return nil
		},
		set: func(name nut.Name, value string) error {
			v := vars[name]
			v.Value = value
			vars[name] = v
			return nil
		},
		close: func() error { return nil },
	}
}

func config(open func(context.Context) (drivers.Device, error)) Config {
	return Config{
		Driver: drivers.Define("model", "1", "a model of a driver", settings{},
			func(ctx context.Context, _ drivers.Env, _ settings) (drivers.Device, error) { return open(ctx) }),
		Settings: []drivers.Setting{{Name: "port", Value: "x"}},
		Limit:    100 * time.Millisecond,
	}
}

func TestSuite(t *testing.T) {
	open := func(context.Context) (drivers.Device, error) { return good(), nil }
	Suite(t, config(open))
	c := config(open)
	c.FakeTime = true
	t.Run("fake time", func(t *testing.T) { Suite(t, c) })
}

// TestFinds breaks the model in one way each, and wants it found.
func TestFinds(t *testing.T) {
	says := func(names ...string) func(*model) {
		return func(m *model) {
			m.read = func(_ context.Context, d *nut.Draft) error {
				for i := 0; i < len(names); i += 2 {
					d.Set(nut.Name(names[i]), names[i+1])
				}
				return nil
			}
		}
	}
	for _, tt := range []struct {
		check, want string
		spoil       func(*model)
	}{
		{"opens and closes", "lost", func(m *model) {
			m.read = func(context.Context, *nut.Draft) error { return errors.New("lost") }
		}},
		{"opens and closes", "goroutines before", func(m *model) {
			hang := make(chan struct{})
			t.Cleanup(func() { close(hang) })
			m.close = func() error { go func() { <-hang }(); return nil }
		}},
		{"reads within its context", "does not return", func(m *model) {
			read, hang := m.read, make(chan struct{})
			t.Cleanup(func() { close(hang) })
			m.read = func(ctx context.Context, d *nut.Draft) error {
				if ctx.Err() != nil {
					<-hang
				}
				return read(ctx, d)
			}
		}},
		{"says the same twice", "ups.load, from", func(m *model) {
			n := 0
			m.read = func(_ context.Context, d *nut.Draft) error {
				n++
				d.Set("ups.load", strings.Repeat("1", n))
				return nil
			}
		}},
		{"says clean facts", "no ups.status", says("ups.load", "1")},
		{"says clean facts", `"ON" is not known`, says("ups.status", "ON")},
		{"says clean facts", "cannot carry", says("ups.status", "OL", "ups.mfr", "Wärme")},
		{"says clean facts", "not a name", says("ups.status", "OL", "ups mfr", "x")},
		{"says clean facts", "too many", says("ups.status", "OL", "ups.mfr", strings.Repeat("x", 256))},
		{"says known names", "[ups.colour]", says("ups.status", "OL", "ups.colour", "red")},
		{"obeys or refuses commands", "command load.off", func(m *model) {
			m.command = func(nut.Name) error { return errors.New("no idea") }
		}},
		{"refuses unknown commands", "not nut.ErrUnknown", func(m *model) {
			m.command = func(nut.Name) error { return nil }
		}},
		{"sets variables", "at the next Read", func(m *model) {
			m.set = func(nut.Name, string) error { return nil }
		}},
		{"sets variables", "FAILED", func(m *model) {
			m.set = func(nut.Name, string) error { return nut.ErrFailed }
		}},
	} {
		t.Run(tt.check+" "+tt.want, func(t *testing.T) {
			c := config(func(context.Context) (drivers.Device, error) {
				m := good()
				tt.spoil(m)
				return m, nil
			})
			finds(t, c, tt.check, tt.want)
		})
	}
}

func TestFindsDescription(t *testing.T) {
	c := config(nil)
	c.Driver.About = ""
	finds(t, c, "describes itself", "About is empty")
	c.Driver.Options = []drivers.Option{{Name: "x"}}
	finds(t, c, "describes itself", "setting x has no help")
}

func TestFindsUnknownSetting(t *testing.T) {
	c := config(nil)
	c.Driver.Bind = func([]drivers.Setting) (drivers.Opener, error) { return nil, nil }
	finds(t, c, "refuses unknown settings", "not its *SettingError")
}

func TestFindsOpenThatHangs(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	finds(t, config(func(context.Context) (drivers.Device, error) { <-hang; return nil, errors.ErrUnsupported }),
		"opens within its context", "does not return")
}

func finds(t *testing.T, c Config, name, want string) {
	t.Helper()
	for _, check := range checks {
		if check.name != name {
			continue
		}
		err := check.run(t.Context(), c.orDefaults())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s found %v, want something of %q", name, err, want)
		}
		return
	}
	t.Fatalf("there is no check %q", name)
}
