package usbhid

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/nut"
)

// conversion is a lookup that is more than a table. to writes what a device says;
// false is for what says nothing. from is its reverse, and nil where there is none.
type conversion struct {
	to   func(ctx context.Context, d *device, b *bound, x float64) (string, bool)
	from func(d *device, text string) (float64, bool)
}

// conversions are those that a table may name.
var conversions = merge(map[string]conversion{
	"date":                {plain(packedDate), reverse(packDate)},
	"hex":                 {plain(func(x float64) (string, bool) { return fmt.Sprintf("%08x", uint32(int64(x))), true }), nil},
	"stringid":            {stringText, nil},
	"kelvin-celsius":      {plain(celsius), nil},
	"apc-date":            {plain(bcdDate), reverse(packBCDDate)},
	"openups-temperature": {plain(thermistor), nil},
	"tripplite-chemistry": {chemistry, nil},

	"liebert-config-voltage": {liebertNominal, nil},
	"liebert-line-voltage":   {liebertLine, nil},
}, cpsConversions, everConversions, eatonConversions, powercomConversions)

func merge(all ...map[string]conversion) map[string]conversion {
	m := make(map[string]conversion)
	for _, some := range all {
		maps.Copy(m, some)
	}
	return m
}

// plain is a conversion that needs nothing but the number.
func plain(f func(float64) (string, bool)) func(context.Context, *device, *bound, float64) (string, bool) {
	return func(_ context.Context, _ *device, _ *bound, x float64) (string, bool) { return f(x) }
}

func reverse(f func(string) (float64, bool)) func(*device, string) (float64, bool) {
	return func(_ *device, text string) (float64, bool) { return f(text) }
}

// text writes what a row's number means; false is for what means nothing.
func (d *device) text(ctx context.Context, b *bound, x float64) (string, bool) {
	if b.lookup == nil {
		return number(x, b.row.Digits), true
	}
	l := b.lookup
	if l.Func != "" {
		return conversions[l.Func].to(ctx, d, b, x)
	}
	return l.text(x, d.factor(l.Factor))
}

// factor is what a quirk multiplies by.
func (d *device) factor(quirk string) float64 {
	if quirk != "" && d.quirks.has(quirk) {
		return d.quirks.number(quirk)
	}
	return 1
}

// text writes a number as the lookup says, without a conversion of Go.
func (l *Lookup) text(x, factor float64) (string, bool) {
	if l.Mask != 0 {
		x = float64(int64(x) & l.Mask)
	}
	if l.Shift != 0 {
		x = float64(int64(x) >> l.Shift)
	}
	if l.Values != nil {
		if text, ok := l.Values[int64(x)]; ok {
			return text, true
		}
		return l.Else, l.Else != ""
	}
	x *= factor
	if l.Scale != 0 {
		x *= l.Scale
	}
	if l.Most != 0 {
		x = min(x, l.Most)
	}
	digits := 0
	if l.Digits != nil {
		digits = *l.Digits
	}
	return number(x, digits) + l.Suffix, true
}

// value is the number for a text, the reverse of text.
func (d *device) value(l *Lookup, text string) (float64, bool) {
	if l != nil && l.Func != "" {
		if from := conversions[l.Func].from; from != nil {
			return from(d, text)
		}
	}
	if l != nil {
		for n, t := range l.Values {
			if strings.EqualFold(t, text) {
				return float64(n), true
			}
		}
		if l.Values != nil {
			return 0, false
		}
	}
	x, ok := nut.ParseNumber(text)
	if ok && l != nil {
		x /= d.factor(l.Factor)
		if l.Scale != 0 {
			x /= l.Scale
		}
	}
	return x, ok
}

// number writes a quantity with so many digits behind the point. What rounds to
// nothing has no sign.
func number(x float64, digits int) string {
	if scale := math.Pow10(digits); math.Abs(x*scale) < 0.5 {
		x = 0
	}
	return strconv.FormatFloat(x, 'f', digits, 64)
}

// packedDate is a date of the HID power device class: 7 bits of years since 1980,
// 4 of months, 5 of days.
func packedDate(x float64) (string, bool) {
	n := int64(x)
	if n == 0 {
		return "not set", true
	}
	return fmt.Sprintf("%04d/%02d/%02d", 1980+n>>9, n>>5&0x0f, n&0x1f), true
}

func packDate(text string) (float64, bool) {
	year, month, day, ok := date(text)
	if !ok || year < 1980 || year > 2107 {
		return 0, false
	}
	return float64((year-1980)<<9 | month<<5 | day), true
}

// date reads YYYY/MM/DD.
func date(text string) (year, month, day int, ok bool) {
	n, err := fmt.Sscanf(strings.ReplaceAll(text, "-", "/"), "%d/%d/%d", &year, &month, &day)
	ok = err == nil && n == 3 && month >= 1 && month <= 12 && day >= 1 && day <= 31
	return year, month, day, ok
}

// bcdDate is APC's: decimal digits MMDDYY in a hexadecimal number.
func bcdDate(x float64) (string, bool) {
	n := int64(x)
	if n == 0 {
		return "not set", true
	}
	year := bcd(n)
	if year += 1900; year < 1970 {
		year += 100
	}
	return fmt.Sprintf("%04d/%02d/%02d", year, bcd(n>>16), bcd(n>>8)), true
}

func bcd(n int64) int64 { return n>>4&0x0f*10 + n&0x0f }

func packBCDDate(text string) (float64, bool) {
	year, month, day, ok := date(text)
	if !ok || year < 1970 || year > 2069 {
		return 0, false
	}
	pack := func(n int) int64 { return int64(n/10<<4 | n%10) }
	return float64(pack(month)<<16 | pack(day)<<8 | pack(year%100)), true
}

// celsius takes for kelvin what would be very hot otherwise.
func celsius(x float64) (string, bool) {
	if x >= 273 && x <= 373 {
		x -= 273.15
	}
	return number(x, 1), true
}

// stringText is the USB string that a number is the index of.
func stringText(ctx context.Context, d *device, _ *bound, x float64) (string, bool) {
	return d.string(ctx, int(x))
}

func chemistry(ctx context.Context, d *device, b *bound, x float64) (string, bool) {
	if d.quirks.has("no-chemistry") {
		return "unknown", true
	}
	return stringText(ctx, d, b, x)
}

// thermistorPoints are the counts of the openUPS' converter at -40, -35 … 125
// degrees Celsius.
var thermistorPoints = [...]float64{
	49, 64, 83, 104, 130, 160, 195, 233, 275, 319, 366, 415, 463, 512, 559, 604, 646, 686, 723,
	756, 786, 813, 837, 858, 877, 894, 908, 921, 933, 943, 951, 959, 966, 972,
}

func thermistor(x float64) (string, bool) {
	const start, step = -40, 5
	count := math.Round(x * 100)
	last := len(thermistorPoints) - 1
	switch {
	case count <= thermistorPoints[0]:
		return number(start, 0), true
	case count >= thermistorPoints[last]:
		return number(start+step*float64(last), 0), true
	}
	i := 0
	for count >= thermistorPoints[i+1] {
		i++
	}
	low, high := thermistorPoints[i], thermistorPoints[i+1]
	if count == low {
		return number(start+step*float64(i), 0), true
	}
	return number(start+step*(float64(i)+(count-low)/(high-low)), 2), true
}

// Liebert's firmwares differ in the exponents that they declare: the right factor
// is learnt from the first value that shows it.
func liebertNominal(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	if math.Abs(x-1e-7) < 1e-9 {
		d.learnt["liebert-nominal"], d.learnt["liebert-line"] = 1e8, 1e7
	}
	return number(x*d.learned("liebert-nominal"), 1), true
}

func liebertLine(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	if x < 1 {
		switch {
		case math.Abs(x-1e-5) < 4e-5:
			d.learnt["liebert-line"] = 1e7
		case math.Abs(x-1e-3) < 4e-3:
			d.learnt["liebert-line"] = 1e5
		}
	}
	return number(x*d.learned("liebert-line"), 1), true
}

// learned is a factor that was learnt, or 1.
func (d *device) learned(name string) float64 {
	if f, ok := d.learnt[name]; ok {
		return f
	}
	return 1
}
