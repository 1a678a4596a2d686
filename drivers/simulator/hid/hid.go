// Package hid is a simulated UPS as a USB HID power device: a face of
// drivers/simulator/model. It is the device's side of USB without USB: whoever has a
// bus (a test, /dev/uhid, USB/IP) asks a [Device] for its identity, its report
// descriptor and its reports, gives it the reports that the host sets, and passes on
// what comes from its channel of input reports.
//
//	d, err := hid.New("apc", model.New(spec))
//	d.Identity()                            // vendor and product id, and the three strings
//	d.String(index)                         // any string descriptor
//	d.ReportDescriptor()                    // bytes
//	report, err := d.GetReport(kind, id)    // report[0] is the id; an error is a stall
//	err := d.SetReport(kind, report)        // report[0] is the id; an error is a stall
//	report := <-d.Inputs()                  // for the interrupt endpoint, with the id in front
//	d.Step(time.Second)                     // lets time pass in the model
//
// What a device is called, which reports it has and what is in each is a persona: a
// file in personas, which also says the units and exponents in which real devices of
// that maker report.
package hid

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// Identity is what a device says of itself when it is plugged in.
type Identity struct {
	VendorID, ProductID, Release  uint16
	Manufacturer, Product, Serial string // string descriptors 1, 2 and 3
}

// Device is a simulated device. Its methods may be called from any goroutine.
type Device struct {
	persona    *persona
	descriptor []byte
	layout     []place
	inputs     chan []byte

	mu     sync.Mutex
	ups    *model.UPS
	knobs  knobs
	sizes  map[reportKey]int // bytes, without the id
	last   map[byte][]byte   // input reports as they were sent last
	stalls map[byte]bool
}

type reportKey struct {
	kind usbdev.ReportKind
	id   byte
}

// place is where a field lies in a report.
type place struct {
	*field
	key    reportKey
	offset int // bits behind the id
}

// maxInputs is how many input reports wait for the host; the oldest are dropped, as
// a host that does not poll misses them.
const maxInputs = 64

// ErrNoReport is that a device has no such report, or refuses it: a stall.
var ErrNoReport = errors.New("no such report")

// New makes a device of a persona around a model, which belongs to it from here on.
func New(name string, ups *model.UPS) (*Device, error) {
	p, err := load(name)
	if err != nil {
		return nil, err
	}
	d := &Device{
		persona: p, ups: ups, knobs: newKnobs(), inputs: make(chan []byte, maxInputs),
		sizes: make(map[reportKey]int), last: make(map[byte][]byte), stalls: make(map[byte]bool),
	}
	d.descriptor, d.layout = p.describe()
	for _, l := range d.layout {
		d.sizes[l.key] = max(d.sizes[l.key], (l.offset+l.Bits+7)/8)
	}
	d.Step(0)
	return d, nil
}

// Identity returns who the device says it is.
func (d *Device) Identity() Identity {
	p := d.persona
	return Identity{p.Vendor, p.Product, p.Release, p.Strings[1], p.Strings[2], p.Strings[3]}
}

// String returns a string descriptor, and whether there is one.
func (d *Device) String(index int) (string, bool) {
	text, ok := d.persona.Strings[index]
	return text, ok
}

// ReportDescriptor returns the HID report descriptor.
func (d *Device) ReportDescriptor() []byte { return slices.Clone(d.descriptor) }

// Inputs is the channel of input reports: one comes whenever one has changed.
func (d *Device) Inputs() <-chan []byte { return d.inputs }

// Stall makes a feature report refused, or served again: for trying how hosts bear
// it.
func (d *Device) Stall(id byte, refuse bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stalls[id] = refuse
}

// Do gives the model an order, such as to unplug it.
func (d *Device) Do(order func(*model.UPS)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	order(d.ups)
}

// GetReport returns a report with its id in front.
func (d *Device) GetReport(kind usbdev.ReportKind, id byte) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stalls[id] {
		return nil, fmt.Errorf("report %d: %w", id, ErrNoReport)
	}
	return d.report(reportKey{kind, id})
}

// report makes a report. The lock is held.
func (d *Device) report(key reportKey) ([]byte, error) {
	size, ok := d.sizes[key]
	if !ok {
		return nil, fmt.Errorf("report %d: %w", key.id, ErrNoReport)
	}
	buf := make([]byte, 1+size)
	buf[0] = key.id
	now := view{d.ups, d.ups.Reading(), &d.knobs}
	for _, l := range d.layout {
		if l.key == key {
			put(buf[1:], l.offset, l.Bits, l.raw(now))
		}
	}
	return buf, nil
}

// SetReport takes a report from the host. Fields that cannot be written stay as they
// are; those that can be are taken if they changed, or are alone in their report.
func (d *Device) SetReport(kind usbdev.ReportKind, report []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(report) == 0 {
		return ErrNoReport
	}
	key := reportKey{kind, report[0]}
	size, ok := d.sizes[key]
	if !ok || len(report) < 1+size || d.stalls[key.id] {
		return fmt.Errorf("report %d with %d bytes: %w", key.id, len(report), ErrNoReport)
	}
	now := view{d.ups, d.ups.Reading(), &d.knobs}
	alone := d.fieldsOf(key) == 1
	for _, l := range d.layout {
		if l.key != key || l.Set == "" {
			continue
		}
		raw := get(report[1:], l.offset, l.Bits)
		if l.Min < 0 && l.Bits < 64 && raw>>(l.Bits-1)&1 != 0 {
			raw -= int64(1) << l.Bits
		}
		if alone || raw != l.raw(now) {
			sinks[l.Set](now, l.quantity(raw))
		}
	}
	d.emit()
	return nil
}

// fieldsOf is how many fields a report has.
func (d *Device) fieldsOf(key reportKey) int {
	n := 0
	for _, l := range d.layout {
		if l.key == key {
			n++
		}
	}
	return n
}

// Step lets time pass, and reports what changed.
func (d *Device) Step(dt time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ups.Step(dt)
	d.emit()
}

// emit sends the input reports that are not as they were. The lock is held.
func (d *Device) emit() {
	for key := range d.sizes {
		if key.kind != usbdev.Input {
			continue
		}
		now, err := d.report(key)
		if err != nil || slices.Equal(now, d.last[key.id]) {
			continue
		}
		d.last[key.id] = now
		select {
		case d.inputs <- slices.Clone(now):
			continue
		default:
		}
		select {
		case <-d.inputs:
		default:
		}
		d.inputs <- slices.Clone(now)
	}
}

// put writes bits, the lowest first.
func put(buf []byte, offset, bits int, raw int64) {
	for i := range bits {
		at := offset + i
		if raw>>i&1 != 0 {
			buf[at>>3] |= 1 << (at & 7)
		}
	}
}

func get(buf []byte, offset, bits int) int64 {
	var raw int64
	for i := range bits {
		at := offset + i
		raw |= int64(buf[at>>3]>>(at&7)&1) << i
	}
	return raw
}
