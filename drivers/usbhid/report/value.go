package report

import (
	"math"
	"math/bits"
)

// Raw reads the bits of f in a report, whose first byte is its id, as a number
// in f's logical range. It returns false where the report is too short.
//
// Only as many bits count as the logical range needs: devices leave rubbish in
// the others. What lies beyond the range is taken to its edge.
func (f *Field) Raw(report []byte) (int64, bool) {
	at := f.Offset + 8
	if at+f.Bits > 8*len(report) {
		return 0, false
	}
	var raw uint64
	for i := range f.Bits {
		if report[(at+i)>>3]>>((at+i)&7)&1 != 0 {
			raw |= 1 << i
		}
	}
	return max(f.LogMin, min(f.LogMax, f.extend(raw))), true
}

// extend gives the bits of a field their sign.
func (f *Field) extend(raw uint64) int64 {
	width := bits.Len64(uint64(max(f.LogMax, -(f.LogMin + 1), 0)))
	if width >= 63 {
		return int64(raw)
	}
	sign := uint64(1) << width
	value := int64(raw & (sign - 1))
	if f.LogMin < 0 && raw&sign != 0 {
		value -= int64(sign)
	}
	return value
}

// PutRaw writes a number into the bits of f in a report, whose first byte is its
// id, and leaves all others. It returns false where the report is too short.
func (f *Field) PutRaw(report []byte, raw int64) bool {
	at := f.Offset + 8
	if at+f.Bits > 8*len(report) {
		return false
	}
	for i := range f.Bits {
		mask := byte(1) << ((at + i) & 7)
		if raw>>i&1 != 0 {
			report[(at+i)>>3] |= mask
		} else {
			report[(at+i)>>3] &^= mask
		}
	}
	return true
}

// Physical is the quantity that a raw number stands for, in the unit that
// [Field.UnitName] says.
func (f *Field) Physical(raw int64) float64 {
	x := float64(raw)
	if f.scaled() {
		x = (x-float64(f.LogMin))*f.slope() + float64(f.PhyMin)
	}
	return shift(x, f.power())
}

// Logical is the raw number for a quantity: the nearest one, in f's logical
// range.
func (f *Field) Logical(quantity float64) int64 {
	x := shift(quantity, -f.power())
	if f.scaled() {
		x = (x-float64(f.PhyMin))/f.slope() + float64(f.LogMin)
	}
	x = math.Round(x)
	switch {
	case !(x >= float64(f.LogMin)): // NaN is neither
		return f.LogMin
	case x > float64(f.LogMax):
		return f.LogMax
	}
	return int64(x)
}

// shift multiplies by a power of ten. Tenths are divided by ten, which they are
// exactly, and not multiplied by what is nearly a tenth.
func shift(x float64, power int) float64 {
	if power < 0 {
		return x / math.Pow10(-power)
	}
	return x * math.Pow10(power)
}

// Value is the quantity that a report has for f.
func (f *Field) Value(report []byte) (float64, bool) {
	raw, ok := f.Raw(report)
	return f.Physical(raw), ok
}

// scaled tells whether the physical range is another than the logical one.
func (f *Field) scaled() bool {
	return (f.PhyMin != 0 || f.PhyMax != 0) && f.PhyMin != f.PhyMax && f.LogMin != f.LogMax
}

func (f *Field) slope() float64 {
	return float64(f.PhyMax-f.PhyMin) / float64(f.LogMax-f.LogMin)
}

// power is the power of ten between the number in the report and the unit that
// people use: HID counts in cm and g, by which a volt is 10^7 of its units.
func (f *Field) power() int {
	u := unitOf(f.Unit)
	return int(f.Exponent) - u.exponent
}

type unit struct {
	code     uint32
	exponent int
	name     string
}

// units are those that power devices measure in (HID Power Devices 1.0, table 4).
var units = [...]unit{
	{0x00f0d121, 7, "V"},
	{0x00100001, 0, "A"},
	{0x0000d121, 7, "W"}, // and VA
	{0x00001001, 0, "s"},
	{0x00010001, 0, "K"},
	{0x0000f001, 0, "Hz"},
	{0x00101001, 0, "As"},
}

// unitOf is the unit of a code; a plain number for one that is no power device's.
func unitOf(code uint32) unit {
	for _, u := range units {
		if u.code == code {
			return u
		}
	}
	return unit{}
}

// UnitName is the unit of f's quantities: "V", "A", "W" (which is VA for an
// apparent power), "s", "K", "Hz", "As", or "" for a plain number or a unit that
// is no power device's.
func (f *Field) UnitName() string {
	return unitOf(f.Unit).name
}
