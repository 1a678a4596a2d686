package upsclient

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

func settings(pairs ...string) []drivers.Setting {
	var all []drivers.Setting
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, drivers.Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

func env(t *testing.T) drivers.Env {
	t.Helper()
	return drivers.Env{UPS: "test", ConfDir: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
}

func dial(t *testing.T, e drivers.Env, pairs ...string) (*remote, error) {
	t.Helper()
	opener, err := Driver.Bind(settings(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	device, err := opener(t.Context(), e)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { device.Close() })
	return device.(*remote), nil
}

// reach opens u of a server.
func reach(t *testing.T, s *server, more ...string) *remote {
	t.Helper()
	r, err := dial(t, env(t), append(more, "port", "u@"+s.addr, "tls", "no")...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t *testing.T, r *remote, d *nut.Draft) *nut.Snapshot {
	t.Helper()
	if err := r.Read(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return d.Freeze("test", nut.Live, time.Now())
}

func TestCarriesOver(t *testing.T) {
	r := reach(t, serve(t, simple()))
	var d nut.Draft
	s := read(t, r, &d)
	want := []nut.Variable{
		{Name: "battery.charge", Value: "90"},
		{Name: "input.sensitivity", Value: "low", Writable: true, Text: true, MaxLen: 6, Enum: []string{"low", "high"}},
		{Name: "ups.delay.start", Value: "30", Writable: true, Ranges: []nut.Range{{Min: 0, Max: 60}, {Min: 120, Max: 180}}},
		{Name: "ups.id", Value: `"a" \ #`, Writable: true, Text: true, MaxLen: 16},
		{Name: "ups.status", Value: "FSD OL CHRG", Text: true, MaxLen: 64},
	}
	if got := slices.Collect(s.Variables()); !reflect.DeepEqual(got, want) {
		t.Errorf("variables %+v\nwant %+v", got, want)
	}
	if !s.Status().Has(nut.StatusForced) {
		t.Errorf("status %v has lost FSD", s.Status())
	}
	if got := slices.Collect(s.Commands()); !slices.Equal(got, []nut.Name{"load.off"}) {
		t.Errorf("commands %v", got)
	}
}

// TestAsksLittle: a poll is one question, unless there is something new.
func TestAsksLittle(t *testing.T) {
	server := serve(t, simple())
	r := reach(t, server)
	var d nut.Draft
	read(t, r, &d)
	server.questions()
	read(t, r, &d)
	if got := server.questions(); !slices.Equal(got, []string{"LIST VAR u"}) {
		t.Errorf("a quiet poll asks %q", got)
	}
	if d.Changed() {
		t.Error("a quiet poll changed something")
	}

	server.say("LIST VAR u", list("VAR u", `VAR u ups.alarm "hot"`, `VAR u ups.status "ALARM OL"`))
	server.say("GET TYPE u ups.alarm", "TYPE u ups.alarm STRING:32\n")
	server.say("LIST CMD u", list("CMD u", "CMD u load.on"))
	s := read(t, r, &d)
	if got := server.questions(); !slices.Equal(got, []string{"LIST VAR u", "LIST CMD u", "GET TYPE u ups.alarm"}) {
		t.Errorf("a new variable makes it ask %q", got)
	}
	if s.Len() != 2 || s.Value("ups.alarm") != "hot" || s.Value("ups.status") != "ALARM OL" {
		t.Errorf("there are %v", slices.Collect(s.Variables()))
	}
	if got := slices.Collect(s.Commands()); !slices.Equal(got, []nut.Name{"load.on"}) {
		t.Errorf("commands %v", got)
	}
}

func TestContact(t *testing.T) {
	for _, tt := range []struct {
		answer string
		want   error
	}{
		{"ERR DATA-STALE\n", drivers.ErrStale},
		{"ERR DRIVER-NOT-CONNECTED\n", drivers.ErrGone},
		{"ERR UNKNOWN-UPS\n", drivers.ErrGone},
		{"ERR ACCESS-DENIED\n", nut.ErrAccessDenied},
		{list("VAR u", `VAR u ups.status "WAIT"`), drivers.ErrWaiting},
	} {
		server := serve(t, simple())
		r := reach(t, server)
		var d nut.Draft
		read(t, r, &d)
		server.say("LIST VAR u", tt.answer)
		if err := r.Read(t.Context(), &d); !errors.Is(err, tt.want) {
			t.Errorf("%q means %v, want %v", tt.answer, err, tt.want)
		}
		if d.Value("battery.charge") != "90" {
			t.Errorf("%q made it forget the facts", tt.answer)
		}
	}
}

// TestOddServers: whatever a server says, the result is an error or clean facts.
func TestOddServers(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for name, answer := range map[string]string{
		"cut":         "BEGIN LIST VAR u\nVAR u ups.status \"OL\"\n",
		"error in it": "BEGIN LIST VAR u\nERR DATA-STALE\n",
		"another":     list("VAR v", `VAR v ups.status "OL"`),
		"not a list":  "OK\n",
		"long line":   "BEGIN LIST VAR u\nVAR u ups.mfr \"" + strings.Repeat("x", 5<<10) + "\"\n",
		"long list":   list("VAR u", slices.Repeat([]string{`VAR u ups.status "OL"`}, 3000)...),
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, map[string]string{"LIST VAR u": answer})
			r := reach(t, server, "timeout", "0.2")
			var d nut.Draft
			if err := r.Read(t.Context(), &d); err == nil {
				t.Errorf("no error, and %v", d.Names())
			}
		})
	}
	t.Run("names and values", func(t *testing.T) {
		answers := simple()
		answers["LIST VAR u"] = list("VAR u", `VAR u "" "1"`, `VAR u "a b" "1"`, `VAR u `+long+` "1"`, `VAR u ups.mfr "`+long+`"`, `VAR u ups.status "OL"`)
		answers["GET TYPE u ups.mfr"] = "ERR VAR-NOT-SUPPORTED\n"
		var d nut.Draft
		s := read(t, reach(t, serve(t, answers)), &d)
		if s.Len() != 2 || len(s.Value("ups.mfr")) != 255 {
			t.Errorf("there are %v", slices.Collect(s.Variables()))
		}
	})
}

func TestHangs(t *testing.T) {
	server := serve(t, map[string]string{"LIST VAR u": ""})
	r := reach(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := r.Read(ctx, &nut.Draft{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a server that never answers brings %v", err)
	}
}

func TestBind(t *testing.T) {
	for _, tt := range []struct{ name, value string }{
		{"port", "@host"},
		{"port", "u@[::1"},
		{"mode", "dummy"},
		{"tls", "maybe"},
		{"verify", "perhaps"},
		{"password", "x"},
		{"certfile", "x"},
		{"timeout", "0"},
		{"colour", "red"},
	} {
		all := settings(tt.name, tt.value)
		if tt.name != "port" {
			all = append(all, settings("port", "u@host")...)
		}
		_, err := Driver.Bind(all)
		if setting, ok := errors.AsType[*drivers.SettingError](err); !ok || setting.Name != tt.name {
			t.Errorf("%s = %s brings %v", tt.name, tt.value, err)
		}
	}
	for _, o := range Driver.Options {
		if o.Secret != (o.Name == "password") {
			t.Errorf("%s is secret: %v", o.Name, o.Secret)
		}
	}
}
