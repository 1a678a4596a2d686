package usbhid

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

func TestExplore(t *testing.T) {
	bus := new(fake)
	bus.plug(t, "apc").Stall(49, true)
	bus.plug(t, "generic").info.Node = "/dev/hidraw1"
	var out strings.Builder
	if err := explore(t.Context(), &out, nil, bus.bus()); err != nil {
		t.Fatal(err)
	}
	squeezed := strings.Join(strings.FieldsFunc(out.String(), func(r rune) bool { return r == ' ' }), " ")
	for _, want := range []string{
		"051d:0002 American Power Conversion Back-UPS RS 1500G",
		"table: APC HID",
		"UPS.PowerSummary.RemainingCapacity Feature 12 0+8 0 100 100 battery.charge\n",
		"UPS.Battery.Voltage Feature 9 0+16 0 655.35 27.3 V battery.voltage\n",
		"UPS.PowerSummary.PresentStatus.ACPresent Input 22 2+1 0 1 - status online\n",
		"UPS.Input.Voltage Feature 49 0+16 0 65535 refused V input.voltage\n",
		"1209:0001", "table: Generic HID",
		"2 devices by hidraw.",
	} {
		if !strings.Contains(squeezed, want) {
			t.Errorf("no %q", want)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
	out.Reset()
	if err := explore(t.Context(), &out, []drivers.Setting{{Name: "vendorid", Value: "1209"}}, bus.bus()); err != nil || strings.Contains(out.String(), "051d") {
		t.Errorf("of one vendor: %v %s", err, out.String())
	}
}

// TestExploreTroubles: what cannot be opened or read is told, and the rest goes on.
func TestExploreTroubles(t *testing.T) {
	bus := new(fake)
	p := bus.plug(t, "apc")
	broken := bus.bus()
	broken.Open = func(context.Context, func(usbdev.Info) bool, usbdev.Options) (Port, error) {
		return nil, usbdev.ErrBusy
	}
	var out strings.Builder
	if err := explore(t.Context(), &out, nil, broken); err != nil || !strings.Contains(out.String(), "in use") {
		t.Errorf("busy: %v %s", err, out.String())
	}
	close(p.gone)
	out.Reset()
	if err := explore(t.Context(), &out, nil, bus.bus()); err != nil || !strings.Contains(out.String(), "no such USB device") {
		t.Errorf("gone: %v %s", err, out.String())
	}
	broken.List = func(context.Context) ([]usbdev.Info, error) { return nil, usbdev.ErrUnsupported }
	if err := explore(t.Context(), &out, nil, broken); !errors.Is(err, usbdev.ErrUnsupported) {
		t.Errorf("no bus: %v", err)
	}
	if err := explore(t.Context(), &out, []drivers.Setting{{Name: "colour"}}, broken); err == nil {
		t.Error("an unknown setting is taken")
	}
}

// TestScan finds what a table claims, and nothing else.
func TestScan(t *testing.T) {
	bus := new(fake)
	bus.plug(t, "mge")
	bus.plug(t, "generic")
	var all []drivers.Found
	if err := New(bus.bus(), bus.bus()).Scanners[0].Scan(t.Context(), drivers.Search{}, func(f drivers.Found) { all = append(all, f) }); err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].Driver != "usbhid-ups" {
		t.Fatalf("found %+v", all)
	}
	got := make(map[string]string)
	for _, s := range append(all[0].Settings, all[0].Hints...) {
		got[s.Name] = s.Value
	}
	for name, want := range map[string]string{
		"port": "auto", "vendorid": "0463", "productid": "FFFF", "serial": "G202E12345", "product": "Eaton 5P", "bus": "001", "busport": "001",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}
