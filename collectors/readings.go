package collectors

import (
	"slices"
	"strings"

	"github.com/wattnut/wattnut/nut"
)

// maxSamples bounds what one UPS can put on a page.
const maxSamples = 20000

// Readings returns all that follows from the snapshot of a UPS alone: nothing
// unless it is Live. It is worth keeping with the snapshot, see [nut.Memo].
// forced lays the server's order for a shutdown over the status.
func Readings(s *nut.Snapshot, forced bool) []Sample {
	if s.Health != nut.Live {
		return nil
	}
	w := writer{
		ups:     label(s.UPS),
		samples: make([]Sample, 0, s.Len()*2),
		seen:    make(map[string]bool, s.Len()*2),
	}
	for v := range s.Variables() {
		w.variable(v)
	}
	w.status(s.Status(), forced)
	w.details(s)
	return w.samples
}

// writer collects the samples of one UPS.
type writer struct {
	ups     string
	samples []Sample
	seen    map[string]bool // by name and labels
}

// put adds a sample unless there is one of the same name and labels, and tells
// whether it did.
func (w *writer) put(d *Desc, value float64, labels ...string) bool {
	key := d.Name + "\xff" + strings.Join(labels, "\xff")
	if w.seen[key] || len(w.samples) >= maxSamples {
		return false
	}
	w.seen[key] = true
	w.add(d, value, labels...)
	return true
}

// add adds a sample that can not be there already.
func (w *writer) add(d *Desc, value float64, labels ...string) {
	w.samples = append(w.samples, Sample{Desc: d, Labels: labels, Value: value})
}

// variable adds what one variable says. A number that has no place in the
// table goes under a name of its own, so that none is lost.
func (w *writer) variable(v nut.Variable) {
	name, rows := v.Name, families().plain
	labels := make([]string, 1, 5)
	labels[0] = w.ups
	if device, rest, ok := nut.Daisy(name); ok {
		name, rows = rest, families().daisy
		labels = append(labels, device)
	}
	name = withoutOutletZero(name)
	e, known := nut.Describe(name)
	if known && e.Type == nut.Identity {
		return // identities are labels, never numbers
	}
	if f := rows[e]; known && f != nil && w.known(f, v.Value, appendPlaces(labels, e, name)) {
		return
	}
	if f, ok := v.Number(); ok {
		w.put(&Desc{Name: unmapped(v.Name), Help: unmappedHelp, Labels: unmappedLabels}, f, w.ups, label(string(v.Name)))
	}
}

const unmappedHelp = "Number of a variable without a place in the vocabulary, as the device gave it."

var unmappedLabels = []string{"ups", "variable"}

// known adds what a variable of the table says; false if it says nothing that
// could be told, or has been told already.
func (w *writer) known(f *family, value string, labels []string) bool {
	switch f.entry.Type {
	case nut.Number:
		number, ok := f.base.number(value)
		return ok && w.put(f.desc, number, labels...)
	case nut.Date:
		seconds, ok := day(value)
		return ok && w.put(f.desc, seconds, labels...)
	default:
		return w.states(f.desc, f.entry.Values, value, labels)
	}
}

// states adds 0 for each known state but the present one, which is 1.
func (w *writer) states(d *Desc, all []string, present string, labels []string) bool {
	present = strings.TrimSpace(present)
	if present == "" {
		return false
	}
	found, added := false, false
	for _, state := range all {
		is := !found && strings.EqualFold(state, present)
		found = found || is
		added = w.put(d, truth(is), with(labels, state)...) || added
	}
	if !found {
		added = w.put(d, 1, with(labels, label(present))...) || added
	}
	return added
}

// appendPlaces appends the label values that a name has for its template.
func appendPlaces(labels []string, e *nut.Entry, name nut.Name) []string {
	if isLoneSensor(e.Name) {
		labels = append(labels, "0")
	}
	for place, value := range e.Keys(name) {
		if place == "phase" {
			value = strings.ToUpper(value)
		}
		labels = append(labels, value)
	}
	return labels
}

// withoutOutletZero names all outlets together in NUT's other way: outlet.0 is
// outlet.
func withoutOutletZero(name nut.Name) nut.Name {
	const zero = "outlet.0."
	if len(name) > len(zero) && name[:len(zero)].Equal(zero) {
		return "outlet." + name[len(zero):]
	}
	return name
}

// with returns labels and one more, in a slice of its own.
func with(labels []string, last string) []string {
	return append(slices.Clip(labels), last)
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
