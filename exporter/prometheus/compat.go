package prometheus

import (
	"strings"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// helpOf is what a variable is, and its name.
func helpOf(name nut.Name) string {
	text := "Description unavailable"
	if e, ok := nut.Describe(name); ok {
		text = e.Text
	}
	return text + " (" + string(name) + ")"
}

// status is the words of ups.status as the server tells them.
func status(u collectors.UPS) nut.Status {
	s := u.Snapshot.Status()
	if u.Forced && !s.Has(nut.StatusForced) {
		return append(nut.Status{nut.StatusForced}, s...)
	}
	return s
}

// sample makes a sample of a family of its own.
func sample(name, help string, value float64, labels, values []string) collectors.Sample {
	for i, v := range values {
		values[i] = strings.ToValidUTF8(v, "\uFFFD")
	}
	return collectors.Sample{Desc: &collectors.Desc{Name: name, Help: help, Labels: labels}, Labels: values, Value: value}
}
