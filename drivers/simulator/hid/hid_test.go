package hid

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/drivers/usbhid/report"
)

// spec is an office UPS.
func spec() model.Spec {
	return model.Spec{
		Power: 1500, RealPower: 900, Ambient: 22,
		Battery: model.Battery{Capacity: 200, Voltage: 24, Charger: 60, Charge: 1, Health: 1},
		Mains:   model.Mains{Voltage: 230, Frequency: 50, Seed: 1},
		Load:    model.Load{Level: 0.3},
	}
}

func device(t *testing.T, persona string) *Device {
	t.Helper()
	d, err := New(persona, model.New(spec()))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestPersonas reads each descriptor by the other side's parser: what was written is
// what is read, field for field, and the value there is what the gauge shows.
func TestPersonas(t *testing.T) {
	for _, name := range Personas() {
		t.Run(name, func(t *testing.T) {
			d := device(t, name)
			layout, err := report.Parse(d.ReportDescriptor())
			if err != nil {
				t.Fatal(err)
			}
			if len(layout.Fields) != len(d.layout) || !layout.Numbered {
				t.Fatalf("%d fields were read of %d", len(layout.Fields), len(d.layout))
			}
			now := view{d.ups, d.ups.Reading(), &d.knobs}
			for i, f := range layout.Fields {
				want := d.layout[i]
				data, err := d.GetReport(want.key.kind, want.key.id)
				if err != nil {
					t.Fatal(err)
				}
				if got := layout.Length(f.Kind, f.ID); got != len(data) {
					t.Errorf("%s: report %d has %d bytes, %d were declared", want.Path, f.ID, len(data), got)
				}
				raw := want.raw(now)
				got, ok := f.Value(data)
				if diff := got - want.quantity(raw); !ok || diff > 1e-6 || diff < -1e-6 {
					t.Errorf("%s is read as %g, want %g", want.Path, got, want.quantity(raw))
				}
				if want.Unit != "" && f.UnitName() != strings.Replace(want.Unit, "VA", "W", 1) {
					t.Errorf("%s is in %q, want %q", want.Path, f.UnitName(), want.Unit)
				}
			}
			if id := d.Identity(); id.VendorID == 0 || id.Manufacturer == "" || id.Product == "" {
				t.Errorf("it says of itself: %+v", id)
			}
		})
	}
}

// TestDescriptor compares the bytes for one field with those written by hand.
func TestDescriptor(t *testing.T) {
	p := &persona{
		Usages: map[string]uint32{"UPS": 0x840004, "Flow": 0x84001e, "Voltage": 0x840030},
		Fields: []field{{Path: "UPS.Flow.[4].Voltage", Report: 9, Bits: 12, Max: 4000, Unit: "V", Places: 1, Value: "230", Input: true}},
	}
	const want = "0584" + "0904" + "a101" + // UPS, an application
		"0584" + "091e" + "a184" + // Flow, number 4
		"0584" + "0930" + "8509" + "1500" + "26a00f" + "6721d1f000" + "5506" + "750c" + "9501" + "b182" + // Feature
		"7504" + "b103" + // filled up
		"0584" + "0930" + "8509" + "1500" + "26a00f" + "6721d1f000" + "5506" + "750c" + "9501" + "8102" + // Input
		"7504" + "8103" +
		"c0" + "c0"
	got, layout := p.describe()
	if hex.EncodeToString(got) != want {
		t.Errorf("descriptor\n%x, want\n%s", got, want)
	}
	if len(layout) != 2 || layout[0].offset != 0 || layout[1].key.kind != usbdev.Input {
		t.Errorf("layout %+v", layout)
	}
}

// TestInputs: what changes is reported, and only that.
func TestInputs(t *testing.T) {
	d := device(t, "apc")
	drain(d)
	d.Step(0)
	if got := drain(d); len(got) != 0 {
		t.Errorf("nothing changed, and %x was sent", got)
	}
	d.Do(func(u *model.UPS) { u.Wire(model.Unplugged) })
	d.Step(time.Second)
	got := drain(d)
	status := slices.IndexFunc(got, func(r []byte) bool { return r[0] == 22 })
	if status < 0 || got[status][1]&0b110 != 0b010 {
		t.Errorf("unplugged, it sent %x, want discharging without mains", got)
	}
	for range 500 { // nobody reads
		d.Step(10 * time.Second)
	}
	if n := len(drain(d)); n == 0 || n > maxInputs {
		t.Errorf("%d reports waited", n)
	}
}

func drain(d *Device) [][]byte {
	var all [][]byte
	for {
		select {
		case r := <-d.Inputs():
			all = append(all, r)
		default:
			return all
		}
	}
}

// TestOrders are reports as a host sets them, and what the model does.
func TestOrders(t *testing.T) {
	for _, tt := range []struct {
		persona string
		sent    []string
		after   time.Duration
		want    func(model.Reading) bool
	}{
		{"apc", []string{"13003c", "150500"}, 3 * time.Second, func(r model.Reading) bool { return r.ShutdownIn == 2*time.Second }},
		{"apc", []string{"13ffff", "150500"}, time.Hour, func(r model.Reading) bool { return r.State.Off && r.StartIn < 0 }},
		{"apc", []string{"130500", "150500"}, 30 * time.Second, func(r model.Reading) bool { return !r.State.Off }},
		{"apc", []string{"150500", "15ffff"}, time.Minute, func(r model.Reading) bool { return !r.State.Off }},
		{"apc", []string{"1c01"}, time.Second, func(r model.Reading) bool { return r.State.Testing }},
		{"apc", []string{"1c01", "1c03"}, time.Second, func(r model.Reading) bool { return r.Test == model.Aborted }},
		{"mge", []string{"0d00000000", "0c0a000000"}, 5 * time.Second, func(r model.Reading) bool { return r.ShutdownIn == 5*time.Second }},
		{"tripplite", []string{"160a00"}, 5 * time.Second, func(r model.Reading) bool { return r.ShutdownIn == 5*time.Second }},
		{"powercom", []string{"0f5401"}, time.Minute, func(r model.Reading) bool { return r.ShutdownIn == 20*time.Second }},
		{"powercom", []string{"0f8500"}, time.Hour, func(r model.Reading) bool { return r.State.Off }},
	} {
		d := device(t, tt.persona)
		for _, text := range tt.sent {
			b, err := hex.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.SetReport(usbdev.Feature, b); err != nil {
				t.Fatalf("%s: %s: %v", tt.persona, text, err)
			}
		}
		d.Step(tt.after)
		if r := d.ups.Reading(); !tt.want(r) {
			t.Errorf("%s: after %v it shows %+v", tt.persona, tt.sent, r)
		}
	}
}

// TestKnobs sets what stays set.
func TestKnobs(t *testing.T) {
	d := device(t, "apc")
	for _, sent := range [][]byte{{17, 35}, {36, 44, 1}, {24, 1}, {50, 200, 0}, {51, 8, 1}} {
		if err := d.SetReport(usbdev.Feature, sent); err != nil {
			t.Fatal(err)
		}
		if got, err := d.GetReport(usbdev.Feature, sent[0]); err != nil || !slices.Equal(got, sent) {
			t.Errorf("set to %x, it is %x (%v)", sent, got, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	d := device(t, "apc")
	if _, err := d.GetReport(usbdev.Feature, 99); !errors.Is(err, ErrNoReport) {
		t.Errorf("a report that it lacks brings %v", err)
	}
	for _, sent := range [][]byte{nil, {99, 1}, {50, 1}} {
		if err := d.SetReport(usbdev.Feature, sent); !errors.Is(err, ErrNoReport) {
			t.Errorf("%x brings %v", sent, err)
		}
	}
	d.Stall(12, true)
	if _, err := d.GetReport(usbdev.Feature, 12); !errors.Is(err, ErrNoReport) {
		t.Errorf("a stalled report brings %v", err)
	}
	d.Stall(12, false)
	if _, err := d.GetReport(usbdev.Feature, 12); err != nil {
		t.Error(err)
	}
	if _, err := New("nobody", model.New(spec())); err == nil || !strings.Contains(err.Error(), "apc") {
		t.Errorf("an unknown persona brings %v", err)
	}
	if _, ok := d.String(4); !ok {
		t.Error("no string 4")
	}
}

func TestCheck(t *testing.T) {
	for want, f := range map[string]field{
		"no usage": {Path: "Nothing", Bits: 8, Value: "1"},
		"no unit":  {Path: "UPS", Bits: 8, Value: "1", Unit: "furlong"},
		"bits":     {Path: "UPS", Bits: 40, Value: "1"},
		"no gauge": {Path: "UPS", Bits: 8, Value: "x"},
		"no sink":  {Path: "UPS", Bits: 8, Value: "1", Set: "x"},
	} {
		p := persona{Usages: map[string]uint32{"UPS": 1}, Fields: []field{f}}
		if err := p.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v brings %v, want %q", f, err, want)
		}
	}
}
