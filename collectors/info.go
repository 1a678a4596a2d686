package collectors

import (
	"slices"
	"strings"

	"github.com/wattnut/wattnut/nut"
)

// fact is a label of nut_ups_info: the first of the variables that says
// anything.
type fact struct {
	label     string
	variables []nut.Name
}

var facts = []fact{
	{"manufacturer", []nut.Name{"device.mfr", "ups.mfr", "ups.mfg"}},
	{"model", []nut.Name{"device.model", "ups.model"}},
	{"serial", []nut.Name{"device.serial", "ups.serial"}},
	{"part", []nut.Name{"device.part"}},
	{"firmware", []nut.Name{"ups.firmware", "device.firmware"}},
	{"firmware_aux", []nut.Name{"ups.firmware.aux", "device.firmware.aux"}},
	{"vendor_id", []nut.Name{"ups.vendorid"}},
	{"product_id", []nut.Name{"ups.productid"}},
	{"mac_address", []nut.Name{"device.macaddr", "ups.macaddr"}},
	{"device_type", []nut.Name{"device.type"}},
	{"ups_type", []nut.Name{"ups.type"}},
	{"ups_id", []nut.Name{"ups.id"}},
	{"battery_type", []nut.Name{"battery.type", "battery.chemistry"}},
	{"location", []nut.Name{"device.location"}},
	{"driver", []nut.Name{"driver.name"}},
	{"driver_version", []nut.Name{"driver.version"}},
	{"driver_version_internal", []nut.Name{"driver.version.internal"}},
	{"driver_version_data", []nut.Name{"driver.version.data"}},
	{"driver_version_usb", []nut.Name{"driver.version.usb"}},
}

var infoDesc = &Desc{
	Name:   "nut_ups_info",
	Help:   "What the UPS is, in its labels; always 1.",
	Labels: infoLabels(),
}

func infoLabels() []string {
	labels := []string{"ups", "description"}
	for _, f := range facts {
		labels = append(labels, f.label)
	}
	return labels
}

// Info tells what a UPS is; false unless it is Live. It depends on more than
// the snapshot, and is therefore not among the [Readings].
func Info(u UPS) (Sample, bool) {
	s := u.Snapshot
	if s.Health != nut.Live {
		return Sample{}, false
	}
	labels := make([]string, 0, len(infoDesc.Labels))
	description := u.Desc
	if description == "" {
		description = s.Value("device.description")
	}
	labels = append(labels, label(s.UPS), label(description))
	for _, f := range facts {
		labels = append(labels, label(firstValue(s, f.variables)))
	}
	return Sample{Desc: infoDesc, Labels: labels, Value: 1}, true
}

func firstValue(s *nut.Snapshot, names []nut.Name) string {
	for _, name := range names {
		if value := strings.TrimSpace(s.Value(name)); value != "" {
			return value
		}
	}
	return ""
}

// detail is a family of what the parts of a UPS are.
type detail struct {
	template string // what the parts' variables begin with
	desc     *Desc
	words    []string // what follows, in the order of the labels behind the part's
}

var details = []detail{
	newDetail("outlet.{outlet}.", "nut_outlet_info", "What the outlet is, in its labels; always 1.",
		"outlet", "id", "name", "desc", "designator", "groupid", "type"),
	newDetail("outlet.group.{group}.", "nut_outlet_group_info", "What the outlet group is, in its labels; always 1.",
		"group", "id", "name", "desc", "color", "input", "phase"), //nolint:misspell // NUT's spelling
	newDetail("ambient.{sensor}.", "nut_ambient_info", "What the sensor is, in its labels; always 1.",
		"sensor", "id", "name", "address", "mfr", "model", "serial", "firmware"),
}

func newDetail(template, name, help, part string, words ...string) detail {
	return detail{template, &Desc{Name: name, Help: help, Labels: append([]string{"ups", part}, words...)}, words}
}

// details adds what the outlets, outlet groups and sensors are.
func (w *writer) details(s *nut.Snapshot) {
	type part struct {
		desc   *Desc
		labels []string
	}
	var parts []part
	for v := range s.Variables() {
		d, name, word := findDetail(v)
		if d == nil {
			continue
		}
		i := slices.IndexFunc(parts, func(p part) bool { return p.desc == d.desc && p.labels[1] == name })
		if i < 0 {
			labels := make([]string, len(d.desc.Labels))
			labels[0], labels[1] = w.ups, name
			i, parts = len(parts), append(parts, part{d.desc, labels})
		}
		parts[i].labels[2+word] = label(v.Value)
	}
	for _, p := range parts {
		w.put(p.desc, 1, p.labels...)
	}
}

// findDetail finds the family that a variable is a label of, the part it
// speaks of, and which label it is; nil if it is none.
func findDetail(v nut.Variable) (d *detail, part string, word int) {
	if v.Value == "" || !hasParts(v.Name) {
		return nil, "", 0
	}
	e, ok := nut.Describe(v.Name)
	if !ok {
		return nil, "", 0
	}
	for i := range details {
		tail, ok := strings.CutPrefix(string(e.Name), details[i].template)
		if !ok {
			continue
		}
		if word = slices.Index(details[i].words, tail); word < 0 {
			return nil, "", 0
		}
		for _, part := range e.Keys(v.Name) {
			return &details[i], part, word
		}
	}
	return nil, "", 0
}

// hasParts tells at a glance whether a variable may be one of a part.
func hasParts(name nut.Name) bool {
	group, _, _ := strings.Cut(string(name), ".")
	return nut.Name(group).Equal("outlet") || nut.Name(group).Equal("ambient")
}
