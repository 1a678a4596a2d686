package usbdev

import (
	"errors"
	"fmt"
	"strings"
)

// What goes wrong with a device. Transports wrap these, and say which device and
// what to do.
var (
	// ErrGone: there is no such device, or it is there no more. It is to be closed
	// and looked for again.
	ErrGone = errors.New("no such USB device")
	// ErrStall: the device refused the request. Others may work.
	ErrStall = errors.New("request refused by the device (stall)")
	// ErrTimeout: nothing came within ctx. The device may still be well.
	ErrTimeout = errors.New("no answer in time")
	// ErrPermission: the device is there, and this user may not open it.
	ErrPermission = errors.New("no permission")
	// ErrBusy: the device is another section's, or another program's.
	ErrBusy = errors.New("in use")
	// ErrUnsupported: this transport, or this build, cannot do that.
	ErrUnsupported = errors.New("not supported")
)

// ReportKind is the type of a HID report, numbered as in the HID specification
// 1.11, 7.2.1.
type ReportKind byte

// The kinds of reports.
const (
	Input   ReportKind = 1
	Output  ReportKind = 2
	Feature ReportKind = 3
)

func (k ReportKind) String() string {
	switch k {
	case Input:
		return "input"
	case Output:
		return "output"
	case Feature:
		return "feature"
	}
	return fmt.Sprintf("kind%d", byte(k))
}

// Info is what enumeration says of a device. Texts are trimmed, and "" where the
// device has none or it cannot be read.
type Info struct {
	VendorID, ProductID uint16
	Release             uint16 // bcdDevice
	Vendor, Product     string
	Serial              string
	Bus, Device         string // "001", "004", as NUT writes them; the device number is another after each plugging in
	Port                string // the way through the hubs, which stays: "1.4"; "" if unknown
	Interface           int    // the number of the interface that was found
	Node                string // the file it is opened by, "/dev/hidraw0"; "" where there is none
}

// BusPort is the port at the last hub as NUT writes it, "004"; "" if unknown.
func (i Info) BusPort() string {
	last := i.Port[strings.LastIndexByte(i.Port, '.')+1:]
	if last == "" {
		return ""
	}
	return fmt.Sprintf("%03s", last)
}

// ID is the vendor and product as everybody writes them: "051d:0002".
func (i Info) ID() string { return fmt.Sprintf("%04x:%04x", i.VendorID, i.ProductID) }

// String names the device for people, in errors and logs.
func (i Info) String() string {
	said := []string{i.ID()}
	for _, part := range []struct{ before, text string }{
		{"", i.Vendor}, {"", i.Product}, {"serial ", i.Serial}, {"at bus ", i.Bus}, {"device ", i.Device}, {"port ", i.Port},
	} {
		if part.text != "" {
			said = append(said, part.before+part.text)
		}
	}
	return strings.Join(said, " ")
}

// Options are how to open a device, under NUT's names; a family's configuration
// embeds them. The zero Options suit nearly every device.
type Options struct {
	ConfigIndex     int  `conf:"usb_config_index" help:"index of the USB configuration to use"`
	Interface       int  `conf:"usb_hid_rep_index" help:"number of the interface that speaks"`
	DescriptorIndex int  `conf:"usb_hid_desc_index" help:"index of the HID descriptor to read"`
	EndpointIn      int  `conf:"usb_hid_ep_in" help:"number of the interrupt endpoint to read from; 0 for the interface's first"`
	EndpointOut     int  `conf:"usb_hid_ep_out" help:"number of the interrupt endpoint to write to; 0 for the interface's first"`
	SetAltInterface bool `conf:"usb_set_altinterface" help:"set the alternate setting 0 of the interface, even if it is the only one"`
	// Record notes all that is exchanged with the device; nil notes nothing.
	Record *Recorder
}
