package config

import (
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
)

func TestWith(t *testing.T) {
	u := Bare("u", "command line")
	u.Override = map[string]string{"a": "1"}
	v := u.With(
		drivers.Setting{Name: "port", Value: "auto"}, drivers.Setting{Name: "pollinterval", Value: "7"},
		drivers.Setting{Name: "override.b", Value: "2"}, drivers.Setting{Name: "ignorelb", Flag: true},
		drivers.Setting{Name: "mode", Value: "x"},
	)
	if v.Port != "auto" || v.PollInterval != 7*time.Second || v.Override["b"] != "2" || v.Override["a"] != "1" || !v.IgnoreLB || len(v.Settings) != 5 {
		t.Errorf("%+v", v.Common)
	}
	if len(u.Settings) != 0 || len(u.Override) != 1 || u.IgnoreLB || u.PollInterval != 2*time.Second {
		t.Error("the original has changed")
	}
}
