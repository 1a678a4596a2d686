//go:build linux

package hidraw

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// system is where the kernel shows its devices: "/sys" and "/dev".
type system struct{ sys, dev string }

var linux = system{sys: "/sys", dev: "/dev"}

// List returns the USB HID devices that there are, whether or not they can be opened,
// in the order of their nodes. Those that another program emulates through /dev/uhid
// are among them, and have no bus.
func List() ([]usbdev.Info, error) { return linux.list() }

func (s system) list() ([]usbdev.Info, error) {
	nodes, err := os.ReadDir(filepath.Join(s.sys, "class/hidraw"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the kernel has no hidraw, or has not loaded it: nothing is plugged in
	}
	if err != nil {
		return nil, err
	}
	var all []usbdev.Info
	for _, node := range nodes {
		if info, ok := s.describe(node.Name()); ok {
			all = append(all, info)
		}
	}
	slices.SortFunc(all, func(a, b usbdev.Info) int {
		return cmp.Or(cmp.Compare(len(a.Node), len(b.Node)), cmp.Compare(a.Node, b.Node))
	})
	return all, nil
}

// The kernel's number for USB in HID_ID, BUS_USB of linux/input.h.
const busUSB = 3

// describe reads what sysfs says of a node. A device that is no USB device, or gone
// meanwhile, is not ok.
func (s system) describe(node string) (info usbdev.Info, ok bool) {
	hid, err := filepath.EvalSymlinks(s.folder(node))
	if err != nil {
		return info, false
	}
	about := attributes(hid, "uevent")
	id := strings.Split(about["HID_ID"], ":")
	if len(id) != 3 || hexadecimal(id[0]) != busUSB {
		return info, false
	}
	info = usbdev.Info{
		VendorID: hexadecimal(id[1]), ProductID: hexadecimal(id[2]),
		Product: strings.TrimSpace(about["HID_NAME"]), Serial: strings.TrimSpace(about["HID_UNIQ"]),
		Node: filepath.Join(s.dev, node),
	}
	// Of a real one, the interface is above, and the device above that.
	face := filepath.Dir(hid)
	number, err := os.ReadFile(filepath.Join(face, "bInterfaceNumber"))
	if err != nil {
		return info, true
	}
	info.Interface = int(hexadecimal(string(number)))
	usb := filepath.Dir(face)
	info.Vendor, info.Product, info.Serial = text(usb, "manufacturer"), text(usb, "product"), text(usb, "serial")
	info.Release = hexadecimal(text(usb, "bcdDevice"))
	info.Bus, info.Device = threeDigits(text(usb, "busnum")), threeDigits(text(usb, "devnum"))
	info.Port = text(usb, "devpath")
	return info, true
}

// folder is where sysfs keeps the HID device of a node.
func (s system) folder(node string) string {
	return filepath.Join(s.sys, "class/hidraw", filepath.Base(node), "device")
}

// text is an attribute; "" if there is none. Its end is not a part of it, and what
// is no text in it neither.
func text(dir, name string) string {
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(content), "?"))
}

// attributes reads a file of NAME=VALUE.
func attributes(dir, name string) map[string]string {
	all := make(map[string]string)
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return all
	}
	for line := range bytes.Lines(content) {
		name, value, _ := strings.Cut(strings.TrimRight(string(line), "\n"), "=")
		all[name] = value
	}
	return all
}

// hexadecimal reads a number as sysfs writes it; 0 if it is none. HID_ID has eight
// digits, of which the last four are the number.
func hexadecimal(digits string) uint16 {
	n, err := strconv.ParseUint(strings.TrimSpace(digits), 16, 32)
	if err != nil {
		return 0
	}
	return uint16(n)
}

func threeDigits(number string) string {
	if number == "" {
		return ""
	}
	return strings.Repeat("0", max(0, 3-len(number))) + number
}
