package collectors

import (
	"slices"
	"strings"
)

// codes has the units that OpenTelemetry writes as UCUM does and Prometheus
// spells out. A unit without a row, such as the volt-ampere, has no code that
// leads back to its name: it stays in the name.
var codes = map[string]string{
	"volts":   "V",
	"amperes": "A",
	"watts":   "W",
	"hertz":   "Hz",
	"celsius": "Cel",
	"seconds": "s",
	"joules":  "J",
	"ratio":   "1",
}

// OTel is the family's name and unit in OpenTelemetry. Both follow from those
// in Prometheus, such that the usual translation of OTLP leads back to them:
// what it puts behind the name, the unit and _total, is not in the name here.
// No two families have the same name.
func (d *Desc) OTel() (name, unit string) {
	short := d.Name
	if d.Kind == Counter {
		short = strings.TrimSuffix(short, "_total")
	}
	if code := codes[d.Unit]; code != "" && !d.whole && d.leadsBack(short) {
		short, unit = strings.TrimSuffix(short, "_"+d.Unit), code
	}
	if short != d.Name && isFlag(short) {
		short, unit = d.Name, ""
	}
	return d.dots()[:len(short)], unit
}

// leadsBack tells whether the unit may go from the end of a name: the
// translation puts it there again unless it is in the name elsewhere, or is the
// ratio of a counter.
func (d *Desc) leadsBack(name string) bool {
	rest, ok := strings.CutSuffix(name, "_"+d.Unit)
	return ok && !slices.Contains(strings.Split(rest, "_"), d.Unit) && (d.Kind == Gauge || d.Unit != "ratio")
}

// isFlag tells whether a family beside the status has that name.
func isFlag(name string) bool {
	for i := range flags {
		if flags[i].desc.Name == name {
			return true
		}
	}
	return false
}

// dots is the name with dots between the words of its path.
func (d *Desc) dots() string {
	if d.dotted != "" {
		return d.dotted
	}
	return strings.Replace(d.Name, "_", ".", 2)
}
