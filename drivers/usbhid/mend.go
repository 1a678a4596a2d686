package usbhid

import (
	"slices"

	"github.com/wattnut/wattnut/drivers/usbhid/report"
)

// mend corrects the ranges that some devices are known to declare wrongly. What it
// does is NUT's; the numbers of the reports are the devices'.
func mend(d *report.Descriptor, found *candidate) {
	if !found.quirks.has("fix") {
		return
	}
	switch found.table.Name {
	case "apc":
		mendAPC(d)
	case "cps":
		mendCPS(d)
	case "idowell":
		mendIDowell(d)
	}
}

// Usages that are mended.
const (
	usageVoltage           report.Usage = 0x00840030
	usageConfigVoltage     report.Usage = 0x00840040
	usageConfigActivePower report.Usage = 0x00840044
	usageHighTransfer      report.Usage = 0x00840054
	usageRunTimeToEmpty    report.Usage = 0x00850068
)

// at finds the feature field of a report whose own usage is u.
func at(d *report.Descriptor, id uint8, u report.Usage) *report.Field {
	i := slices.IndexFunc(d.Fields, func(f report.Field) bool {
		return f.Kind == report.Feature && f.ID == id && f.Path[len(f.Path)-1] == u
	})
	if i < 0 {
		return nil
	}
	return &d.Fields[i]
}

// mendAPC: voltages whose range does not reach the threshold at which the device
// transfers.
func mendAPC(d *report.Descriptor) {
	high := at(d, 0x33, usageHighTransfer)
	if high == nil {
		return
	}
	if f := at(d, 0x31, usageVoltage); f != nil && high.LogMax > f.LogMax {
		f.LogMin, f.LogMax = 0, 2*high.LogMax
	}
	if f := at(d, 0x30, usageConfigVoltage); f != nil && high.LogMax > f.LogMax {
		f.LogMax = 255
	}
}

// mendCPS: voltages with the range of the transfer threshold, or with none, and a
// nominal power that is too small for the device.
func mendCPS(d *report.Descriptor) {
	const least = 511
	high, output, input := at(d, 0x10, usageHighTransfer), at(d, 0x12, usageVoltage), at(d, 0x0f, usageVoltage)
	same := func(f *report.Field) bool { return f.LogMin == high.LogMin && f.LogMax == high.LogMax }
	if high != nil && output != nil && same(output) {
		if input != nil && same(input) {
			input.LogMin, input.LogMax = 0, least
		}
		output.LogMin, output.LogMax = 0, least
	}
	raise(output, input, least)
	raise(input, output, least)
	if f := at(d, 0x18, usageConfigActivePower); f != nil {
		f.LogMax = max(f.LogMax, 2048)
	}
}

// raise raises a range that was assumed, to that of the other field at least.
func raise(f, other *report.Field, least int64) {
	if f == nil || !f.Assumed {
		return
	}
	if other != nil {
		least = max(least, other.LogMax)
	}
	f.LogMax = min(max(f.LogMax, least), int64(1)<<min(f.Bits, 62)-1)
}

// mendIDowell: ranges that end before they begin.
func mendIDowell(d *report.Descriptor) {
	for u, top := range map[report.Usage]int64{usageRunTimeToEmpty: 0x75ffffff, usageVoltage: 65535} {
		if f := at(d, 2, u); f != nil && f.Assumed {
			f.LogMax = top
		}
	}
}
