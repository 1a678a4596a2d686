package megatec

import (
	"context"
	"errors"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/megatec/dialect"
	"github.com/wattnut/wattnut/drivers/megatec/framing"
	"github.com/wattnut/wattnut/drivers/transport/hidraw"
	"github.com/wattnut/wattnut/drivers/transport/usb"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// scans gives a driver the scanners for devices on USB and on serial lines.
func scans(d drivers.Driver) drivers.Driver {
	d.Scanners = []drivers.Scanner{{Bus: drivers.BusUSB, Scan: scanUSB}, {Bus: drivers.BusSerial, Scan: scanSerial}}
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

// describe is a device as ups.conf would have it. ok is false for one that is
// none of the family.
func describe(i usbdev.Info) (f drivers.Found, ok bool) {
	name, err := framing.Match(i.VendorID, i.ProductID, i.Vendor, i.Product)
	if err != nil || name == "" {
		return drivers.Found{}, false
	}
	firm, fleeting := i.Choice()
	f = drivers.Found{
		Driver: "nutdrv_qx", Others: []string{"blazer_usb"},
		Settings: append(drivers.Settings([2]string{"port", "auto"}), drivers.Settings(firm...)...),
		Hints:    drivers.Settings(fleeting...),
	}
	if err := usbdev.Access(i); err != nil {
		f.Remarks = []string{err.Error()}
	}
	return f, true
}

// questions are those that one or another protocol answers with the state of the
// UPS, in a line that begins with a bracket.
var questions = []string{"Q1\r", "QS\r", "QGS\r"}

// scanSerial asks at each port for the state of a UPS.
func scanSerial(ctx context.Context, where drivers.Search, found func(drivers.Found)) error {
	var errs []error
	for _, path := range where.Ports {
		limit, cancel := context.WithTimeout(ctx, where.Wait())
		there, err := answers(limit, path)
		cancel()
		if there {
			found(drivers.Found{
				Driver: "nutdrv_qx", Others: []string{"blazer_ser"},
				Settings: drivers.Settings([2]string{"port", path}),
			})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// shortest is the length of the shortest state that a protocol has.
const shortest = 40

// answers tells whether somebody at a port says how a UPS is.
func answers(ctx context.Context, path string) (there bool, err error) {
	l, err := openLine(ctx, path, "normal")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	for _, q := range questions {
		answer, err := l.Exchange(ctx, []byte(q))
		switch {
		case err == nil && len(answer) >= shortest && answer[0] == '(':
			return true, nil
		case err == nil, errors.Is(err, dialect.ErrSilent), errors.Is(err, context.DeadlineExceeded):
		default:
			return false, err
		}
	}
	return false, nil
}
