// Package shut reaches UPSes that speak HID over a serial line, as MGE's and some of
// Eaton's do: SHUT puts the requests of USB's control endpoint into frames of at most
// eight bytes. It is NUT's mge-shut, on the tables and the engine of package usbhid.
package shut

import (
	"context"
	"errors"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/drivers/usbhid"
)

// mge is the vendor of these UPSes, as they have it on USB too.
const mge = 0x0463

// Driver is the family of HID UPSes on a serial line.
var Driver = scanned(usbhid.Over(name, "MGE and Eaton UPSes on a serial line: HID by the SHUT protocol", "mge", bus))

const name = "mge-shut"

func scanned(d drivers.Driver) drivers.Driver {
	d.Scanners = []drivers.Scanner{{Bus: drivers.BusSerial, Scan: scan}}
	return d
}

// scan greets at each port.
func scan(ctx context.Context, where drivers.Search, found func(drivers.Found)) error {
	var errs []error
	for _, path := range where.Ports {
		limit, cancel := context.WithTimeout(ctx, where.Wait())
		p, err := meet(limit, path)
		cancel()
		switch {
		case err == nil:
			found(drivers.Found{
				Driver:   name,
				Settings: []drivers.Setting{{Name: "port", Value: path}},
				Hints:    []drivers.Setting{{Name: "vendor", Value: p.info.Vendor}, {Name: "product", Value: p.info.Product}, {Name: "serial", Value: p.info.Serial}},
			})
			err = p.Close()
		case errors.Is(err, usbdev.ErrTimeout) && ctx.Err() == nil:
			err = nil // nobody who speaks so
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// bus is a serial port as a bus with one device on it. What was opened to look who is
// there is kept for who opens it: to learn it takes seconds.
func bus(path string) usbhid.Bus {
	var met *Port
	return usbhid.Bus{
		Name: "shut",
		List: func(ctx context.Context) ([]usbdev.Info, error) {
			if met == nil {
				p, err := open(ctx, path)
				if err != nil {
					return nil, err
				}
				met = p
			}
			return []usbdev.Info{met.info}, nil
		},
		Open: func(_ context.Context, match func(usbdev.Info) bool, _ usbdev.Options) (usbhid.Port, error) {
			p := met
			met = nil
			if p == nil {
				return nil, usbdev.ErrGone
			}
			if !match(p.info) {
				return nil, errors.Join(usbhid.ErrNone, p.Close())
			}
			return p, nil
		},
		Arrival: func() <-chan struct{} { return nil },
		Close: func() error {
			if met == nil {
				return nil
			}
			return met.Close()
		},
	}
}
