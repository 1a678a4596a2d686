package collectors

import (
	"strings"

	"github.com/wattnut/wattnut/nut"
)

var textDesc = &Desc{
	Name:   "nut_variable_info",
	Help:   "What a variable says that is no number, in the label value; always 1. Only on request.",
	Labels: []string{"ups", "variable", "value"},
}

// Texts returns what a UPS says that is no number: one sample for each variable,
// with its value in a label, and nothing unless the UPS is Live. It is worth
// keeping with the snapshot. The settings of a driver are left out, as they may be
// passwords.
func Texts(s *nut.Snapshot) []Sample {
	if s.Health != nut.Live {
		return nil
	}
	w := writer{ups: label(s.UPS), seen: make(map[string]bool)}
	for v := range s.Variables() {
		if isText(v) && !isSetting(v.Name) {
			w.put(textDesc, 1, w.ups, label(string(v.Name)), label(v.Value))
		}
	}
	return w.samples
}

// isText tells whether a variable has more to say than the number that it may look
// like, as a serial does.
func isText(v nut.Variable) bool {
	if strings.TrimSpace(v.Value) == "" {
		return false
	}
	if e, known := nut.Describe(v.Name); known {
		return e.Type != nut.Number || !isNumber(v)
	}
	return !isNumber(v)
}

func isNumber(v nut.Variable) bool {
	_, ok := v.Number()
	return ok
}

func isSetting(name nut.Name) bool {
	const prefix = "driver.parameter."
	return len(name) > len(prefix) && name[:len(prefix)].Equal(prefix)
}
