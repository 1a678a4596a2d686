//go:build libusb

package usb

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/gousb"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

func TestDescribe(t *testing.T) {
	got, complete := describe(&gousb.DeviceDesc{Bus: 99, Address: 12, Path: []int{1, 4}, Vendor: 0x51d, Product: 2, Device: 0x106})
	want := usbdev.Info{VendorID: 0x51d, ProductID: 2, Release: 0x106, Bus: "099", Device: "012", Port: "1.4"}
	if got != want || complete {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// This machine may have devices, and may have no USB at all.
func TestListHere(t *testing.T) {
	all, err := List()
	t.Logf("%d devices, %v", len(all), err)
	for _, i := range all {
		if i.Bus == "" || i.Device == "" {
			t.Errorf("where is it? %+v", i)
		}
	}
}

func TestOpenNone(t *testing.T) {
	none := func(usbdev.Info) bool { return false }
	d, err := Open(t.Context(), none, usbdev.Options{})
	if d != nil || err == nil {
		t.Fatalf("opened %v", d)
	}
	t.Log(err)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ended, none, usbdev.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its time: %v", err)
	}
}

func TestExplain(t *testing.T) {
	d := &Device{info: usbdev.Info{VendorID: 0x51d, ProductID: 2}}
	for _, tt := range []struct{ err, want error }{
		{gousb.ErrorNoDevice, usbdev.ErrGone},
		{gousb.TransferNoDevice, usbdev.ErrGone},
		{gousb.ErrorPipe, usbdev.ErrStall},
		{gousb.TransferStall, usbdev.ErrStall},
		{gousb.ErrorTimeout, usbdev.ErrTimeout},
		{gousb.ErrorAccess, usbdev.ErrPermission},
		{gousb.ErrorBusy, usbdev.ErrBusy},
		{gousb.ErrorOverflow, gousb.ErrorOverflow},
		{nil, nil},
	} {
		if got := d.explain("try", tt.err); !errors.Is(got, tt.want) || (got == nil) != (tt.err == nil) {
			t.Errorf("%v: %v", tt.err, got)
		}
	}
}

func TestEndpoint(t *testing.T) {
	setting := gousb.InterfaceSetting{Endpoints: map[gousb.EndpointAddress]gousb.EndpointDesc{
		0x83: {Number: 3, Direction: gousb.EndpointDirectionIn, TransferType: gousb.TransferTypeInterrupt},
		0x81: {Number: 1, Direction: gousb.EndpointDirectionIn, TransferType: gousb.TransferTypeIsochronous},
		0x02: {Number: 2, Direction: gousb.EndpointDirectionOut, TransferType: gousb.TransferTypeBulk},
	}}
	for _, tt := range []struct {
		direction   gousb.EndpointDirection
		asked, want int
	}{{gousb.EndpointDirectionIn, 0, 3}, {gousb.EndpointDirectionIn, 1, 1}, {gousb.EndpointDirectionOut, 0, 2}} {
		if got := endpoint(setting, tt.direction, tt.asked); got != tt.want {
			t.Errorf("%+v: endpoint %d", tt, got)
		}
	}
	if got := endpoint(gousb.InterfaceSetting{}, gousb.EndpointDirectionIn, 0); got != 0 {
		t.Errorf("no endpoints: %d", got)
	}
}

func TestPatience(t *testing.T) {
	if got := patience(t.Context()); got != 5*time.Second {
		t.Errorf("without an end: %v", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if got := patience(ctx); got > time.Second || got < time.Second/2 {
		t.Errorf("a second: %v", got)
	}
	ended, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	if got := patience(ended); got != time.Millisecond {
		t.Errorf("after its end: %v", got)
	}
}
