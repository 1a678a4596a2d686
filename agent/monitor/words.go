package monitor

import (
	"slices"
	"strings"

	"github.com/wattnut/wattnut/nut"
)

// words maps the words of ups.status to the notice of their coming.
var words = map[string]Type{
	nut.StatusOnline:      Online,
	nut.StatusOnBattery:   OnBattery,
	nut.StatusLowBattery:  LowBattery,
	nut.StatusForced:      Forced,
	nut.StatusReplace:     ReplaceBattery,
	nut.StatusCalibrating: Calibrating,
	nut.StatusOff:         Off,
	nut.StatusOverload:    Overload,
	nut.StatusTrim:        Trim,
	nut.StatusBoost:       Boost,
	nut.StatusBypass:      Bypass,
	nut.StatusEco:         Eco,
	nut.StatusAlarm:       Alarm,
}

// quiet are the words that upsmon knows and has nothing to say about.
var quiet = []string{nut.StatusHighBattery, nut.StatusCharging, nut.StatusDischarging, nut.StatusWait}

// pairs are the conditions whose end is told too, by the notice after theirs.
var pairs = []Type{Calibrating, Off, Overload, Trim, Boost, Bypass, Eco, Alarm}

// economy are the ends of those modes in which a UPS saves power at the cost of
// protection, whatever its vendor calls them ("vendor:apc:HE").
var economy = []string{":ECO", ":ESS", ":HE", ":SMART"}

// facts is what one status says.
type facts struct {
	says  []Type          // in the order the UPS has them
	is    [typeCount]bool // the same as a set, with the last of OL and OB only
	other []string        // words without a notice of their own, sorted
	alarm string
}

// read makes facts of a Live snapshot.
func read(s *nut.Snapshot) facts {
	f := facts{alarm: s.Value("ups.alarm")}
	for _, word := range s.Status() {
		if t, ok := words[word]; ok {
			f.add(t)
		} else if !slices.Contains(quiet, word) {
			f.other = append(f.other, word)
		}
	}
	if economical(s) {
		f.add(Eco)
	}
	slices.Sort(f.other)
	return f
}

// add notes a condition. A UPS is on line or on battery: the last word counts.
func (f *facts) add(t Type) {
	f.says = append(f.says, t)
	f.is[t] = true
	if t == Online {
		f.is[OnBattery] = false
	}
	if t == OnBattery {
		f.is[Online] = false
	}
}

func economical(s *nut.Snapshot) bool {
	modes := s.Value("ups.mode.buzzwords") + " " + s.Value("experimental.ups.mode.buzzwords")
	for mode := range strings.FieldsSeq(modes) {
		if slices.ContainsFunc(economy, func(end string) bool { return strings.HasSuffix(mode, end) }) {
			return true
		}
	}
	return false
}
