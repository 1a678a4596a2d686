// Package udev writes the rules by which udev gives USB UPSes to the group that
// wattnut runs as, and the hardware database lines that say which driver each has, from
// the tables of the drivers. The files beside it are what it writes: after a change of
// those tables, "go generate ./packaging/udev".
package udev

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/drivers/megatec/framing"
	"github.com/wattnut/wattnut/drivers/usbhid"
)

//go:generate go test . -run TestFiles -update

// device is an id with the first driver that knows it.
type device struct{ vendor, product, driver string }

// devices are the known ids, each once, sorted. One that the table has no framing for
// is not a UPS by its id (1a86:7523 is the CH340, the serial adapter of thousands of
// things): who has a UPS behind it says so in ups.conf, and writes a rule for it.
func devices() ([]device, error) {
	known := make(map[string]device)
	add := func(vendor, product, driver string) {
		if _, there := known[vendor+product]; !there {
			known[vendor+product] = device{vendor, product, driver}
		}
	}
	for id := range usbhid.IDs() {
		add(fmt.Sprintf("%04x", id.Vendor), fmt.Sprintf("%04x", id.Product), "usbhid-ups")
	}
	megatec, err := framing.IDs()
	if err != nil {
		return nil, err
	}
	for _, id := range megatec {
		if id.Framing == "" {
			continue
		}
		vendor, product, _ := strings.Cut(id.ID, ":")
		add(vendor, product, "nutdrv_qx")
	}
	return slices.SortedFunc(maps.Values(known), func(a, b device) int {
		return cmp.Or(cmp.Compare(a.vendor, b.vendor), cmp.Compare(a.product, b.product))
	}), nil
}

const rulesHead = `# Gives USB UPSes to the group nut, which wattnut runs as: the device for libusb,
# and its hidraw node. Written by "go generate ./packaging/udev"; do not edit.

ACTION=="remove", GOTO="wattnut_end"
SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", GOTO="wattnut_usb"
SUBSYSTEM=="hidraw", SUBSYSTEMS=="usb", GOTO="wattnut_hidraw"
GOTO="wattnut_end"
`

// Rules is the file of rules.
func Rules() (string, error) {
	all, err := devices()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(rulesHead)
	for _, part := range []struct{ label, attribute string }{{"usb", "ATTR"}, {"hidraw", "ATTRS"}} {
		fmt.Fprintf(&b, "\nLABEL=\"wattnut_%s\"\n", part.label)
		for _, d := range all {
			fmt.Fprintf(&b, "%[1]s{idVendor}==\"%[2]s\", %[1]s{idProduct}==\"%[3]s\", GROUP=\"nut\", MODE=\"0660\"\n", part.attribute, d.vendor, d.product)
		}
		b.WriteString("GOTO=\"wattnut_end\"\n")
	}
	b.WriteString("\nLABEL=\"wattnut_end\"\n")
	return b.String(), nil
}

// Hwdb is the file for the hardware database.
func Hwdb() (string, error) {
	all, err := devices()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("# Which driver of NUT's names a USB UPS has: \"udevadm info\" shows it. Written by\n# \"go generate ./packaging/udev\"; do not edit.\n")
	for _, d := range all {
		fmt.Fprintf(&b, "\nusb:v%sp%s*\n UPS_DRIVER=%s\n", strings.ToUpper(d.vendor), strings.ToUpper(d.product), d.driver)
	}
	return b.String(), nil
}
