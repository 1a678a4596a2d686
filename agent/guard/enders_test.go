package guard

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// other is a way down that counts.
type other struct {
	ended int
	err   error
}

func (o *other) End(context.Context) error {
	o.ended++
	return o.err
}

func (o *other) Probe(context.Context) []Check { return []Check{{"other", true, ""}} }

// TestLogindElse goes another way where there is no login manager. That it can
// be asked is tested in internal/logind.
func TestLogindElse(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	if err := (Logind{}).End(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "system bus: ") {
		t.Errorf("no other way: %v", err)
	}
	o := &other{}
	if err := (Logind{Else: o}).End(t.Context()); err != nil || o.ended != 1 {
		t.Errorf("%d times, %v", o.ended, err)
	}
	o.err = errors.New("also closed")
	if err := (Logind{Else: o}).End(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "; instead: also closed") {
		t.Error(err)
	}
	checks := Logind{Else: o}.Probe(t.Context())
	if len(checks) != 2 || checks[0].OK || checks[0].Name != "login manager" || !checks[1].OK {
		t.Errorf("%+v", checks)
	}
}

func TestContainer(t *testing.T) {
	if err := (Container{}).End(t.Context()); err != nil || len(Container{}.Probe(t.Context())) > 0 {
		t.Error(err)
	}
}
