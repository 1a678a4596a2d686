package usbhid

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/drivers/usbhid/report"
	"github.com/wattnut/wattnut/nut"
)

// bound is a row of the table that the device has a field for.
type bound struct {
	row     *Row
	lookup  *Lookup       // nil for the number itself
	feature *report.Field // nil where it comes by the interrupt pipe only
	input   *report.Field // nil where it never does

	taken  bool          // it said something
	misses int           // in a row, since it did
	raw    int64         // what, in the field
	field  *report.Field // which of the two said it
	bit    bits          // of the status, that it speaks of
	alarm  string        // what it adds to ups.alarm now
}

// looksAround tells whether what the row means may change without its number.
func (b *bound) looksAround() bool {
	return b.lookup != nil && b.lookup.Func != "" || b.row.Status != ""
}

// due tells whether the row is read in a poll.
func (b *bound) due(first, full, dirty, alone bool) bool {
	if b.row.Local != nil || b.feature == nil {
		return false
	}
	switch b.row.Poll {
	case Quick:
		return true
	case Full:
		return first || full
	case Seldom:
		return first || full && (dirty || alone || !b.taken)
	case Static:
		return first || full && (alone || !b.taken)
	}
	return false
}

// order is a command that the device takes.
type order struct {
	command *Command
	field   *report.Field
	lookup  *Lookup
}

// bind finds the fields of the table's rows and commands. Paths are known to
// resolve.
func (d *device) bind() {
	layout := d.reports.layout
	for i := range d.table.Rows {
		r := &d.table.Rows[i]
		p, _ := d.table.Resolve(r.Path)
		b := &bound{row: r, lookup: d.lookup(r.lookup()), feature: find(layout, report.Feature, p), input: find(layout, report.Input, p)}
		if b.feature != nil || b.input != nil {
			d.rows = append(d.rows, b)
		}
	}
	for i := range d.table.Commands {
		c := &d.table.Commands[i]
		p, _ := d.table.Resolve(c.Path)
		f := layout.Find(report.Feature, p)
		if _, again := d.orders[c.Name.Fold()]; f != nil && !again {
			d.orders[c.Name.Fold()] = &order{c, f, d.lookup(c.Convert)}
		}
	}
}

// find is the field at a path, or at the one of the same names.
func find(layout *report.Descriptor, kind report.Kind, p report.Path) *report.Field {
	if f := layout.Find(kind, p); f != nil {
		return f
	}
	last := len(p) - 1
	other := namesake(p[last])
	if other == 0 {
		return nil
	}
	return layout.Find(kind, append(p[:last:last], other))
}

func (d *device) lookup(name string) *Lookup {
	if name == "" {
		return nil
	}
	l := d.table.Lookups[name]
	return &l
}

// describe writes what does not come from reports that are polled.
func (d *device) describe(ctx context.Context) {
	d.described = true
	d.name(ctx)
	d.draft.Set("ups.vendorid", fmt.Sprintf("%04x", d.info.VendorID))
	d.draft.Set("ups.productid", fmt.Sprintf("%04x", d.info.ProductID))
	d.draft.Set("driver.version.data", d.table.Label)
	for _, b := range d.rows {
		if b.row.Local != nil && !d.passes(b) {
			d.put(b, d.local(b.row))
		}
	}
	for name := range d.orders {
		d.draft.AddCommand(name)
	}
	for _, c := range derived {
		if c.possible(d) {
			d.draft.AddCommand(c.name)
		}
	}
}

// local is the value of a variable that only the driver has.
func (d *device) local(r *Row) string {
	return cmp.Or(d.setting(r.Setting), *r.Local)
}

// setting is the value of an option, or "" where it was not given.
func (d *device) setting(name string) string {
	switch name {
	case "offdelay":
		return d.config.OffDelay
	case "ondelay":
		return d.config.OnDelay
	}
	return ""
}

// choices are the values that a variable may take; nil where they are not known.
func (d *device) choices(b *bound) []string {
	if b.lookup == nil {
		return nil
	}
	if b.lookup.Func == "nominal-output-voltage" {
		return d.nominalVoltages(b.raw)
	}
	var numbers []int64
	for n := range b.lookup.Values {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var all []string
	for _, n := range numbers {
		all = append(all, b.lookup.Values[n])
	}
	return all
}

// name writes who made the device and what it is called.
func (d *device) name(ctx context.Context) {
	vendor, product, serial := d.info.Vendor, d.info.Product, d.info.Serial
	if text, ok := d.textAt(ctx, d.table.ModelPath); ok {
		product = text
	}
	if text, ok := d.textAt(ctx, d.table.SerialPath); ok && serial == "" {
		serial = text
	}
	switch d.table.Naming {
	case "apc":
		product = d.nameAPC(product)
	case "mge":
		product = d.nameMGE(ctx, product)
	}
	for name, value := range map[nut.Name]string{
		"ups.mfr": cmp.Or(vendor, d.table.Vendor), "ups.model": product, "ups.serial": serial,
	} {
		if value = clean(value); value != "" {
			d.draft.Set(name, value)
		}
	}
}

// nameAPC takes the firmwares out of a product's name: "Back-UPS ES 700 FW:829.D2 .I
// USB FW:D2".
func (d *device) nameAPC(product string) string {
	model, firmware, ok := strings.Cut(product, "FW:")
	if !ok {
		return product
	}
	ups, usb, _ := strings.Cut(firmware, "USB FW:")
	d.optional("ups.firmware", clean(ups))
	d.optional("ups.firmware.aux", clean(usb))
	return strings.TrimSpace(model)
}

// nameMGE finds the model that a product's name and its size make.
func (d *device) nameMGE(ctx context.Context, product string) string {
	const dell = 0x047c
	if d.info.VendorID == dell {
		return product
	}
	size, ok := d.textAt(ctx, "UPS.PowerSummary.iModel")
	if !ok {
		x, has := d.quantity(ctx, "UPS.Flow.[4].ConfigApparentPower")
		if !has {
			return product
		}
		size = number(x, 0)
	}
	model := product + " " + size
	_ = eachLine("mge-models.tsv", func(cells []string) error {
		cells = append(cells, "")
		if strings.EqualFold(cells[0], product) && strings.EqualFold(cells[1], size) && d.eaton.family == "" {
			d.eaton.family = cells[2]
			model = cmp.Or(cells[3], model)
		}
		return nil
	})
	return model
}

// textAt is the USB string at a path.
func (d *device) textAt(ctx context.Context, path string) (string, bool) {
	if path == "" {
		return "", false
	}
	x, ok := d.quantity(ctx, path)
	if !ok {
		return "", false
	}
	return d.string(ctx, int(x))
}

// quantity reads what is at a path now.
func (d *device) quantity(ctx context.Context, path string) (float64, bool) {
	p, err := d.table.Resolve(path)
	f := d.reports.layout.Find(report.Feature, p)
	if err != nil || f == nil || d.config.InterruptOnly {
		return 0, false
	}
	d.reports.begin()
	data, err := d.reports.fetch(ctx, f.ID)
	if err != nil {
		return 0, false
	}
	return f.Value(data)
}

// maxText is the longest text that is taken from a device.
const maxText = 128

// string is a USB string of the device, read once.
func (d *device) string(ctx context.Context, index int) (string, bool) {
	if text, ok := d.texts[index]; ok {
		return text, text != ""
	}
	port, ok := d.reports.port.(reader)
	if !ok || index <= 0 || index > 255 {
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	text, err := port.String(ctx, index)
	if err != nil {
		return "", false
	}
	d.texts[index] = clean(text)
	return d.texts[index], d.texts[index] != ""
}

// clean makes a text fit for the protocol: printable ASCII, of a bounded length.
func clean(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text))
	return text[:min(len(text), maxText)]
}
