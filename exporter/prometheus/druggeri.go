package prometheus

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/probe"
	"github.com/wattnut/wattnut/nut"
)

// DRuggeri answers /ups_metrics as DRuggeri's nut_exporter does, so that its
// dashboards and alerts go on. Without a server the UPSes are the local ones;
// several of them have the label ups, where the exporter would answer with an
// error.
//
// A username and a password of the query go to that server alone, which has to
// be one that may be asked.
func (t *Targets) DRuggeri() http.Handler {
	return t.handle(parseDRuggeri, func(p page, v url.Values, r *probe.Report) {
		d := druggeri{page: p, variables: usualVariables, statuses: usualStatuses, several: len(r.UPSes) > 1}
		if v.Has("variables") {
			d.variables = split(v.Get("variables"))
		}
		if v.Has("statuses") {
			d.statuses = split(v.Get("statuses"))
		}
		for u := range r.All() {
			d.add(u)
		}
	})
}

var (
	usualVariables = []string{
		"battery.charge", "battery.voltage", "battery.voltage.nominal",
		"input.voltage", "input.voltage.nominal", "ups.load", "ups.status",
	}
	usualStatuses = []string{
		"OL", "OB", "LB", "HB", "RB", "CHRG", "DISCHRG", "BYPASS", "CAL", "OFF", "OVER", "TRIM", "BOOST", "FSD", "SD",
	}
	onWords      = []string{"enable", "enabled", "on", "true", "active", "activated"}
	offWords     = []string{"disable", "disabled", "off", "false", "inactive", "deactivated"}
	deviceLabels = []string{"model", "mfr", "serial", "type", "description", "contact", "location", "part", "macaddr"}
)

func parseDRuggeri(v url.Values) (query, error) {
	q := query{target: v.Get("server"), ups: given(v["ups"])}
	if port := v.Get("serverport"); port != "" {
		if q.target == "" {
			q.target = "127.0.0.1"
		}
		q.target = net.JoinHostPort(strings.Trim(q.target, "[]"), port)
	}
	if user, password := v.Get("username"), v.Get("password"); user != "" && password != "" {
		q.user = probe.User{Name: user, Password: password}
	}
	return q, nil
}

// split takes a list apart at its commas; an empty list is nil.
func split(s string) []string {
	var all []string
	for word := range strings.SplitSeq(s, ",") {
		if word = strings.TrimSpace(word); word != "" {
			all = append(all, word)
		}
	}
	return all
}

// druggeri is a page under way.
type druggeri struct {
	page      page
	variables []string // nil for all
	statuses  []string // those that are always told
	several   bool     // the page is about more than one UPS
}

// add adds a UPS. One without fresh data says nothing.
func (d *druggeri) add(u collectors.UPS) {
	s := u.Snapshot
	if s.Health != nut.Live {
		return
	}
	seen := make(map[string]bool)
	for v := range s.Variables() {
		if d.variables != nil && !slices.Contains(d.variables, string(v.Name)) {
			continue
		}
		name := "network_ups_tools_" + strings.Map(nameRune, string(v.Name))
		if seen[name] {
			continue
		}
		if v.Name == "ups.status" {
			d.status(u, name)
		} else if value, ok := druggeriNumber(v); ok {
			d.put(u, name, helpOf(v.Name), value, nil, nil)
			seen[name] = true
		}
	}
	values := make([]string, len(deviceLabels))
	for i, label := range deviceLabels {
		values[i] = s.Value(nut.Name("device." + label))
	}
	d.put(u, "network_ups_tools_device_info", "UPS device information.", 1, deviceLabels, values)
}

// nameRune makes every character one that a metric's name may have.
func nameRune(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == ':':
		return r
	}
	return '_'
}

func (d *druggeri) status(u collectors.UPS, name string) {
	words := status(u)
	for _, word := range words {
		d.put(u, name, helpOf("ups.status"), 1, []string{"flag"}, []string{word})
	}
	for i, word := range d.statuses {
		if !words.Has(word) && !slices.Contains(d.statuses[:i], word) {
			d.put(u, name, helpOf("ups.status"), 0, []string{"flag"}, []string{word})
		}
	}
}

// put adds a sample, which tells its UPS only if there are several.
func (d *druggeri) put(u collectors.UPS, name, help string, value float64, labels, values []string) {
	if d.several {
		labels, values = append([]string{"ups"}, labels...), append([]string{u.Snapshot.UPS}, values...)
	}
	d.page.add(sample(name, help, value, labels, values))
}

// druggeriNumber is the number of a variable, 1 and 0 for words like enabled
// and disabled. What names a thing is no number, even of digits alone.
func druggeriNumber(v nut.Variable) (float64, bool) {
	if e, known := nut.Describe(v.Name); known && e.Type == nut.Identity {
		return 0, false
	}
	is := func(word string) bool { return strings.EqualFold(word, v.Value) }
	switch {
	case slices.ContainsFunc(onWords, is):
		return 1, true
	case slices.ContainsFunc(offWords, is):
		return 0, true
	}
	return v.Number()
}
