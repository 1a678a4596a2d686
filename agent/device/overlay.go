package device

import (
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/nut"
)

// Overlay is what ups.conf lays over the facts of a device, as the core of
// NUT's drivers does. The zero Overlay lays nothing.
type Overlay struct {
	Driver   []nut.Variable    // driver.name and the like, unless the device is a driver that says its own
	Default  map[string]string // "default.": values until the device gives its own
	Override map[string]string // "override.": values that neither device nor client can change
	// IgnoreLB takes LB from the thresholds battery.charge.low and
	// battery.runtime.low in place of the device's own word.
	IgnoreLB bool
	// Complete fills in device.type, and those names under device. that the
	// device gave under ups. only. NUT's own drivers have done that already.
	Complete bool
}

// apply lays o over d, which is a copy of the device's facts.
func (o Overlay) apply(d *nut.Draft) {
	if _, own := d.Lookup("driver.name"); !own {
		for _, v := range o.Driver {
			d.Put(v)
		}
	}
	for name, value := range o.Default {
		if _, ok := d.Lookup(nut.Name(name)); !ok {
			d.Set(nut.Name(name), value)
		}
	}
	for name, value := range o.Override {
		d.Set(nut.Name(name), value)
		d.Edit(nut.Name(name), func(v *nut.Variable) { v.Writable = false })
	}
	if o.IgnoreLB {
		judgeBattery(d)
	}
}

// judgeBattery replaces the device's LB by what the thresholds say.
func judgeBattery(d *nut.Draft) {
	if _, ok := d.Lookup("ups.status"); !ok {
		return
	}
	var words []string
	for _, w := range nut.ParseStatus(d.Value("ups.status")) {
		if w != nut.StatusLowBattery {
			words = append(words, w)
		}
	}
	if below(d, "battery.charge") || below(d, "battery.runtime") {
		words = append(words, nut.StatusLowBattery)
	}
	d.SetStatus(words...)
}

// below tells whether a reading is under its ".low" threshold. NUT compares
// the whole parts.
func below(d *nut.Draft, name nut.Name) bool {
	reading, ok := whole(d.Value(name))
	low, has := whole(d.Value(name + ".low"))
	return ok && has && reading < low
}

func whole(value string) (int, bool) {
	digits, _, _ := strings.Cut(strings.TrimSpace(value), ".")
	n, err := strconv.Atoi(digits)
	return n, err == nil
}

// complete fills in what Overlay.Complete asks for. It is called once for each
// contact, when the first facts are in: a client may change them afterwards.
func complete(d *nut.Draft) {
	if _, ok := d.Lookup("device.type"); !ok {
		d.Set("device.type", "ups")
	}
	for _, part := range []nut.Name{"mfr", "model", "serial"} {
		if v, ok := d.Lookup("ups." + part); ok {
			d.Set("device."+part, v.Value)
		}
	}
}
