package usbhid

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// eatonConversions are of MGE's and Eaton's devices, where one usage often decides
// what another means.
var eatonConversions = map[string]conversion{
	"eaton-abm-enabled":       {eatonABM, nil},
	"eaton-abm-path-mode":     {eatonPath(chargerModes), nil},
	"eaton-abm-path-status":   {eatonPath(chargerStatuses), nil},
	"eaton-abm-status":        {eatonCharger, nil},
	"eaton-abm-chrg-dischrg":  {eatonChargerBits, nil},
	"eaton-discharging":       {eatonDischarging, nil},
	"eaton-charging":          {eatonCharging, nil},
	"eaton-check-country":     {eatonCountry, nil},
	"eaton-compute-realpower": {eatonRealPower, nil},
	"eaton-converter-online":  {eatonConverter, nil},

	"eaton-input-eco-mode-on-off": {eatonEco, eatonSetEco},
	"eaton-input-bypass-mode-on":  {eatonBypass, nil},
	"nominal-output-voltage":      {plain(whole), eatonSetNominal},
	"pegasus-threshold":           {pegasusThreshold, nil},
	"pegasus-yes-no":              {pegasusYesNo, pegasusSetYesNo},
	"mge-battery-voltage":         {mgeVoltage, nil},
	"mge-battery-voltage-nominal": {mgeNominal, nil},
	"mge-date":                    {plain(clock(dateLayout)), mgeSetClock(dateLayout)},
	"mge-time":                    {plain(clock(timeLayout)), mgeSetClock(timeLayout)},
}

// eaton is what is remembered of an Eaton device.
type eaton struct {
	family  string
	abroad  bool             // its country code is not Europe's
	abm     bool             // it charges by phases (Advanced Battery Management)
	charger map[int64]string // the meaning of its charger's code; nil while it is not known
}

// The two usages that have the phase of a charger number them differently.
var (
	chargerStatuses = map[int64]string{1: "charging", 2: "floating", 3: "resting", 4: "discharging", 6: "off"}
	chargerModes    = map[int64]string{1: "charging", 2: "discharging", 3: "floating", 4: "resting", 6: "off"}
)

func whole(x float64) (string, bool) { return number(x, 0), true }

func eatonABM(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	d.eaton.abm = x == 1
	return "", false
}

// eatonPath takes the code of this usage if there was no other before.
func eatonPath(codes map[int64]string) func(context.Context, *device, *bound, float64) (string, bool) {
	return func(_ context.Context, d *device, _ *bound, _ float64) (string, bool) {
		switch {
		case !d.eaton.abm:
			d.eaton.charger = nil
		case d.eaton.charger == nil:
			d.eaton.charger = codes
		}
		return "", false
	}
}

func (e *eaton) phase(x float64) string {
	if e.charger == nil {
		return chargerModes[int64(x)]
	}
	return e.charger[int64(x)]
}

func eatonCharger(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	if !d.eaton.abm {
		d.draft.Delete("battery.charger.status")
		return "", false
	}
	phase := d.eaton.phase(x)
	return phase, phase != ""
}

func eatonChargerBits(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	if !d.eaton.abm {
		return "", false
	}
	switch d.eaton.phase(x) {
	case "charging", "floating":
		return "chrg", true
	case "discharging":
		return "dischrg", true
	}
	return "", false
}

func eatonDischarging(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	if x == 1 && !d.eaton.abm {
		return "dischrg", true
	}
	return "!dischrg", true
}

func eatonCharging(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	if x == 1 && !d.eaton.abm && d.number("battery.charge") < 100 {
		return "chrg", true
	}
	return "!chrg", true
}

func eatonCountry(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	d.eaton.abroad = x != 0
	return "", false
}

func eatonRealPower(_ context.Context, d *device, _ *bound, _ float64) (string, bool) {
	_, hasLoad := d.draft.Lookup("ups.load")
	nominal := d.number("ups.power.nominal")
	if !hasLoad || nominal == 0 {
		return "", false
	}
	factor := d.number("output.powerfactor")
	if factor == 0 {
		factor = 0.8
	}
	return number(math.Round(d.number("ups.load")/100*nominal*factor), 0), true
}

func eatonConverter(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	switch {
	case d.bits.any(off):
		return "", false
	case x == 0:
		return "!online", true
	}
	return "online", true
}

func eatonEco(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	switch {
	case x == 2:
		d.bits.apply("essmode")
		return "ESS", true
	case x == 1 && d.bypassFits("eco", 5, 5, 5):
		d.bits.apply("ecomode")
		return "ECO", true
	}
	d.bits.apply("normal")
	return "normal", true
}

func eatonSetEco(_ *device, text string) (float64, bool) {
	n := slices.Index([]string{"normal", "ECO", "ESS"}, strings.TrimPrefix(text, "vendor:mge-hid:"))
	return float64(n), n >= 0
}

func eatonBypass(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	switch {
	case x == 0:
		return "disabled", true
	case x == 1 && d.bypassFits("bypass", 20, 15, 10):
		return "on", true
	}
	d.draft.Set("input.bypass.switch.off", "off")
	return "", false
}

// bypassFits tells whether what is on the bypass is good enough for a mode: within
// its transfer thresholds, or so many percent of the nominal output.
func (d *device) bypassFits(mode string, below, above, frequency float64) bool {
	get := func(name string, otherwise float64) float64 {
		if x, ok := nut.ParseNumber(d.draft.Value(nut.Name(name))); ok {
			return x
		}
		return otherwise
	}
	volts, hertz := d.number("input.bypass.voltage"), d.number("input.bypass.frequency")
	nominal, pace := d.number("output.voltage.nominal"), d.number("output.frequency.nominal")
	low := get("input.transfer."+mode+".low", nominal*(1-below/100))
	high := get("input.transfer."+mode+".high", nominal*(1+above/100))
	span := pace * get("input.transfer.frequency."+mode+".range", frequency) / 100
	return volts >= low && volts <= high && math.Abs(hertz-pace) <= span
}

// nominalVoltages are those among which a device can be set to another.
func (d *device) nominalVoltages(now int64) []string {
	low, middle, high := []string{"100", "110", "120", "127"}, []string{"200", "208"}, []string{"220", "230", "240"}
	text := number(float64(now), 0)
	switch {
	case slices.Contains(low, text):
		return low
	case !d.eaton.offline() && (slices.Contains(middle, text) || slices.Contains(high, text)):
		return slices.Concat(middle, high)
	case slices.Contains(middle, text):
		return middle
	case slices.Contains(high, text):
		return high
	}
	return nil
}

func eatonSetNominal(d *device, text string) (float64, bool) {
	x, ok := nut.ParseNumber(text)
	return x, ok && slices.Contains(d.nominalVoltages(int64(d.number("output.voltage.nominal"))), text)
}

// offline tells whether the device is of a kind without an inverter at work.
func (e *eaton) offline() bool {
	return slices.Contains([]string{"mge-default-offline", "mge-pegasus", "mge-3s"}, e.family)
}

// pegasus tells whether the device's outlets are controlled as those of an Ellipse
// MAX are.
func (e *eaton) pegasus() bool {
	return e.family == "mge-pegasus" || e.family == "mge-3s" && e.abroad
}

func pegasusThreshold(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	return number(x, 0), d.eaton.pegasus()
}

func pegasusYesNo(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	if x == 0 {
		return "no", d.eaton.pegasus()
	}
	return "yes", d.eaton.pegasus()
}

func pegasusSetYesNo(d *device, text string) (float64, bool) {
	if text == "yes" && d.eaton.pegasus() {
		return 1, true
	}
	return 0, text == "yes" || text == "no"
}

// measured tells whether the device's battery voltage is that of the battery.
func (e *eaton) measured() bool {
	for _, family := range []string{"mge-evolution", "mge-pulsar-m", "eaton-5p", "eaton-9e"} {
		if strings.HasPrefix(e.family, family) {
			return true
		}
	}
	return false
}

func mgeVoltage(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	return number(x, 1), d.eaton.measured()
}

func mgeNominal(_ context.Context, d *device, _ *bound, x float64) (string, bool) {
	if d.eaton.family == "mge-evolution-650" {
		x = 12 // its firmware says another
	}
	return number(x, 0), d.eaton.measured()
}

const (
	dateLayout = "2006/01/02"
	timeLayout = "15:04:05"
)

// clock writes seconds since 1970, in the local time.
func clock(layout string) func(float64) (string, bool) {
	return func(x float64) (string, bool) { return time.Unix(int64(x), 0).Format(layout), true }
}

// mgeSetClock makes seconds since 1970 of a new date and the old time, or the
// reverse.
func mgeSetClock(layout string) func(*device, string) (float64, bool) {
	return func(d *device, text string) (float64, bool) {
		both := text + " " + d.draft.Value("ups.time")
		if layout == timeLayout {
			both = d.draft.Value("ups.date") + " " + text
		}
		t, err := time.ParseInLocation(dateLayout+" "+timeLayout, both, time.Local)
		return float64(t.Unix()), err == nil
	}
}
