// Package emulate makes USB devices in software of the simulated UPSes: of those that
// are HID power devices, and of those that speak Megatec in one of the ways that there
// are to do so over USB.
package emulate

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/hid"
	"github.com/wattnut/wattnut/drivers/simulator/megatec"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/internal/usbip"
)

// Device is an emulated UPS: a gadget, and the UPS behind it.
type Device struct {
	*usbip.Gadget
	// Do gives the UPS an order.
	Do func(order func(*model.UPS))
	// Step lets its time pass; it stands still otherwise, so that two who ask one
	// after the other hear the same.
	Step func(time.Duration)
}

// Kinds are the names that New takes: the personas of simulator/hid, and
// "FRAMING:PROTOCOL" for Megatec, such as "cypress:voltronic-qs".
func Kinds() []string {
	kinds := hid.Personas()
	for _, framing := range []string{"cypress", "fabula", "krauler"} {
		for _, protocol := range megatec.Protocols() {
			kinds = append(kinds, framing+":"+protocol)
		}
	}
	return kinds
}

// spec is an office UPS on mains that does not vary.
func spec() model.Spec {
	return model.Spec{
		Power: 1500, RealPower: 900, Ambient: 22,
		Battery: model.Battery{Capacity: 200, Voltage: 24, Charger: 60, Charge: 0.9, Health: 1},
		Mains:   model.Mains{Voltage: 230, Frequency: 50},
		Load:    model.Load{Level: 0.3},
	}
}

// New makes a device of a kind. serial is its serial number; "" for the kind's own.
func New(kind, serial string) (*Device, error) {
	ups := model.New(spec())
	ups.Wire(model.Plugged)
	if framing, protocol, ok := strings.Cut(kind, ":"); ok {
		return newMegatec(framing, protocol, ups)
	}
	return newHID(kind, serial, ups)
}

func newHID(persona, serial string, ups *model.UPS) (*Device, error) {
	d, err := hid.New(persona, ups)
	if err != nil {
		return nil, fmt.Errorf("%w; kinds are %s", err, strings.Join(Kinds(), ", "))
	}
	i := d.Identity()
	if serial != "" {
		i.Serial = serial
	}
	return &Device{
		Gadget: &usbip.Gadget{
			Identity: usbip.Identity{
				VendorID: i.VendorID, ProductID: i.ProductID, Release: i.Release,
				Texts: [4]string{1: i.Manufacturer, 2: i.Product, 3: i.Serial},
			},
			Report: d.ReportDescriptor(), In: d.Inputs(), NoOut: true, Function: power{d},
		},
		Do: d.Do, Step: d.Step,
	}, nil
}

// framings are how commands and answers travel, and the device that does so.
var framings = map[string]struct {
	identity usbip.Identity
	function func(*line) usbip.Function
	out      bool // it has an interrupt OUT endpoint
}{
	"cypress": {
		identity: usbip.Identity{VendorID: 0x0665, ProductID: 0x5161, Release: 0x0002, Texts: [4]string{1: "INNO TECH", 2: "USB to Serial"}},
		function: func(l *line) usbip.Function { return &cypress{line: l} },
		out:      true,
	},
	"fabula": {
		identity: usbip.Identity{VendorID: 0x0001, ProductID: 0x0000, Release: 0x0100, Texts: [4]string{1: "MEC", 2: "MEC0003"}},
		function: func(l *line) usbip.Function {
			return texts{l, map[byte]string{3: "Q1", 13: "F", 12: "I", 7: "Q", 10: "C"}}
		},
	},
	"krauler": {
		identity: usbip.Identity{VendorID: 0x1cb0, ProductID: 0x0035, Release: 0x0100, Texts: [4]string{1: "Legrand", 2: "Daker"}},
		function: func(l *line) usbip.Function {
			return texts{l, map[byte]string{3: "Q1", 13: "F", 12: "I", 4: "T", 5: "TL", 7: "Q", 11: "C"}}
		},
	},
}

func newMegatec(framing, protocol string, ups *model.UPS) (*Device, error) {
	f, ok := framings[framing]
	if !ok {
		return nil, fmt.Errorf("there is no framing %s; kinds are %s", framing, strings.Join(Kinds(), ", "))
	}
	face, err := megatec.New(ups, megatec.Config{Protocol: protocol, Mfr: "ACME", Model: "USB-1500", Firmware: "1.23", Serial: "8309201100000"})
	if err != nil {
		return nil, err
	}
	l := &line{face: face, ups: ups, packets: make(chan []byte, 64)}
	return &Device{
		Gadget: &usbip.Gadget{Identity: f.identity, Report: slices.Clone(vendorReports), In: l.packets, NoOut: !f.out, Function: f.function(l)},
		Do:     l.do,
		Step:   func(dt time.Duration) { l.do(func(u *model.UPS) { u.Step(dt) }) },
	}, nil
}

// vendorReports is the report descriptor of a bridge: eight bytes in, eight bytes out,
// without a number.
var vendorReports = []byte{
	0x06, 0xa0, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x08,
	0x09, 0x02, 0x81, 0x02, 0x09, 0x03, 0x91, 0x02, 0xc0,
}

// line is the UPS behind a bridge.
type line struct {
	mu      sync.Mutex
	face    *megatec.Face
	ups     *model.UPS
	packets chan []byte
}

func (l *line) do(order func(*model.UPS)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	order(l.ups)
}

func (l *line) answer(command string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.face.Answer(command)
}
