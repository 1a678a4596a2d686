package collectors

import (
	"slices"
	"strings"
	"sync"

	"github.com/wattnut/wattnut/nut"
)

var statusDesc = &Desc{
	Name:   "nut_ups_status",
	Help:   "Whether a word is in the status of the UPS (ups.status).",
	Labels: []string{"ups", "status"},
}

// flags are the words that have a family of their own, which can be joined
// with anything: two series of nut_ups_status never match each other.
var flags = []struct {
	word string
	desc *Desc
}{
	{nut.StatusOnline, flag("on_line", "runs on mains")},
	{nut.StatusOnBattery, flag("on_battery", "runs on battery")},
	{nut.StatusLowBattery, flag("low_battery", "has a low battery")},
	{nut.StatusHighBattery, flag("high_battery", "has a battery that is too full")},
	{nut.StatusReplace, flag("replace_battery", "wants a new battery")},
	{nut.StatusCharging, flag("charging", "charges its battery")},
	{nut.StatusDischarging, flag("discharging", "discharges its battery")},
	{nut.StatusBypass, flag("bypass", "feeds the load past the inverter")},
	{nut.StatusCalibrating, flag("calibrating", "measures its runtime")},
	{nut.StatusOff, flag("off", "gives no output")},
	{nut.StatusOverload, flag("overload", "carries too much")},
	{nut.StatusTrim, flag("trimming", "lowers a high input voltage")},
	{nut.StatusBoost, flag("boosting", "raises a low input voltage")},
	{nut.StatusForced, flag("forced_shutdown", "was ordered to shut its load down")},
	{nut.StatusAlarm, flag("alarm", "has an alarm")},
	{nut.StatusTest, flag("testing", "is testing itself")},
	{nut.StatusEco, flag("eco", "is in economy mode")},
}

func flag(name, what string) *Desc {
	return &Desc{Name: "nut_ups_" + name, Help: "Whether the UPS " + what + ".", Labels: upsLabel}
}

var upsLabel = []string{"ups"}

// statusWords are the words that are always told, set or not.
var statusWords = sync.OnceValue(func() []string {
	var words []string
	for e := range nut.Words() {
		if !strings.Contains(string(e.Name), ":") {
			words = append(words, string(e.Name))
		}
	}
	return words
})

const maxWords = 64 // of those that nobody knows

// status adds the words of ups.status, and the flags. A device that says
// nothing of its status has none of them.
func (w *writer) status(s nut.Status, forced bool) {
	if s == nil {
		return
	}
	if forced && !s.Has(nut.StatusForced) {
		s = append(slices.Clip(s), nut.StatusForced)
	}
	known := statusWords()
	for _, word := range known {
		w.add(statusDesc, truth(s.Has(word)), w.ups, word)
	}
	strange := 0
	for _, word := range s {
		if strange < maxWords && !slices.Contains(known, word) && w.put(statusDesc, 1, w.ups, label(word)) {
			strange++
		}
	}
	for _, f := range flags {
		w.add(f.desc, truth(s.Has(f.word)), w.ups)
	}
}
