//go:build libusb

package usb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/gousb"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// Built tells whether this build has libusb.
const Built = true

// Device is an open device, whose interface is ours. One request is out at a time;
// ReadInterrupt goes beside them.
type Device struct {
	info    usbdev.Info
	options usbdev.Options
	free    func()
	turn    *usbdev.Turn
	libusb  *gousb.Context
	usb     *gousb.Device
	claimed claimed
}

// claimed is the interface that is ours, and its endpoints; nil for those it has not.
type claimed struct {
	config *gousb.Config
	face   *gousb.Interface
	in     *gousb.InEndpoint
	out    *gousb.OutEndpoint
}

// Open opens the first device that matches and that nobody else has, and takes its
// interface from the kernel's driver until Close. Where none can be opened the error is
// a *usbdev.MissingError.
func Open(ctx context.Context, match func(usbdev.Info) bool, o usbdev.Options) (*Device, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return usbdev.Search("libusb", "usb", List, match, func(info usbdev.Info) (*Device, error) {
		free, err := usbdev.Hold("/dev/bus/usb", info)
		if err != nil {
			return nil, usbdev.Explain(info, "open", err)
		}
		info.Interface = o.Interface
		d := &Device{info: info, options: o, free: free, turn: usbdev.NewTurn()}
		if err := d.open(); err != nil {
			return nil, errors.Join(d.explain("open", err), d.Close())
		}
		o.Record.Info(info)
		return d, nil
	})
}

func (d *Device) open() (err error) {
	if d.libusb, err = begin(); err != nil {
		return err
	}
	devices, err := d.libusb.OpenDevices(func(desc *gousb.DeviceDesc) bool {
		i, _ := describe(desc)
		return i.Bus == d.info.Bus && i.Device == d.info.Device
	})
	if len(devices) == 0 {
		if err == nil {
			err = usbdev.ErrGone
		}
		return err
	}
	d.usb = devices[0]
	detach := d.usb.SetAutoDetach(true)
	if err = d.claim(); err == nil || detach != nil {
		return err
	}
	// Where nobody can be sent away, nobody may be there.
	if again := errors.Join(d.release(), d.usb.SetAutoDetach(false), d.claim()); again != nil {
		return errors.Join(err, again)
	}
	return nil
}

// claim makes the interface ours and finds its endpoints.
func (d *Device) claim() (err error) {
	number, err := d.configuration()
	if err != nil {
		return err
	}
	c := &d.claimed
	if c.config, err = d.usb.Config(number); err != nil {
		return err
	}
	if c.face, err = c.config.Interface(d.options.Interface, 0); err != nil {
		return err
	}
	if d.options.SetAltInterface {
		if _, err := d.usb.Control(usbdev.ToInterface, usbdev.SetInterface, 0, uint16(d.options.Interface), nil); err != nil {
			return err
		}
	}
	if n := endpoint(c.face.Setting, gousb.EndpointDirectionIn, d.options.EndpointIn); n != 0 {
		if c.in, err = c.face.InEndpoint(n); err != nil {
			return err
		}
	}
	if n := endpoint(c.face.Setting, gousb.EndpointDirectionOut, d.options.EndpointOut); n != 0 {
		c.out, err = c.face.OutEndpoint(n)
	}
	return err
}

// configuration is the number of the configuration with the index that was asked for.
// The first is left to the device, which has chosen one.
func (d *Device) configuration() (int, error) {
	if d.options.ConfigIndex == 0 {
		if number, err := d.usb.ActiveConfigNum(); err == nil && number != 0 {
			return number, nil
		}
	}
	numbers := slices.Sorted(maps.Keys(d.usb.Desc.Configs))
	if i := d.options.ConfigIndex; i >= 0 && i < len(numbers) {
		return numbers[i], nil
	}
	return 0, fmt.Errorf("usb_config_index is %d, and the device has %d configurations: %w", d.options.ConfigIndex, len(numbers), usbdev.ErrUnsupported)
}

// endpoint is the number of the endpoint that was asked for, or else of the first
// that is for interrupt or bulk transfers; 0 if there is none.
func endpoint(s gousb.InterfaceSetting, direction gousb.EndpointDirection, asked int) int {
	if asked != 0 {
		return asked
	}
	for _, address := range slices.Sorted(maps.Keys(s.Endpoints)) {
		e := s.Endpoints[address]
		if e.Direction == direction && (e.TransferType == gousb.TransferTypeInterrupt || e.TransferType == gousb.TransferTypeBulk) {
			return e.Number
		}
	}
	return 0
}

// Info returns what enumeration said.
func (d *Device) Info() usbdev.Info { return d.info }

// Close gives the interface back and ends contact. A request that hangs is not waited
// for.
func (d *Device) Close() error {
	return d.turn.Last(func() error {
		defer d.free()
		errs := []error{d.release()}
		if d.usb != nil {
			errs = append(errs, d.usb.Close())
		}
		if d.libusb != nil {
			errs = append(errs, d.libusb.Close())
		}
		return errors.Join(errs...)
	})
}

func (d *Device) release() error {
	c := d.claimed
	d.claimed = claimed{}
	if c.face != nil {
		c.face.Close()
	}
	if c.config == nil {
		return nil
	}
	return c.config.Close()
}

// Reset resets the device and makes its interface ours again. A device that comes back
// as another is gone.
func (d *Device) Reset(ctx context.Context) error {
	_, err := d.turn.Do(ctx, func() (int, error) {
		return 0, errors.Join(d.release(), d.usb.Reset(), d.claim())
	})
	err = d.explain("reset", err)
	d.options.Record.Note(usbdev.CallReset, nil, nil, err)
	return err
}

// patience is how long libusb waits for a control transfer.
func patience(ctx context.Context) time.Duration {
	const most = 5 * time.Second
	if deadline, ok := ctx.Deadline(); ok {
		return max(time.Millisecond, min(most, time.Until(deadline)))
	}
	return most
}
