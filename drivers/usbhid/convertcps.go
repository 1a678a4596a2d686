package usbhid

import (
	"context"

	"github.com/wattnut/wattnut/nut"
)

// cpsConversions mend what CyberPower's 0764:0501 declares: which of two scales a
// device has is known only from its values.
var cpsConversions = map[string]conversion{
	"cps-battvolt":    {cpsBatteryVoltage, nil},
	"cps-input-freq":  {cpsFrequency("input"), nil},
	"cps-output-freq": {cpsFrequency("output"), nil},
}

// cpsBatteryVoltage takes two thirds of a voltage that is far above the nominal one.
func cpsBatteryVoltage(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	const name, tooMuch = "cps-battvolt", 1.4
	nominal := d.number("battery.voltage.nominal")
	if _, known := d.learnt[name]; !known && d.quirks.has("cps-scale") && nominal > 0 {
		d.learnt[name] = 1
		if x/nominal > tooMuch {
			d.learnt[name] = 2.0 / 3
		}
	}
	return number(x*d.learned(name), 1), true
}

// cpsFrequency takes a tenth of a frequency if that is the likely one.
func cpsFrequency(side string) func(context.Context, *device, *bound, float64) (string, bool) {
	name := "cps-frequency-" + side
	return func(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
		if _, known := d.learnt[name]; !known && d.quirks.has("cps-scale") {
			low, high := d.frequencies(side, x)
			switch {
			case x >= low && x <= high:
				d.learnt[name] = 1
			case x/10 >= low && x/10 <= high:
				d.learnt[name] = 0.1
			}
		}
		return number(x*d.learned(name), 1), true
	}
}

// frequencies is the range that a frequency is to be expected in.
func (d *device) frequencies(side string, x float64) (low, high float64) {
	prefix := nut.Name(side + ".frequency.")
	low, high = d.number(prefix+"low"), d.number(prefix+"high")
	nominal := d.number(prefix + "nominal")
	if nominal == 0 {
		for _, guess := range [...]float64{50, 60} {
			for _, y := range [...]float64{x, x / 10} {
				if y >= 0.95*guess && y <= 1.05*guess {
					nominal = guess
				}
			}
		}
	}
	if low == 0 {
		low = 45
		if nominal != 0 {
			low = 0.95 * nominal
		}
	}
	if high == 0 {
		high = 65
		if nominal != 0 {
			high = 1.05 * nominal
		}
	}
	return low, high
}
