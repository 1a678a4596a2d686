package megatec

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/megatec/framing"
	"github.com/wattnut/wattnut/drivers/transport/hidraw"
	"github.com/wattnut/wattnut/drivers/transport/usb"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// scans gives a driver the scanner for devices on USB.
func scans(d drivers.Driver) drivers.Driver {
	d.Scanners = []drivers.Scanner{{Bus: drivers.BusUSB, Scan: scanUSB}}
	return d
}

// scanUSB looks for devices whose framing is known, by all transports of this
// build. None is opened for more than its strings.
func scanUSB(_ context.Context, _ drivers.Search, found func(drivers.Found)) error {
	lists := []func() ([]usbdev.Info, error){hidraw.List}
	if usb.Built {
		lists = append(lists, usb.List)
	}
	seen := make(map[string]bool)
	var errs []error
	for _, list := range lists {
		all, err := list()
		if err != nil && !errors.Is(err, usbdev.ErrUnsupported) {
			errs = append(errs, err)
		}
		for _, i := range all {
			place := i.Bus + ":" + i.Device
			if f, ok := describe(i); ok && !seen[place] {
				seen[place] = true
				found(f)
			}
		}
	}
	return errors.Join(errs...)
}

// pattern is a regular expression that matches a text.
func pattern(text string) string { return regexp.QuoteMeta(text) }

// describe is a device as ups.conf would have it. ok is false for one that is
// none of the family.
func describe(i usbdev.Info) (f drivers.Found, ok bool) {
	name, err := framing.Match(i.VendorID, i.ProductID, i.Vendor, i.Product)
	if err != nil || name == "" {
		return drivers.Found{}, false
	}
	f = drivers.Found{Driver: "nutdrv_qx", Others: []string{"blazer_usb"}}
	for _, s := range []struct{ name, value string }{
		{"port", "auto"},
		{"vendorid", fmt.Sprintf("%04X", i.VendorID)},
		{"productid", fmt.Sprintf("%04X", i.ProductID)},
		{"product", pattern(i.Product)},
		{"serial", pattern(i.Serial)},
		{"vendor", pattern(i.Vendor)},
	} {
		if s.value != "" {
			f.Settings = append(f.Settings, drivers.Setting{Name: s.name, Value: s.value})
		}
	}
	f.Hints = []drivers.Setting{{Name: "bus", Value: i.Bus}, {Name: "device", Value: i.Device}}
	if busport := i.BusPort(); busport != "" {
		f.Hints = append(f.Hints, drivers.Setting{Name: "busport", Value: busport})
	}
	return f, true
}
