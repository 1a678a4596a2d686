package usbhid

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/hidraw"
	"github.com/wattnut/wattnut/drivers/transport/usb"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// Bus is a way to devices.
type Bus struct {
	Name string // as the option usb_transport has it
	// List returns the HID devices that there are.
	List func(ctx context.Context) ([]usbdev.Info, error)
	// Open opens the first device that match takes and that nobody has.
	Open func(ctx context.Context, match func(usbdev.Info) bool, o usbdev.Options) (Port, error)
	// Arrival is closed when a device is plugged in; nil where that is not known.
	Arrival func() <-chan struct{}
	// Close gives up what List keeps open; nil where it keeps nothing.
	Close func() error
}

// Hidraw is Linux' own way.
var Hidraw = Bus{
	Name: "hidraw",
	List: func(context.Context) ([]usbdev.Info, error) { return hidraw.List() },
	Open: func(ctx context.Context, match func(usbdev.Info) bool, o usbdev.Options) (Port, error) {
		d, err := hidraw.Open(ctx, match, o)
		if err != nil {
			return nil, err // and not a Port without a device in it
		}
		return d, nil
	},
	Arrival: func() <-chan struct{} { return usbdev.Arrival("hidraw") },
}

// Libusb goes by libusb, where this build has it: whatever system that is.
var Libusb = Bus{
	Name: "libusb",
	List: func(context.Context) ([]usbdev.Info, error) { return usb.List() },
	Open: func(ctx context.Context, match func(usbdev.Info) bool, o usbdev.Options) (Port, error) {
		d, err := usb.Open(ctx, match, o)
		if err != nil {
			return nil, err
		}
		return d, nil
	},
	Arrival: func() <-chan struct{} { return usbdev.Arrival("usb") },
}

// Driver is the family of USB HID power devices.
var Driver = New(buses()...)

// buses are those of this build on this system.
func buses() []Bus {
	var all []Bus
	if runtime.GOOS == "linux" {
		all = append(all, Hidraw)
	}
	if usb.Built {
		all = append(all, Libusb)
	}
	return all
}

// New is the driver over the buses, in the order in which they are tried.
func New(buses ...Bus) drivers.Driver {
	owners := new(usbdev.Owners)
	d := drivers.Define("usbhid-ups", "1.0", "USB HID power devices: APC, CyberPower, Eaton, Tripp Lite and many more", defaults,
		func(ctx context.Context, env drivers.Env, c Config) (drivers.Device, error) {
			c.owners = owners
			return open(ctx, buses, env, c)
		})
	d.Scanners = []drivers.Scanner{{Bus: drivers.BusUSB, Scan: func(ctx context.Context, _ drivers.Search, found func(drivers.Found)) error {
		return scan(ctx, buses, found)
	}}}
	return d
}

// Over is a driver of another name, for devices on what bus makes of the setting
// port. What no table claims is taken by the one called table.
func Over(name, about, table string, bus func(port string) Bus) drivers.Driver {
	d := drivers.Define(name, "1.0", about, defaults,
		func(ctx context.Context, env drivers.Env, c Config) (drivers.Device, error) {
			c.Subdriver = cmp.Or(c.Subdriver, table)
			b := bus(c.Port)
			c.Transport = b.Name
			device, err := open(ctx, []Bus{b}, env, c)
			if err != nil && b.Close != nil {
				err = errors.Join(err, b.Close())
			}
			return device, err
		})
	bind := d.Bind
	d.Bind = func(settings []drivers.Setting) (drivers.Opener, error) {
		opener, err := bind(settings)
		if !slices.ContainsFunc(settings, func(s drivers.Setting) bool { return s.Name == "port" && s.Value != "" }) {
			err = errors.Join(err, &drivers.SettingError{Name: "port", Reason: "is missing"})
		}
		return opener, err
	}
	return d
}

// scan finds the devices that a table claims. Where several buses show one, the first
// one tells of it.
func scan(ctx context.Context, buses []Bus, found func(drivers.Found)) error {
	seen := make(map[string]bool)
	for _, bus := range buses {
		all, err := bus.List(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", bus.Name, err)
		}
		for _, i := range all {
			id, err := claim(i)
			if err != nil {
				return err
			}
			if place := where(i); id != nil && id.Table != refused && !seen[place] {
				seen[place] = true
				found(section(i))
			}
		}
	}
	return nil
}

// where tells devices apart that several buses may show: by number on the bus, or by
// their node if they are on none.
func where(i usbdev.Info) string {
	if i.Bus == "" {
		return i.Node
	}
	return i.Bus + "." + i.Device
}

// section is what ups.conf has to say of a device.
func section(i usbdev.Info) drivers.Found {
	firm, fleeting := i.Choice()
	f := drivers.Found{
		Driver:   "usbhid-ups",
		Settings: append(drivers.Settings([2]string{"port", "auto"}), drivers.Settings(firm...)...),
		Hints:    drivers.Settings(fleeting...),
	}
	if err := usbdev.Access(i); err != nil {
		f.Remarks = []string{err.Error()}
	}
	return f
}
