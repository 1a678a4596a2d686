package emulate

import (
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/internal/usbip"
)

func device(t *testing.T, kind string) *Device {
	t.Helper()
	d, err := New(kind, "")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestKinds(t *testing.T) {
	for _, kind := range Kinds() {
		d := device(t, kind)
		if d.VendorID == 0 || d.Texts[1] == "" || len(d.Report) == 0 || d.In == nil {
			t.Errorf("%s: %+v", kind, d.Identity)
		}
		d.Step(time.Second)
	}
	for _, kind := range []string{"none", "none:megatec", "cypress:none"} {
		if _, err := New(kind, ""); err == nil || !strings.Contains(err.Error(), "none") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if d, err := New("apc", "S2"); err != nil || d.Texts[3] != "S2" {
		t.Errorf("its own serial number: %v, %v", d.Identity, err)
	}
}

func TestHID(t *testing.T) {
	d := device(t, "apc")
	charge := usbip.Setup{Type: fromInterface, Request: getReport, Value: 0x030c, Length: 8}
	if got, err := d.Function.Control(charge, nil); err != nil || len(got) != 4 || got[0] != 0x0c || got[1] != 90 {
		t.Errorf("charge: % x, %v", got, err)
	}
	if _, err := d.Function.Control(usbip.Setup{Type: fromInterface, Request: getReport, Value: 0x03ff}, nil); err == nil {
		t.Error("a report that there is not")
	}
	const lowest = 0x11
	if _, err := d.Function.Control(usbip.Setup{Type: toInterface, Request: setReport, Value: 0x0300 | lowest}, []byte{lowest, 42}); err != nil {
		t.Error(err)
	}
	if got, err := d.Function.Control(usbip.Setup{Type: fromInterface, Request: getReport, Value: 0x0300 | lowest}, nil); err != nil || got[1] != 42 {
		t.Errorf("what was set: % x, %v", got, err)
	}
	if got, err := d.Function.Control(usbip.Setup{Type: usbdev.FromDevice, Request: usbdev.GetDescriptor, Value: 0x0304}, nil); err != nil || string(got) != string(usbip.Text("PbAc")) {
		t.Errorf("a text: %q, %v", got, err)
	}
	if _, err := d.Function.Control(usbip.Setup{Type: toInterface, Request: setIdle}, nil); err != nil {
		t.Errorf("set idle: %v", err)
	}
}

// read puts the packets of an answer together.
func read(t *testing.T, d *Device) string {
	t.Helper()
	var text strings.Builder
	for !strings.Contains(text.String(), "\r") {
		select {
		case packet := <-d.In:
			text.WriteString(strings.TrimRight(string(packet), "\x00"))
		default:
			t.Fatalf("only %q", text.String())
		}
	}
	return text.String()
}

func TestMegatec(t *testing.T) {
	d := device(t, "cypress:megatec")
	d.Do(func(u *model.UPS) { u.Wire(model.Unplugged) })
	d.Step(time.Second)
	for _, part := range []string{"Q1\r\x00\x00\x00\x00\x00", "F\rI", "\r"} {
		if _, err := d.Function.Control(usbip.Setup{Type: toInterface, Request: setReport, Value: 0x0200}, []byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"(000.0", "#230.0", "#ACME"} {
		if got := read(t, d); !strings.HasPrefix(got, want) {
			t.Errorf("%q, not %s", got, want)
		}
	}
	k := device(t, "krauler:q1")
	got, err := k.Function.Control(usbip.Setup{Type: usbdev.FromDevice, Request: usbdev.GetDescriptor, Value: 0x0303, Index: usbdev.English}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := usbdev.DecodeString(got); err != nil || !strings.HasPrefix(text, "(227.2 ") {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := k.Function.Control(usbip.Setup{Type: usbdev.FromDevice, Request: usbdev.GetDescriptor, Value: 0x03aa}, nil); err == nil {
		t.Error("a command that there is not")
	}
}
