package dialect

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Battery is what ups.conf says about a battery that does not speak for itself.
type Battery struct {
	Runtime    *RuntimeCal   // nil where only the charge is estimated
	ChargeTime time.Duration // from empty to full
	IdleLoad   float64       // the load that counts where there is less, as a part of 1
	// FromNominal begins a runtime's estimate with a battery that is empty at
	// its nominal voltage and full at 15 % more, whatever else is known of it.
	FromNominal bool
}

// RuntimeCal is how long a full battery lasts: nominal seconds at full load, and
// more at less by a power of the load.
type RuntimeCal struct{ nominal, exponent float64 }

// ParseRuntimeCal reads "runtime, load, runtime, load": seconds and percents, at
// a high load and at a low one.
func ParseRuntimeCal(text string) (*RuntimeCal, error) {
	var n [4]float64
	parts := strings.Split(text, ",")
	if len(parts) != len(n) {
		return nil, errors.New("takes four numbers: runtime at a high load, that load, runtime at a low load, that load")
	}
	for i, part := range parts {
		var err error
		if n[i], err = strconv.ParseFloat(strings.TrimSpace(part), 64); err != nil {
			return nil, fmt.Errorf("%q is not a number", part)
		}
	}
	high, highLoad, low, lowLoad := n[0], n[1], n[2], n[3]
	switch {
	case !(0 < high && high <= low && low < 1e8):
		return nil, errors.New("the runtime at the low load has to be the longer one")
	case !(0 < lowLoad && lowLoad < highLoad && highLoad <= 100):
		return nil, errors.New("the loads have to be percents, the higher one first")
	}
	exponent := math.Log(low/high) / math.Log(highLoad/lowLoad)
	return &RuntimeCal{nominal: high * math.Pow(highLoad/100, exponent), exponent: exponent}, nil
}

// battery estimates the charge and the runtime that a device does not tell.
type battery struct {
	charge, runtime bool // which of both is estimated
	packs           float64
	low, high       float64 // volts of an empty and of a full battery; 0 if not known
	left            float64 // seconds that it lasts at full load
	at              time.Time
}

// packCounts are the numbers of packs that are thought of, the largest first: of
// ranges that overlap, the larger number is right.
var packCounts = []float64{120, 100, 80, 60, 48, 36, 30, 24, 18, 12, 8, 6, 4, 3, 2, 1, 0.5}

const (
	batteryCharge  = "battery.charge"
	batteryRuntime = "battery.runtime"
	batteryLow     = "battery.voltage.low"
	batteryHigh    = "battery.voltage.high"
	batteryVoltage = "battery.voltage"
)

// begin looks at what the device and ups.conf say at the start.
func (b *battery) begin(u *Unit, now time.Time) {
	_, charge := u.facts[batteryCharge]
	_, runtime := u.facts[batteryRuntime]
	*b = battery{charge: !charge, runtime: !runtime && u.o.Battery.Runtime != nil, packs: 1, at: now}
	if charge && runtime {
		return
	}
	b.low, b.high = u.given(batteryLow), u.given(batteryHigh)
	nominal := u.given("battery.voltage.nominal")
	if nominal > 0 && (b.low == 0 || b.high == 0) {
		b.low, b.high = 104*nominal/120, 130*nominal/120
		u.guess(batteryLow, b.low)
		u.guess(batteryHigh, b.high)
	}
	b.count(u, nominal)
	if u.o.Battery.FromNominal && u.o.Battery.Runtime != nil && nominal > 0 {
		b.low, b.high = nominal, 1.15*nominal
	}
	level, ok := b.level(u)
	if !ok {
		level = 100
	}
	if cal := u.o.Battery.Runtime; cal != nil {
		b.left = cal.nominal * level / 100
	}
	if b.charge && ok {
		u.facts[batteryCharge] = decimal(level, 0)
	}
	b.tell(u)
}

// guess publishes what was worked out, where ups.conf does not say it.
func (u *Unit) guess(name string, volts float64) {
	if u.o.Given[name] == "" {
		u.facts[name] = decimal(volts, 2)
	}
}

// count finds by how much the battery is more than its reading.
func (b *battery) count(u *Unit, nominal float64) {
	if packs := u.given("battery.packs"); packs > 0 {
		b.packs = packs
		return
	}
	volts := u.float(batteryVoltage)
	if volts <= 0 || nominal <= 0 {
		return
	}
	for _, packs := range packCounts {
		if packs*volts <= 1.25*nominal {
			if packs*volts >= 0.8*nominal {
				b.packs = packs
			}
			return
		}
	}
}

// level is the charge: the device's own, or by the voltage.
func (b *battery) level(u *Unit) (percent float64, ok bool) {
	if !b.charge {
		return u.float(batteryCharge), true
	}
	volts := b.packs * u.float(batteryVoltage)
	if volts <= 0 || b.high <= b.low || b.low <= 0 {
		return 0, false
	}
	return min(100, max(0, 100*(volts-b.low)/(b.high-b.low))), true
}

// estimate brings what is estimated up to date after a full poll.
func (b *battery) estimate(u *Unit, now time.Time) {
	passed := now.Sub(b.at).Seconds()
	b.at = now
	cal := u.o.Battery.Runtime
	if cal == nil || !b.charge && !b.runtime {
		if level, ok := b.level(u); ok && b.charge {
			u.facts[batteryCharge] = decimal(level, 0)
		}
		return
	}
	if u.is("OL") {
		b.left = min(cal.nominal, b.left+cal.nominal*passed/u.o.Battery.ChargeTime.Seconds())
	} else {
		b.left = max(0, b.left-b.load(u)*passed)
	}
	if b.charge {
		u.facts[batteryCharge] = decimal(100*b.left/cal.nominal, 0)
	}
	b.tell(u)
}

// tell publishes the runtime.
func (b *battery) tell(u *Unit) {
	if b.runtime {
		u.facts[batteryRuntime] = decimal(b.left/b.load(u), 0)
	}
}

// load is how much faster than at no time at all the battery is drained: 1 at
// full load.
func (b *battery) load(u *Unit) float64 {
	return max(math.Pow(u.float("ups.load")/100, u.o.Battery.Runtime.exponent), u.o.Battery.IdleLoad)
}
