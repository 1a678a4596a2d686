// Package usbhid is the family of UPSes that are USB HID power devices: NUT's
// usbhid-ups. Package report reads what a device declares; the tables in tables say
// what its usages mean, vendor by vendor; this package polls, listens, and writes
// variables and status.
//
// A user may put tables of the same form into the folder usbhid of the
// configuration.
package usbhid

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/drivers/usbhid/report"
	"github.com/wattnut/wattnut/nut"
)

// candidate is a device that the driver would take.
type candidate struct {
	info     usbdev.Info
	table    *Table
	quirks   quirks
	stranger bool // it is taken only if it declares to be a power device
}

// ErrNone is that there is no device for a section.
var ErrNone = errors.New("no USB HID UPS that fits: see that it is plugged in, and that vendorid, productid and the like are right; \"wattnut usbhid --explore\" shows what there is")

// open takes the first device that fits and is free, on the first bus that has one.
func open(ctx context.Context, buses []Bus, env drivers.Env, c Config) (drivers.Device, error) {
	own, broken := ownTables(env.ConfDir)
	var errs []error
	for _, bus := range buses {
		if c.Transport != "" && c.Transport != bus.Name {
			continue
		}
		d, err := openOn(ctx, bus, env, c, own)
		if err == nil {
			if broken != nil {
				env.Log.Error("a table of the configuration folder is left out", "error", broken)
			}
			return d, nil
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return nil, c.noBus()
	}
	return nil, errors.Join(append(errs, broken)...)
}

func (c *Config) noBus() error {
	return fmt.Errorf("this build has no way to USB devices by %s: take wattnut from a package, or build it with \"make build-libusb\"", cmp.Or(c.Transport, "libusb"))
}

// openOn looks on one bus. What is plugged in while it looks is not missed: where it
// finds nothing it looks again when it would be told of an arrival.
func openOn(ctx context.Context, bus Bus, env drivers.Env, c Config, own []*Table) (drivers.Device, error) {
	d, err := search(ctx, bus, env, c, own)
	if err == nil {
		return d, nil
	}
	missing := &usbdev.MissingError{Err: err, Arrived: bus.Arrival()}
	if errors.Is(err, ErrNone) {
		if d, missing.Err = search(ctx, bus, env, c, own); missing.Err == nil {
			return d, nil
		}
	}
	return nil, missing
}

func search(ctx context.Context, bus Bus, env drivers.Env, c Config, own []*Table) (drivers.Device, error) {
	all, err := bus.List(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(i usbdev.Info) bool { return !c.owners.Free(env.UPS, i) })
	var errs []error
	for _, i := range all {
		found, err := c.choose(i, own)
		if err == nil && found != nil {
			var d drivers.Device
			if d, err = start(ctx, bus, env, c, found); err == nil {
				return d, nil
			}
		}
		if !errors.Is(err, errNoPower) {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return searchStrangers(ctx, bus, env, c, all)
}

// searchStrangers takes a device that nobody knows and that declares to be a power
// device. What it is can be seen only by opening it, which is harmless with hidraw; so
// no other bus is searched, and what cannot be opened is no error.
func searchStrangers(ctx context.Context, bus Bus, env drivers.Env, c Config, all []usbdev.Info) (drivers.Device, error) {
	table, err := load(generic)
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		if id, err := claim(i); i.Node == "" || id != nil || err != nil || !c.match(i) {
			continue
		}
		d, err := start(ctx, bus, env, c, &candidate{info: i, table: table, stranger: true})
		if err == nil {
			env.Log.Info("nobody knows this device: it is taken as one of the standard", "device", i.String())
			return d, nil
		}
		env.Log.Debug("a device is no power device, or cannot be opened", "device", i.String(), "error", err)
	}
	return nil, ErrNone
}

var errNoPower = errors.New("it does not declare to be a power device")

// choose finds the table for a device; nil where none claims it, or the user wants
// another device.
func (c *Config) choose(i usbdev.Info, own []*Table) (*candidate, error) {
	id, err := claim(i)
	if err != nil || id != nil && id.Table == refused || !c.match(i) {
		return nil, err
	}
	if id != nil && i.Node != "" && i.Interface != cmp.Or(c.Interface, int(id.quirks.number("interface"))) {
		return nil, nil // the node of another interface than the one that speaks
	}
	found := &candidate{info: i, stranger: id == nil && c.ProductID == ""}
	if id != nil {
		found.quirks = id.quirks
	}
	for _, t := range own {
		if claims := slices.Contains(t.IDs, i.ID()); claims || c.Subdriver != "" && c.named(t) {
			found.table, found.stranger = t, found.stranger && !claims
			return found.unlessHidden(), nil
		}
	}
	name := generic
	switch {
	case c.Explore:
		name = "explore"
	case c.Subdriver != "":
		if name, err = c.byName(); err != nil {
			return nil, err
		}
	case id != nil:
		name = id.Table
	case found.stranger:
		return nil, nil
	default: // the user wants it: a table of the vendor's, or the standard's
		if other := ofVendor(i.VendorID); other != nil {
			name = other.Table
		}
	}
	if found.table, err = load(name); err != nil {
		return nil, err
	}
	return found.unlessHidden(), nil
}

// unlessHidden is nil for a stranger that has no node of hidraw: it may be anything,
// and is taken from the kernel's driver by opening it.
func (f *candidate) unlessHidden() *candidate {
	if f.stranger && f.info.Node == "" {
		return nil
	}
	return f
}

func (c *Config) named(t *Table) bool {
	return t.Name == c.Subdriver || c.table.MatchString(t.Label)
}

// byName finds the table that the option subdriver asks for.
func (c *Config) byName() (string, error) {
	names, err := tableNames()
	if err != nil || slices.Contains(names, c.Subdriver) {
		return c.Subdriver, err
	}
	for _, name := range names {
		if t, err := load(name); err == nil && c.named(t) {
			return name, nil
		}
	}
	return "", fmt.Errorf("there is no subdriver %q; there are %v", c.Subdriver, names)
}

// start opens a device and reads what it declares.
func start(ctx context.Context, bus Bus, env drivers.Env, c Config, found *candidate) (drivers.Device, error) {
	c.adapt(found)
	if found.info.Node != "" {
		c.Interface = found.info.Interface
	}
	port, err := bus.Open(ctx, func(i usbdev.Info) bool {
		return i.ID() == found.info.ID() && where(i) == where(found.info) && i.Node == found.info.Node
	}, c.Options)
	if err != nil {
		return nil, err
	}
	layout, err := layout(ctx, port)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", found.info, errors.Join(err, port.Close()))
	}
	if found.stranger && !isPower(layout) {
		return nil, errors.Join(errNoPower, port.Close())
	}
	d := newDevice(env, c, found, port, layout)
	c.owners.Took(env.UPS, found.info)
	if listener, ok := port.(interrupter); ok && !c.PollOnly && !found.quirks.has("no-interrupt") {
		d.pipe = listen(listener, c.packet(layout), layout.Numbered)
	}
	return d, nil
}

// adapt lays what is known of a device under what the user says.
func (c *Config) adapt(found *candidate) {
	q := found.quirks
	c.EndpointIn = cmp.Or(c.EndpointIn, int(q.number("ep-in")))
	c.EndpointOut = cmp.Or(c.EndpointOut, int(q.number("ep-out")))
	c.Interface = cmp.Or(c.Interface, int(q.number("interface")))
	if i := found.info; i.VendorID == 0x0463 && i.Release == 0x0202 {
		c.DescriptorIndex = cmp.Or(c.DescriptorIndex, 1) // its first HID descriptor is wrong
	}
	c.InterruptOnly = c.InterruptOnly || q.has("interrupt-only") && !c.PollOnly
	c.InterruptSize = cmp.Or(c.InterruptSize, int(q.number("interrupt-size")))
	c.MaxReport = c.MaxReport || q.has("maxreport")
	if c.PollFreq == 0 {
		c.PollFreq = 30 * time.Second
		if found.table.Name == "cps" {
			c.PollFreq = 12 * time.Second
		}
	}
}

func layout(ctx context.Context, port Port) (*report.Descriptor, error) {
	d, ok := port.(describer)
	if !ok {
		return nil, errors.New("the transport gives no report descriptor")
	}
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	text, err := d.ReportDescriptor(ctx)
	if err != nil {
		return nil, err
	}
	return report.Parse(text)
}

func newDevice(env drivers.Env, c Config, found *candidate, port Port, layout *report.Descriptor) *device {
	if !c.KeepDescriptor {
		mend(layout, found)
	}
	d := &device{
		section: env.UPS, config: c, info: found.info, quirks: found.quirks, table: found.table, log: env.Log,
		reports: &reports{
			port: port, layout: layout, whole: c.MaxReport, skip: byte(found.quirks.number("skip")), slots: make(map[byte]*slot),
		},
		orders: make(map[nut.Name]*order), texts: make(map[int]string),
		owners: make(map[nut.Name]*bound), learnt: make(map[string]float64),
		status: synthesis{
			onBattery: c.OnBattery, calibration: c.Calibration, delay: c.LowDelay, always: c.LowDelayAlways,
			logDelay: c.DischargeLogDelay, logUnder: float64(c.DischargeLogUnder),
		},
	}
	d.bind()
	return d
}
