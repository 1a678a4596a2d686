package usbhid

import (
	"context"
	"regexp"
	"slices"

	"github.com/wattnut/wattnut/nut"
)

// powercomConversions are of Powercom's delays, which are minutes and seconds in two
// bytes with a bit for what comes after them, and of a voltage that is in no usage.
var powercomConversions = map[string]conversion{
	"powercom-startup":      {powercomStart, powercomSetStart},
	"powercom-shutdown":     {powercomDown, powercomSetDown(restarts)},
	"powercom-stayoff":      {powercomNothing, powercomSetDown(staysOff)},
	"powercom-hack-voltage": {powercomVoltage, nil},
}

func swap(n uint16) uint16 { return n<<8 | n>>8 }

func powercomNothing(context.Context, *device, *bound, float64) (string, bool) { return "", false }

func powercomStart(_ context.Context, _ *device, _ *bound, x float64) (string, bool) {
	return number(60*float64(swap(uint16(int64(x)))), 0), true
}

func powercomDown(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	n := uint16(int64(x))
	if d.config.PowercomSwap {
		n = swap(n)
	}
	return number(float64(60*(n>>8)+n&0xff), 0), true
}

// seconds reads a delay: what the client gave, which must be one, or the variable's
// value, or so many.
func (d *device) seconds(text string, name nut.Name, otherwise float64) (float64, bool) {
	if text != "" {
		x, ok := nut.ParseNumber(text)
		return x, ok && x >= 0 && x < 6000
	}
	if x, ok := nut.ParseNumber(d.draft.Value(name)); ok && x >= 0 && x < 6000 {
		return x, true
	}
	return otherwise, true
}

func powercomSetStart(d *device, text string) (float64, bool) {
	s, ok := d.seconds(text, "ups.delay.start", 120)
	minutes := uint16(max(0, min(s, 6000)) / 60)
	if !d.config.PowercomDiscrete {
		minutes = swap(minutes)
	}
	return float64(minutes), ok
}

// powercomDelays are the delays that devices with the discrete-delay option know, by
// their index from 1 on, in seconds.
var powercomDelays = [...]float64{12, 18, 24, 30, 36, 42, 48, 54, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600}

// What a device does after a shutdown, as a bit of the delay.
const (
	restarts uint16 = 0x0040 // when the mains returns
	staysOff uint16 = 0x0080
)

func powercomSetDown(then uint16) func(*device, string) (float64, bool) {
	return func(d *device, text string) (float64, bool) {
		s, ok := d.seconds(text, "ups.delay.shutdown", 60)
		s = max(1, min(s, 6000))
		if d.config.PowercomDiscrete {
			i, _ := slices.BinarySearch(powercomDelays[:], s)
			n := uint16(min(i, len(powercomDelays)-1)) + 1
			return float64(n | then&staysOff), ok
		}
		n := uint16(s)/60<<8 | uint16(s)%60 | then
		if d.config.PowercomSwap {
			n = swap(n)
		}
		return float64(n), ok
	}
}

var decimal = regexp.MustCompile(`[0-9]+\.[0-9]+`)

// powercomVoltage is the first number with a point in the text of report 0xa4. The
// last good one stays.
func powercomVoltage(ctx context.Context, d *device, _ *bound, _ float64) (string, bool) {
	if data, ok := d.data(ctx, 0xa4); ok {
		if text := decimal.Find(data); text != nil {
			x, _ := nut.ParseNumber(string(text))
			d.learnt["powercom-voltage"] = x
		}
	}
	x, known := d.learnt["powercom-voltage"]
	return number(x, 1), known
}
