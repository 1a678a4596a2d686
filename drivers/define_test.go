package drivers

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

type config struct {
	Port    string            `conf:"port,required" help:"device"`
	Secret  string            `conf:"password,secret"`
	Only    bool              `conf:"pollonly"`
	Baud    int               `conf:"baudrate"`
	Factor  float64           `conf:"factor"`
	Off     time.Duration     `conf:"offdelay"`
	Extra   map[string]string `conf:"oid.*"`
	private string
}

func (c *config) Check() error {
	if c.Baud == 13 {
		return &SettingError{"baudrate", "brings bad luck"}
	}
	return nil
}

func bind(t *testing.T, settings ...Setting) (config, error) {
	t.Helper()
	var got config
	d := Define("x", "0.1", "about", config{Baud: 2400, Off: 20 * time.Second, private: "kept"},
		func(_ context.Context, _ Env, c config) (Device, error) { got = c; return nil, nil })
	open, err := d.Bind(settings)
	if err != nil {
		return got, err
	}
	_, err = open(t.Context(), Env{})
	return got, err
}

func TestDefine(t *testing.T) {
	got, err := bind(t, Setting{Name: "port", Value: "auto"}, Setting{Name: "pollonly", Flag: true},
		Setting{Name: "baudrate", Value: "9600"}, Setting{Name: "factor", Value: "1.5"},
		Setting{Name: "offdelay", Value: "0.5"}, Setting{Name: "oid.1", Value: "a"}, Setting{Name: "oid.2", Value: "b"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Port != "auto" || !got.Only || got.Baud != 9600 || got.Factor != 1.5 || got.Off != time.Second/2 ||
		got.Extra["1"] != "a" || got.Extra["2"] != "b" || got.private != "kept" {
		t.Errorf("got %+v", got)
	}
	if got, _ = bind(t, Setting{Name: "port", Value: "x"}); got.Baud != 2400 || got.Off != 20*time.Second {
		t.Errorf("defaults are lost: %+v", got)
	}
}

func TestDefineRefuses(t *testing.T) {
	port := Setting{Name: "port", Value: "x"}
	for _, tt := range []struct {
		settings []Setting
		want     []string
	}{
		{nil, []string{"port: is missing"}},
		{[]Setting{port, {Name: "nonsense", Value: "1"}}, []string{"nonsense: this driver has no such setting"}},
		{[]Setting{port, {Name: "baudrate", Value: "fast"}}, []string{`baudrate: "fast" is not a whole number`}},
		{[]Setting{port, {Name: "factor", Value: "x"}}, []string{`factor: "x" is not a number`}},
		{[]Setting{port, {Name: "factor", Value: "NaN"}}, []string{`factor: "NaN" is not a number`}},
		{[]Setting{port, {Name: "factor", Value: "-inf"}}, []string{`factor: "-inf" is not a number`}},
		{[]Setting{port, {Name: "offdelay", Value: "nan"}}, []string{`offdelay: "nan" is not a number of seconds`}},
		{[]Setting{port, {Name: "offdelay", Value: "-1"}}, []string{`offdelay: "-1" is not a number of seconds`}},
		{[]Setting{port, {Name: "offdelay", Flag: true}}, []string{"offdelay: needs a value"}},
		{[]Setting{port, {Name: "pollonly", Value: "perhaps"}}, []string{`pollonly: "perhaps" is neither yes nor no`}},
		{[]Setting{{Name: "a"}, {Name: "b"}}, []string{"a: ", "b: ", "port: is missing"}},
		{[]Setting{port, {Name: "baudrate", Value: "13"}}, []string{"baudrate: brings bad luck"}},
	} {
		_, err := bind(t, tt.settings...)
		if _, ok := errors.AsType[*SettingError](err); !ok {
			t.Errorf("%v: got %v", tt.settings, err)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v: got %q, want %q", tt.settings, err, want)
			}
		}
	}
}

func TestOptions(t *testing.T) {
	d := Define("x", "0.1", "about", config{Off: 20 * time.Second}, func(context.Context, Env, config) (Device, error) { return nil, nil })
	want := map[string]Option{
		"port":     {Name: "port", Help: "device"},
		"password": {Name: "password", Secret: true},
		"pollonly": {Name: "pollonly", Flag: true},
		"offdelay": {Name: "offdelay", Default: "20"},
	}
	for _, o := range d.Options {
		if w, ok := want[o.Name]; ok && o != w {
			t.Errorf("got %+v, want %+v", o, w)
		}
	}
	if len(d.Options) != 7 {
		t.Errorf("%d options", len(d.Options))
	}
}

type Shared struct {
	Serial string `conf:"serial" help:"which"`
	Index  int    `conf:"index"`
	Handle *int   // no setting
}

type embedding struct {
	Shared
	Port string `conf:"port"`
}

// What is embedded is set, has its default, and is listed, in the order of the fields.
func TestDefineEmbedded(t *testing.T) {
	var got embedding
	d := Define("x", "0.1", "about", embedding{Shared: Shared{Index: 7}},
		func(_ context.Context, _ Env, c embedding) (Device, error) { got = c; return nil, nil })
	var names []string
	for _, o := range d.Options {
		names = append(names, o.Name+"="+o.Default)
	}
	if want := "serial= index=7 port="; strings.Join(names, " ") != want {
		t.Errorf("options %q, not %q", names, want)
	}
	open, err := d.Bind([]Setting{{Name: "serial", Value: "0042"}, {Name: "port", Value: "auto"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t.Context(), Env{}); err != nil || got.Serial != "0042" || got.Index != 7 || got.Port != "auto" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := d.Bind([]Setting{{Name: "Shared", Value: "1"}, {Name: "index", Value: "x"}}); err == nil ||
		!strings.Contains(err.Error(), "Shared: this driver has no such setting") || !strings.Contains(err.Error(), `index: "x" is not a whole number`) {
		t.Errorf("mistakes: %v", err)
	}
}
