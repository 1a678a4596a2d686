package hid

import (
	"slices"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// unit is a HID unit code, and the exponent of ten by which it is smaller than the
// unit that people use (HID Power Devices 1.0, table 4).
type unit struct {
	code     uint32
	exponent int
}

var units = map[string]unit{
	"":   {},
	"V":  {0x00f0d121, 7},
	"A":  {0x00100001, 0},
	"W":  {0x0000d121, 7},
	"VA": {0x0000d121, 7},
	"s":  {0x00001001, 0},
	"K":  {0x00010001, 0},
	"Hz": {0x0000f001, 0},
	"As": {0x00101001, 0},
}

// Items of a report descriptor (HID 1.11 section 6.2.2), without their sizes.
const (
	itemInput         = 0x80
	itemFeature       = 0xb0
	itemCollection    = 0xa0
	itemEndCollection = 0xc0
	itemUsagePage     = 0x04
	itemLogicalMin    = 0x14
	itemLogicalMax    = 0x24
	itemExponent      = 0x54
	itemUnit          = 0x64
	itemReportSize    = 0x74
	itemReportID      = 0x84
	itemReportCount   = 0x94
	itemUsage         = 0x08
)

// Collections: the outermost is an application; the others are physical, or, where
// they are numbered, of the vendors' range.
const (
	application = 0x01
	physical    = 0x00
	numbered    = 0x80
)

// Flags of a field: a variable; the value changes by itself; and padding.
const (
	variable = 0x02
	volatile = 0x80
	constant = 0x03
)

// writer writes a descriptor.
type writer struct {
	out    []byte
	inside []string // the open collections, a number with its usage: "Flow.[4]"
	bits   map[reportKey]int
	layout []place
	usages map[string]uint32
}

// describe writes the report descriptor of a persona, and notes where the fields
// are.
func (p *persona) describe() ([]byte, []place) {
	w := &writer{bits: make(map[reportKey]int), usages: p.Usages}
	for i := range p.Fields {
		f := &p.Fields[i]
		nodes := split(f.Path)
		w.enter(nodes[:len(nodes)-1])
		var keys []reportKey
		if !f.Only {
			keys = append(keys, reportKey{usbdev.Feature, f.Report})
		}
		if f.Input || f.Only {
			keys = append(keys, reportKey{usbdev.Input, f.Report})
		}
		for _, key := range keys {
			w.field(f, nodes[len(nodes)-1], key)
			if !p.goesOn(i, key) {
				w.fill(key)
			}
		}
	}
	w.enter(nil)
	return w.out, w.layout
}

// goesOn tells whether a report has more fields behind the i-th.
func (p *persona) goesOn(i int, key reportKey) bool {
	return slices.ContainsFunc(p.Fields[i+1:], func(f field) bool {
		return f.Report == key.id && (key.kind == usbdev.Feature && !f.Only || key.kind == usbdev.Input && (f.Input || f.Only))
	})
}

// split takes a path apart; the number of a collection stays with its usage.
func split(path string) []string {
	var nodes []string
	for part := range strings.SplitSeq(path, ".") {
		if part[0] == '[' {
			nodes[len(nodes)-1] += "." + part
			continue
		}
		nodes = append(nodes, part)
	}
	return nodes
}

// enter closes and opens collections until those are open.
func (w *writer) enter(nodes []string) {
	same := 0
	for same < min(len(nodes), len(w.inside)) && nodes[same] == w.inside[same] {
		same++
	}
	for range len(w.inside) - same {
		w.out = append(w.out, itemEndCollection)
	}
	w.inside = w.inside[:same]
	for _, node := range nodes[same:] {
		usage, number, _ := strings.Cut(node, ".")
		w.usage(usage)
		kind := int64(physical)
		if len(w.inside) == 0 {
			kind = application
		}
		if n, err := strconv.Atoi(strings.Trim(number, "[]")); err == nil {
			kind = numbered | int64(n)
		}
		w.unsigned(itemCollection, uint32(kind))
		w.inside = append(w.inside, node)
	}
}

func (w *writer) usage(name string) {
	code := w.usages[name]
	w.unsigned(itemUsagePage, code>>16)
	w.unsigned(itemUsage, code&0xffff)
}

func (w *writer) field(f *field, usage string, key reportKey) {
	u := units[f.Unit]
	w.usage(usage)
	w.unsigned(itemReportID, uint32(f.Report))
	w.signed(itemLogicalMin, f.Min)
	w.signed(itemLogicalMax, f.Max)
	w.unsigned(itemUnit, u.code)
	w.unsigned(itemExponent, uint32(u.exponent-f.Places)&0x0f)
	w.unsigned(itemReportSize, uint32(f.Bits))
	w.unsigned(itemReportCount, 1)
	w.main(key, variable|volatile)
	w.layout = append(w.layout, place{f, key, w.bits[key]})
	w.bits[key] += f.Bits
}

func (w *writer) main(key reportKey, flags uint32) {
	tag := byte(itemFeature)
	if key.kind == usbdev.Input {
		tag, flags = itemInput, flags&^volatile
	}
	w.unsigned(tag, flags)
}

// fill fills the last byte of a report.
func (w *writer) fill(key reportKey) {
	rest := -w.bits[key] & 7
	if rest == 0 {
		return
	}
	w.unsigned(itemReportSize, uint32(rest))
	w.main(key, constant)
	w.bits[key] += rest
}

// unsigned writes an item in as few bytes as it takes.
func (w *writer) unsigned(tag byte, n uint32) {
	switch {
	case n <= 0xff:
		w.out = append(w.out, tag|1, byte(n))
	case n <= 0xffff:
		w.out = append(w.out, tag|2, byte(n), byte(n>>8))
	default:
		w.out = append(w.out, tag|3, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
}

// signed does so for a number whose highest bit is its sign.
func (w *writer) signed(tag byte, n int64) {
	switch {
	case n == int64(int8(n)):
		w.out = append(w.out, tag|1, byte(n))
	case n == int64(int16(n)):
		w.out = append(w.out, tag|2, byte(n), byte(n>>8))
	default:
		w.out = append(w.out, tag|3, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
}
