//go:build libusb

package usb

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/google/gousb"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// List returns the USB devices that there are, whether or not they can be opened, but
// for hubs, by bus and number. Except on Linux, each is opened to ask for its texts,
// which are "" if that cannot be.
func List() (all []usbdev.Info, err error) {
	err = within(func(c *gousb.Context) error {
		var unread []usbdev.Info
		devices, failed := c.OpenDevices(func(d *gousb.DeviceDesc) bool {
			if d.Class == gousb.ClassHub {
				return false
			}
			info, complete := describe(d)
			if complete {
				all = append(all, info)
			} else {
				unread = append(unread, info)
			}
			return !complete
		})
		defer closeAll(devices)
		for _, d := range devices {
			all = append(all, readTexts(d))
		}
		// What may not be opened is there all the same.
		for _, info := range unread {
			if !slices.ContainsFunc(all, func(i usbdev.Info) bool { return i.Bus == info.Bus && i.Device == info.Device }) {
				all = append(all, info)
			}
		}
		if len(all) == 0 {
			return failed
		}
		return nil
	})
	slices.SortFunc(all, func(a, b usbdev.Info) int { return cmp.Or(cmp.Compare(a.Bus, b.Bus), cmp.Compare(a.Device, b.Device)) })
	return all, err
}

// within lends a libusb of its own to f. What gousb panics for, that libusb cannot be
// begun with, is an error.
func within(f func(*gousb.Context) error) error {
	c, err := begin()
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.Close())
}

func begin() (c *gousb.Context, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("libusb does not start: %v", p)
		}
	}()
	return gousb.NewContext(), nil
}

func closeAll(devices []*gousb.Device) {
	for _, d := range devices {
		_ = d.Close()
	}
}

// describe is what is known of a device that is not open. It is complete on Linux,
// where sysfs has its texts.
func describe(d *gousb.DeviceDesc) (info usbdev.Info, complete bool) {
	ports := make([]string, len(d.Path))
	for i, port := range d.Path {
		ports[i] = strconv.Itoa(port)
	}
	info = usbdev.Info{
		VendorID: uint16(d.Vendor), ProductID: uint16(d.Product), Release: uint16(d.Device),
		Bus: fmt.Sprintf("%03d", d.Bus), Device: fmt.Sprintf("%03d", d.Address), Port: strings.Join(ports, "."),
	}
	folder := fmt.Sprintf("/sys/bus/usb/devices/%d-%s", d.Bus, info.Port)
	text := func(name string) string {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return ""
		}
		return strings.TrimSpace(strings.ToValidUTF8(string(content), "?"))
	}
	if number, err := strconv.Atoi(text("devnum")); err != nil || number != d.Address {
		return info, false
	}
	info.Vendor, info.Product, info.Serial = text("manufacturer"), text("product"), text("serial")
	return info, true
}

// readTexts asks an open device for its texts.
func readTexts(d *gousb.Device) usbdev.Info {
	info, _ := describe(d.Desc)
	for _, t := range []struct {
		to  *string
		ask func() (string, error)
	}{{&info.Vendor, d.Manufacturer}, {&info.Product, d.Product}, {&info.Serial, d.SerialNumber}} {
		if text, err := t.ask(); err == nil && *t.to == "" {
			*t.to = strings.TrimSpace(text)
		}
	}
	return info
}
