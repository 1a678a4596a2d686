// Package report reads USB HID report descriptors: which fields a device has,
// where in which report each lies, and what its bits mean as a quantity.
//
// It is pure. Every descriptor is foreign bytes: [Parse] bounds what it makes of
// them, and mends the mistakes that real devices are known to make.
package report

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Kind is a kind of report, by its number in GET_REPORT and SET_REPORT (HID
// 1.11 section 7.2.1).
type Kind uint8

// The kinds of reports.
const (
	Input   Kind = 1
	Output  Kind = 2
	Feature Kind = 3
)

// String is the name of the kind.
func (k Kind) String() string {
	switch k {
	case Input:
		return "Input"
	case Output:
		return "Output"
	case Feature:
		return "Feature"
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// Usage is what a field or a collection is for: a page in the upper 16 bits, an
// id in the lower ones. Where a device has several collections of one usage it
// may number them; the number is a Usage of its own then, see [Index].
type Usage uint32

const indexBase Usage = 0x00ff0000

// Index is the node of a path that stands for the n-th of several collections.
func Index(n uint8) Usage { return indexBase | Usage(n) }

// Index returns the number that u stands for, and whether it stands for one.
func (u Usage) Index() (uint8, bool) {
	return uint8(u), u&0xffffff00 == indexBase
}

// Page is the usage page.
func (u Usage) Page() uint16 { return uint16(u >> 16) }

// ID is the usage within its page.
func (u Usage) ID() uint16 { return uint16(u) }

// Path names a field by the usages of the collections it is in, from the outside
// to the inside, and its own.
type Path []Usage

// HasPrefix tells whether p begins with the nodes of q.
func (p Path) HasPrefix(q Path) bool {
	if len(q) > len(p) {
		return false
	}
	for i, u := range q {
		if p[i] != u {
			return false
		}
	}
	return true
}

// String writes the path in numbers: "00840004.00840024.00850066".
func (p Path) String() string {
	var b strings.Builder
	for i, u := range p {
		if i > 0 {
			b.WriteByte('.')
		}
		fmt.Fprintf(&b, "%08x", uint32(u))
	}
	return b.String()
}

// Flags are the bits of an Input, Output or Feature item (HID 1.11 section
// 6.2.2.5).
type Flags uint16

// The flags that are asked for.
const (
	Constant Flags = 1 << 0
	Variable Flags = 1 << 1
	Volatile Flags = 1 << 7
)

// Field is one value in a report.
type Field struct {
	Path   Path
	Kind   Kind
	ID     uint8 // of the report; 0 where the device has only one of the kind
	Offset int   // in bits, from the first bit behind the id
	Bits   int   // 1 to 64; wider fields are left out
	Flags  Flags

	LogMin, LogMax int64 // the range of the bits; LogMin <= LogMax
	PhyMin, PhyMax int64 // the range that they stand for; both 0 for the same
	Unit           uint32
	Exponent       int8 // of ten

	// Assumed tells that the descriptor's LogMax was below LogMin, and was
	// read again as a number without a sign, or taken from the width.
	Assumed bool
}

// Descriptor is what a device can report.
type Descriptor struct {
	Fields   []Field // in the order of the descriptor
	Numbered bool    // reports begin with an id on the wire

	lengths map[reportKey]int // bits
}

type reportKey struct {
	kind Kind
	id   uint8
}

// Length is how many bytes a report has, with the id in front (which is there
// even where reports are not numbered); 0 where there is no such report.
func (d *Descriptor) Length(k Kind, id uint8) int {
	bits, ok := d.lengths[reportKey{k, id}]
	if !ok {
		return 0
	}
	return 1 + (bits+7)/8
}

// Longest is how many bytes the longest report of a kind has on the wire: with its id
// only where reports are numbered. It is 0 where there is none.
func (d *Descriptor) Longest(k Kind) int {
	most := 0
	for key, bits := range d.lengths {
		if key.kind == k {
			most = max(most, (bits+7)/8)
		}
	}
	if most > 0 && d.Numbered {
		most++
	}
	return most
}

// Find returns the first field of the kind whose path begins with p, or nil.
func (d *Descriptor) Find(k Kind, p Path) *Field {
	for i := range d.Fields {
		if f := &d.Fields[i]; f.Kind == k && f.Path.HasPrefix(p) {
			return f
		}
	}
	return nil
}

// ErrDescriptor is why bytes are no report descriptor.
var ErrDescriptor = errors.New("not a HID report descriptor")
