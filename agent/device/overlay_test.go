package device

import (
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut"
)

func facts(pairs ...string) *nut.Draft {
	d := &nut.Draft{}
	for i := 0; i < len(pairs); i += 2 {
		d.Put(nut.Variable{Name: nut.Name(pairs[i]), Value: pairs[i+1], Writable: true})
	}
	return d
}

func TestOverlay(t *testing.T) {
	for _, tt := range []struct {
		name    string
		overlay Overlay
		facts   *nut.Draft
		at      nut.Name
		want    string
	}{
		{"default fills", Overlay{Default: map[string]string{"ups.load": "7"}}, facts(), "ups.load", "7"},
		{"default yields", Overlay{Default: map[string]string{"ups.load": "7"}}, facts("ups.load", "9"), "ups.load", "9"},
		{"override wins", Overlay{Override: map[string]string{"ups.load": "7"}}, facts("ups.load", "9"), "ups.load", "7"},
		{"driver", Overlay{Driver: []nut.Variable{{Name: "driver.name", Value: "x"}}}, facts(), "driver.name", "x"},
		{"LB believed", Overlay{}, facts("ups.status", "OL LB", "battery.charge", "90", "battery.charge.low", "20"), "ups.status", "OL LB"},
		{"LB ignored", Overlay{IgnoreLB: true}, facts("ups.status", "OL LB", "battery.charge", "90", "battery.charge.low", "20"), "ups.status", "OL"},
		{"LB by charge", Overlay{IgnoreLB: true}, facts("ups.status", "OB", "battery.charge", "19.9", "battery.charge.low", "20"), "ups.status", "OB LB"},
		{"not at the threshold", Overlay{IgnoreLB: true}, facts("ups.status", "OB", "battery.charge", "20", "battery.charge.low", "20"), "ups.status", "OB"},
		{"LB by runtime", Overlay{IgnoreLB: true}, facts("ups.status", "OB", "battery.runtime", "100", "battery.runtime.low", "120"), "ups.status", "OB LB"},
		{
			"LB by an overridden threshold",
			Overlay{IgnoreLB: true, Override: map[string]string{"battery.charge.low": "60"}},
			facts("ups.status", "OL", "battery.charge", "50", "battery.charge.low", "20"), "ups.status", "OL LB",
		},
		{"no status, none made", Overlay{IgnoreLB: true}, facts("battery.charge", "1", "battery.charge.low", "2"), "ups.status", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.overlay.apply(tt.facts)
			if got := tt.facts.Freeze("u", nut.Live, time.Time{}).Value(tt.at); got != tt.want {
				t.Errorf("%s is %q, want %q", tt.at, got, tt.want)
			}
		})
	}
}

func TestOverrideIsReadOnly(t *testing.T) {
	d := facts("ups.id", "a")
	Overlay{Override: map[string]string{"ups.id": "b"}}.apply(d)
	if v, _ := d.Lookup("ups.id"); v.Writable {
		t.Error("an overridden variable can be written")
	}
}

func TestComplete(t *testing.T) {
	d := facts("ups.mfr", "Acme", "device.mfr", "Other", "ups.serial", "0042")
	complete(d)
	for name, want := range map[nut.Name]string{"device.type": "ups", "device.mfr": "Acme", "device.serial": "0042", "device.model": ""} {
		if got := d.Value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
