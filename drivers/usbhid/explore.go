package usbhid

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/drivers/usbhid/report"
)

// Explore writes what the HID devices that are plugged in offer, as far as the
// settings, those of usbhid-ups, take them: each power device, and any other that a
// productid asks for. Nothing is changed at a device, and one that another program
// drives is only named.
func Explore(ctx context.Context, w io.Writer, settings []drivers.Setting) error {
	return explore(ctx, w, settings, buses()...)
}

func explore(ctx context.Context, w io.Writer, settings []drivers.Setting, buses ...Bus) error {
	opener, err := drivers.Define("usbhid-ups", "1.0", "for its settings", defaults, func(ctx context.Context, _ drivers.Env, c Config) (drivers.Device, error) {
		return nil, exploreAll(ctx, w, c, buses)
	}).Bind(settings)
	if err != nil {
		return err
	}
	_, err = opener(ctx, drivers.Env{})
	return err
}

func exploreAll(ctx context.Context, w io.Writer, c Config, buses []Bus) error {
	seen := make(map[string]bool)
	tried := 0
	for _, bus := range buses {
		if c.Transport != "" && c.Transport != bus.Name {
			continue
		}
		tried++
		all, err := bus.List(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", bus.Name, err)
		}
		var shown []string // a device with several nodes is shown by each
		for _, i := range all {
			if c.match(i) && c.mayOpen(i) && !seen[where(i)] {
				shown = append(shown, where(i))
				exploreDevice(ctx, w, bus, c, i)
			}
		}
		for _, place := range shown {
			seen[place] = true
		}
		fmt.Fprintf(w, "%d devices by %s.\n", len(all), bus.Name)
	}
	if tried == 0 {
		return c.noBus()
	}
	return nil
}

// mayOpen tells whether a device is opened to look at it. Whatever has no node of
// hidraw may be anything, and is taken from the kernel's driver by opening it.
func (c *Config) mayOpen(i usbdev.Info) bool {
	id, err := claim(i)
	return i.Node != "" || c.ProductID != "" || err == nil && id != nil && id.Table != refused
}

// exploreDevice writes one device.
func exploreDevice(ctx context.Context, w io.Writer, bus Bus, c Config, i usbdev.Info) {
	table, err := tableFor(i)
	if err != nil {
		fmt.Fprintf(w, "%s: %v\n\n", i, err)
		return
	}
	o := c.Options
	o.Interface = i.Interface
	port, err := bus.Open(ctx, func(other usbdev.Info) bool { return where(other) == where(i) && other.Node == i.Node }, o)
	if err != nil {
		fmt.Fprintf(w, "%s: %v\n\n", i, err)
		return
	}
	defer port.Close() //nolint:errcheck // it was only read
	layout, err := layout(ctx, port)
	if err != nil {
		fmt.Fprintf(w, "%s: %v\n\n", i, err)
		return
	}
	if !isPower(layout) && c.ProductID == "" {
		return // a keyboard is nobody's business here
	}
	fmt.Fprintf(w, "%s\ntable: %s\n\n", i, table.Label)
	lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(lines, "PATH\tREPORT\tBITS\tFROM\tTO\tNOW\tUNIT\tIS")
	r := &reports{port: port, layout: layout, whole: c.MaxReport, slots: make(map[byte]*slot)}
	r.begin()
	meanings := table.meanings()
	for n := range layout.Fields {
		f := &layout.Fields[n]
		fmt.Fprintf(lines, "%s\t%s %d\t%d+%d\t%g\t%g\t%s\t%s\t%s\n", table.PathName(f.Path), f.Kind, f.ID, f.Offset, f.Bits,
			f.Physical(f.LogMin), f.Physical(f.LogMax), valueOf(ctx, r, f), f.UnitName(), strings.Join(append(meanings[f.Path.String()], remarks(f)...), ", "))
	}
	_ = lines.Flush() // to where the rest went
	fmt.Fprintln(w)
}

// tableFor is the table whose names are used for a device.
func tableFor(i usbdev.Info) (*Table, error) {
	id, err := claim(i)
	if err != nil || id == nil || id.Table == refused {
		return load(generic)
	}
	return load(id.Table)
}

// isPower tells whether a device has a collection of the page of power devices.
func isPower(d *report.Descriptor) bool {
	const powerDevice, battery = 0x84, 0x85
	for _, f := range d.Fields {
		if page := f.Path[0].Page(); page == powerDevice || page == battery {
			return true
		}
	}
	return false
}

// meanings are the variables and words of the status that come from a path.
func (t *Table) meanings() map[string][]string {
	all := make(map[string][]string)
	for _, r := range t.Rows {
		p, _ := t.Resolve(r.Path)
		what := string(r.Var)
		switch {
		case r.Status != "":
			what = "status " + r.Status
		case r.Alarm != "":
			what = "alarm " + r.Alarm
		}
		all[p.String()] = append(all[p.String()], what)
	}
	return all
}

// remarks are what is odd about a field.
func remarks(f *report.Field) []string {
	var all []string
	if f.Flags&report.Constant != 0 {
		all = append(all, "(constant)")
	}
	if f.Assumed {
		all = append(all, "(its range is declared to end before it begins)")
	}
	return all
}

// valueOf is what a feature has now.
func valueOf(ctx context.Context, r *reports, f *report.Field) string {
	if f.Kind != report.Feature {
		return "-"
	}
	data, err := r.fetch(ctx, f.ID)
	if err != nil {
		return "refused"
	}
	raw, ok := f.Raw(data)
	if !ok {
		return fmt.Sprintf("only %d bytes", len(data))
	}
	return fmt.Sprintf("%g", f.Physical(raw))
}
