package megatec

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/megatec/dialect"
	"github.com/wattnut/wattnut/drivers/megatec/framing"
	"github.com/wattnut/wattnut/drivers/transport/hidraw"
	"github.com/wattnut/wattnut/drivers/transport/usb"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/nut"
)

// usbLine is what ups.conf says about a device on USB.
type usbLine struct {
	usbdev.Selector
	usbdev.Options
	Subdriver    string `conf:"subdriver" help:"how commands travel over USB, where the device is not known: cypress, ippon, krauler …; wants vendorid and productid too"`
	LangIDFix    string `conf:"langid_fix" help:"language in which string descriptors are asked for, such as 0x409, with krauler, fabula, hunnox and snr"`
	NoScanLangID bool   `conf:"noscanlangid" help:"not used: languages are never tried out"`

	match    usbdev.Matcher
	language uint16
	owners   *usbdev.Owners // of all sections; set by the driver
}

// given tells whether anything is said about USB.
func (c *usbLine) given() bool { return c.Subdriver != "" || c.Selector != (usbdev.Selector{}) }

// check is part of a configuration's Check.
func (c *usbLine) check() error {
	var errs []error
	var err error
	if c.match, err = c.Compile(); err != nil {
		errs = append(errs, patternErrors(err)...)
	}
	if c.Subdriver != "" {
		if _, err := framing.New(c.Subdriver, nil, framing.Options{}); err != nil {
			errs = append(errs, &drivers.SettingError{Name: "subdriver", Reason: err.Error()})
		}
		if c.VendorID == "" || c.ProductID == "" {
			errs = append(errs, &drivers.SettingError{Name: "subdriver", Reason: "wants vendorid and productid too, so that it is not tried on any device"})
		}
	}
	if c.LangIDFix != "" {
		n, err := strconv.ParseUint(c.LangIDFix, 0, 16)
		if err != nil || n == 0 {
			errs = append(errs, &drivers.SettingError{Name: "langid_fix", Reason: strconv.Quote(c.LangIDFix) + " is not a language such as 0x409"})
		}
		c.language = uint16(n)
	}
	return errors.Join(errs...)
}

// patternErrors are errors of settings.
func patternErrors(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, patternErrors(e)...)
		}
		return all
	}
	if p, ok := errors.AsType[*usbdev.PatternError](err); ok {
		return []error{&drivers.SettingError{Name: p.Option, Reason: p.Reason}}
	}
	return []error{err}
}

// usbPort is an open USB device.
type usbPort interface {
	framing.Device
	Info() usbdev.Info
	Close() error
}

// openUSB opens the first device that fits and is free: by libusb where this
// build has it, which can do all that a framing asks for, else by hidraw.
func openUSB(ctx context.Context, fits func(usbdev.Info) bool, o usbdev.Options) (usbPort, error) {
	var errs []error
	if usb.Built {
		d, err := usb.Open(ctx, fits, o)
		if err == nil {
			return d, nil
		}
		errs = append(errs, err)
	}
	d, err := hidraw.Open(ctx, fits, o)
	if err != nil {
		return nil, errors.Join(append(errs, err)...)
	}
	return hidPort{framing.OverHID(d), d}, nil
}

// hidPort is a device by hidraw.
type hidPort struct {
	framing.Device
	d *hidraw.Device
}

// Info is what enumeration says of it.
func (p hidPort) Info() usbdev.Info { return p.d.Info() }

// Close closes it.
func (p hidPort) Close() error { return p.d.Close() }

// usbLink carries commands to a device on USB.
type usbLink struct {
	dialect.Exchanger
	usbPort
}

// framing is that of a device: the one that ups.conf names, or the one that is
// known of it; "" for none.
func (c *usbLine) framing(i usbdev.Info) string {
	if c.Subdriver != "" {
		return c.Subdriver
	}
	name, err := framing.Match(i.VendorID, i.ProductID, i.Vendor, i.Product)
	if err != nil { // the table is checked by a test
		return ""
	}
	return name
}

// meetUSB opens a device on USB and finds out what it speaks.
func (c *usbLine) meetUSB(ctx context.Context, open usbOpener, section string, s *dialect.Search, o dialect.Options) (*device, error) {
	port, err := open(ctx, func(i usbdev.Info) bool { return c.match(i) && c.framing(i) != "" && c.owners.Free(section, i) }, c.Options)
	if err != nil {
		return nil, err
	}
	i := port.Info()
	ex, err := framing.New(c.framing(i), port, framing.Options{
		Language: c.language, NoVendor: o.Flags["novendor"], Interrupt: c.EndpointIn == armacIn && c.EndpointOut == armacOut,
	})
	if err != nil {
		return nil, errors.Join(err, port.Close())
	}
	o.Vendor = fmt.Sprintf("%04x", i.VendorID)
	d, err := meet(ctx, usbLink{ex, port}, s, o, map[nut.Name]string{
		"ups.vendorid": o.Vendor, "ups.productid": fmt.Sprintf("%04x", i.ProductID),
	})
	if err != nil {
		return nil, fmt.Errorf("%s, by %s: %w", i, c.framing(i), err)
	}
	c.owners.Took(section, i)
	d.left = func(lost bool) { c.owners.Left(section, lost) }
	return d, nil
}

type usbOpener = func(ctx context.Context, fits func(usbdev.Info) bool, o usbdev.Options) (usbPort, error)

// The endpoints of an Armac that takes packets of 64 bytes.
const armacIn, armacOut = 2, 2
