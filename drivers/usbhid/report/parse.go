package report

import (
	"fmt"
	"math"
	"slices"
)

// Bounds of what a device may declare. Linux takes no descriptor longer than
// 4096 bytes; real UPSes declare a few hundred fields.
const (
	maxDescriptor = 16 << 10
	maxFields     = 4096
	maxDepth      = 32
	maxPushed     = 16
	maxUsages     = 1024
	maxReportBits = 8 * 8192
)

// Items (HID 1.11 section 6.2.2.4): the upper six bits of the prefix.
const (
	itemInput         = 0x80
	itemOutput        = 0x90
	itemCollection    = 0xa0
	itemFeature       = 0xb0
	itemEndCollection = 0xc0

	itemUsagePage   = 0x04
	itemLogMin      = 0x14
	itemLogMax      = 0x24
	itemPhyMin      = 0x34
	itemPhyMax      = 0x44
	itemExponent    = 0x54
	itemUnit        = 0x64
	itemReportSize  = 0x74
	itemReportID    = 0x84
	itemReportCount = 0x94
	itemPush        = 0xa4
	itemPop         = 0xb4

	itemUsage    = 0x08
	itemUsageMin = 0x18
	itemUsageMax = 0x28

	longItem = 0xfe
)

// global is what lasts until it is changed.
type global struct {
	page           uint16
	logMin, logMax int64
	logMaxUnsigned int64
	phyMin, phyMax int64
	unit           uint32
	exponent       int8
	bits, count    uint32
	id             uint8
}

// parser goes through a descriptor.
type parser struct {
	global
	pushed []global

	path  Path
	depth []int // of path, at the beginning of each open collection

	usages     []Usage // since the last main item
	usageMin   Usage
	hasMinimum bool

	out *Descriptor
}

// Parse reads a report descriptor. A descriptor that ends too early, closes what
// it did not open, or asks for more than any device needs is an error that wraps
// ErrDescriptor; collections left open at the end are not.
func Parse(b []byte) (*Descriptor, error) {
	if len(b) > maxDescriptor {
		return nil, fmt.Errorf("%w: %d bytes are too many", ErrDescriptor, len(b))
	}
	p := parser{out: &Descriptor{lengths: make(map[reportKey]int)}}
	for at := 0; at < len(b); {
		prefix, size, data := b[at], int(b[at]&3), at+1
		if prefix == longItem {
			// Of no use to any device known: skipped.
			if at+2 >= len(b) {
				return nil, fmt.Errorf("%w: it ends within the long item at byte %d", ErrDescriptor, at)
			}
			size, data = int(b[at+1]), at+3
		} else if size == 3 {
			size = 4
		}
		if data+size > len(b) {
			return nil, fmt.Errorf("%w: it ends within the item at byte %d", ErrDescriptor, at)
		}
		if prefix != longItem {
			if err := p.item(prefix&0xfc, b[data:data+size]); err != nil {
				return nil, fmt.Errorf("%w: item at byte %d: %w", ErrDescriptor, at, err)
			}
		}
		at = data + size
	}
	if len(p.out.Fields) == 0 {
		return nil, fmt.Errorf("%w: it has no fields", ErrDescriptor)
	}
	return p.out, nil
}

// unsigned and signed read little-endian data of 0, 1, 2 or 4 bytes.
func unsigned(b []byte) uint32 {
	var n uint32
	for i, c := range b {
		n |= uint32(c) << (8 * i)
	}
	return n
}

func signed(b []byte) int64 {
	n := unsigned(b)
	switch len(b) {
	case 1:
		return int64(int8(n))
	case 2:
		return int64(int16(n))
	}
	return int64(int32(n))
}

func (p *parser) item(tag byte, data []byte) error {
	switch tag {
	case itemInput:
		return p.fields(Input, Flags(unsigned(data)))
	case itemOutput:
		return p.fields(Output, Flags(unsigned(data)))
	case itemFeature:
		return p.fields(Feature, Flags(unsigned(data)))
	case itemCollection:
		return p.open(unsigned(data))
	case itemEndCollection:
		return p.close()
	case itemUsage, itemUsageMin, itemUsageMax:
		return p.usage(tag, data)
	case itemPush, itemPop:
		return p.stack(tag)
	}
	return p.setGlobal(tag, data)
}

func (p *parser) setGlobal(tag byte, data []byte) error {
	switch tag {
	case itemUsagePage:
		p.page = uint16(unsigned(data))
	case itemLogMin:
		p.logMin = signed(data)
	case itemLogMax:
		p.logMax, p.logMaxUnsigned = signed(data), int64(unsigned(data))
	case itemPhyMin:
		p.phyMin = signed(data)
	case itemPhyMax:
		p.phyMax = signed(data)
	case itemExponent:
		// A signed nibble; some devices write a signed byte.
		if n := signed(data); n >= 8 && n <= 15 {
			p.exponent = int8(n - 16)
		} else {
			p.exponent = int8(max(math.MinInt8, min(math.MaxInt8, n)))
		}
	case itemUnit:
		p.unit = unsigned(data)
	case itemReportSize:
		p.bits = unsigned(data)
	case itemReportCount:
		p.count = unsigned(data)
	case itemReportID:
		id := unsigned(data)
		if id == 0 || id > math.MaxUint8 {
			return fmt.Errorf("report id %d", id)
		}
		p.id, p.out.Numbered = uint8(id), true
	}
	return nil // what else there is says nothing about values
}

func (p *parser) usage(tag byte, data []byte) error {
	u := Usage(unsigned(data))
	if len(data) < 4 {
		u |= Usage(p.page) << 16
	}
	switch tag {
	case itemUsage:
		p.usages = append(p.usages, u)
	case itemUsageMin:
		p.usageMin, p.hasMinimum = u, true
	case itemUsageMax:
		if !p.hasMinimum || u < p.usageMin || u-p.usageMin >= maxUsages {
			return fmt.Errorf("usages %#x to %#x", uint32(p.usageMin), uint32(u))
		}
		for n := p.usageMin; n <= u; n++ {
			p.usages = append(p.usages, n)
		}
		p.hasMinimum = false
	}
	if len(p.usages) > maxUsages {
		return fmt.Errorf("more than %d usages", maxUsages)
	}
	return nil
}

func (p *parser) stack(tag byte) error {
	if tag == itemPush {
		if len(p.pushed) == maxPushed {
			return fmt.Errorf("pushed more than %d times", maxPushed)
		}
		p.pushed = append(p.pushed, p.global)
		return nil
	}
	n := len(p.pushed) - 1
	if n < 0 {
		return fmt.Errorf("popped more than pushed")
	}
	p.global, p.pushed = p.pushed[n], p.pushed[:n]
	return nil
}

// open begins a collection. One whose type is 0x80 or more is a numbered one:
// vendors use that range so.
func (p *parser) open(kind uint32) error {
	if len(p.depth) == maxDepth {
		return fmt.Errorf("collections are more than %d deep", maxDepth)
	}
	p.depth = append(p.depth, len(p.path))
	var u Usage
	if len(p.usages) > 0 {
		u = p.usages[0]
	}
	p.path = append(p.path, u)
	if kind >= 0x80 {
		p.path = append(p.path, Index(uint8(kind&0x7f)))
	}
	p.endLocal()
	return nil
}

func (p *parser) close() error {
	n := len(p.depth) - 1
	if n < 0 {
		return fmt.Errorf("a collection ends that did not begin")
	}
	p.path, p.depth = p.path[:p.depth[n]], p.depth[:n]
	p.endLocal()
	return nil
}

func (p *parser) endLocal() { p.usages, p.hasMinimum = p.usages[:0], false }

// fields adds the fields of one main item. What is constant and has no usage is
// there to fill up bytes.
func (p *parser) fields(kind Kind, flags Flags) error {
	defer p.endLocal()
	key := reportKey{kind, p.id}
	start := p.out.lengths[key]
	if p.bits > maxReportBits || p.count > maxReportBits || uint64(p.bits)*uint64(p.count) > uint64(maxReportBits-start) {
		return fmt.Errorf("%d times %d bits are too much for report %d", p.count, p.bits, p.id)
	}
	p.out.lengths[key] = start + int(p.bits*p.count)
	padding := flags&Constant != 0 && len(p.usages) == 0
	if padding || p.bits < 1 || p.bits > 64 {
		return nil
	}
	if len(p.out.Fields)+int(p.count) > maxFields {
		return fmt.Errorf("more than %d fields", maxFields)
	}
	model := p.field(kind, flags)
	for i := range int(p.count) {
		f := model
		f.Offset = start + i*f.Bits
		f.Path = append(slices.Clone(p.path), p.usageAt(i))
		p.out.Fields = append(p.out.Fields, f)
	}
	return nil
}

// usageAt is the usage of the i-th value; the last usage is for all that follow.
func (p *parser) usageAt(i int) Usage {
	if len(p.usages) == 0 {
		return 0
	}
	return p.usages[min(i, len(p.usages)-1)]
}

// field is what all fields of a main item have in common.
func (p *parser) field(kind Kind, flags Flags) Field {
	f := Field{
		Kind: kind, ID: p.id, Bits: int(p.bits), Flags: flags,
		LogMin: p.logMin, LogMax: p.logMax, PhyMin: p.phyMin, PhyMax: p.phyMax,
		Unit: p.unit, Exponent: p.exponent,
	}
	if f.LogMax < f.LogMin {
		f.LogMax, f.Assumed = p.logMaxUnsigned, true
	}
	if f.LogMax < f.LogMin {
		f.LogMin, f.LogMax = 0, int64(uint64(1)<<min(f.Bits, 62)-1)
	}
	return f
}
