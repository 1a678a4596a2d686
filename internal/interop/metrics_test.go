package interop

import (
	"io"
	"math"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// TestEverything has one agent play all recorded devices. Each variable of each
// is listed as it was recorded, and each number is on the page of metrics,
// of which promtool has nothing to say.
func TestEverything(t *testing.T) {
	t.Parallel()
	all := dumps(t)
	s := newSiteOf(t, all)
	web := nuttest.FreePort(t)
	s.vars = []string{"WATTNUT_WEB_LISTEN=127.0.0.1:" + web}
	s.start(ours("wattnut"), "agent")
	for _, d := range all {
		nuttest.Await(t, func() error { return s.dumped(d) })
	}
	page := fetch(t, "http://127.0.0.1:"+web+"/metrics")
	checkPage(t, page)
	samples := samplesOf(t, page)
	p := s.dial()
	variables, numbers := 0, 0
	for _, d := range all {
		listed, err := p.variables(d.name)
		if err != nil {
			t.Fatalf("%s: %v", d.path, err)
		}
		for name, value := range d.facts(t) {
			if got, ok := listed[name]; got != value || !ok {
				t.Errorf("%s: %s is listed as %q (%t), want %q", d.path, name, got, ok, value)
			}
			variables++
		}
		for name, value := range listed {
			if number, err := strconv.ParseFloat(value, 64); err == nil {
				numbers++
				if !samples[d.name].has(name, value, number) {
					t.Errorf("%s: %s %s is not on the page", d.path, name, value)
				}
			}
		}
	}
	t.Logf("%d devices, %d variables, %d numbers, a page of %d bytes", len(all), variables, numbers, len(page))
}

// plainFact is a line of a dump that is read in one way only. What comes of the
// others, TestDumps compares.
var plainFact = regexp.MustCompile(`(?m)^([a-z][\w.-]*): ([!$-<>-[\]-~]+(?: [!$-<>-[\]-~]+)*)$`)

// facts are the plain facts of a dump, but for those that dummy-ups makes of
// others.
func (d dump) facts(tb testing.TB) map[string]string {
	tb.Helper()
	facts := make(map[string]string)
	text := strings.ReplaceAll(content(tb, d.path), "\\\n", "")
	for _, m := range plainFact.FindAllStringSubmatch(text, -1) {
		switch name, value := m[1], m[2]; {
		case strings.HasPrefix(name, "driver."), name == "device.mfr", name == "device.model", name == "device.serial":
		default:
			facts[name] = value
		}
	}
	return facts
}

// variables asks for all variables of a UPS.
func (p *peer) variables(ups string) (map[string]string, error) {
	rows, err := p.list("VAR " + ups)
	all := make(map[string]string, len(rows))
	for _, row := range rows {
		name, value, _ := strings.Cut(strings.TrimPrefix(row, "VAR "+ups+" "), " ")
		value = strings.TrimSuffix(strings.TrimPrefix(value, `"`), `"`)
		all[name] = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\#`, `#`).Replace(value)
	}
	return all, err
}

func fetch(tb testing.TB, url string) string {
	tb.Helper()
	r, err := http.Get(url)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %s, %v", url, r.Status, err)
	}
	return string(data)
}

// checkPage has promtool look at a page of metrics.
func checkPage(tb testing.TB, page string) {
	tb.Helper()
	c := exec.CommandContext(tb.Context(), theirs(tb, "promtool"), "check", "metrics")
	c.Stdin = strings.NewReader(page)
	if output, err := c.CombinedOutput(); err != nil || len(output) > 0 {
		tb.Errorf("promtool: %v: %s", err, output)
	}
}

// sample is one line of a page: the name with the values of all labels but
// ups, and the value.
type sample struct {
	words string
	value float64
}

// samples are those of one UPS.
type samples []sample

// samplesOf reads a page of metrics, by UPS.
func samplesOf(tb testing.TB, page string) map[string]samples {
	tb.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		tb.Fatal(err)
	}
	all := make(map[string]samples)
	for name, family := range families {
		for _, m := range family.GetMetric() {
			one, ups := sample{words: strings.TrimPrefix(name, "nut_")}, ""
			for _, l := range m.GetLabel() {
				if l.GetName() == "ups" {
					ups = l.GetValue()
				} else {
					one.words += " " + l.GetValue()
				}
			}
			one.value = m.GetGauge().GetValue()
			all[ups] = append(all[ups], one)
		}
	}
	return all
}

// identities are numbers by chance, of things that have no place for a label.
var identities = []string{"outlet.id", "ups.mfg", "ups.model.aux"}

// has tells whether a number is among the samples, in its own unit or in the
// base unit, under a name with the first and the last word of the variable;
// or, where it is no quantity, whether it is a label.
func (all samples) has(name, text string, number float64) bool {
	words := strings.Split(strings.TrimSuffix(strings.ToLower(name), ".percent"), ".")
	first, last := words[0], strings.TrimSuffix(words[len(words)-1], "count")
	scales := []float64{number, number / 100, number * 60, number * 3600, (number - 32) * 5 / 9}
	return slices.Contains(identities, name) || slices.ContainsFunc(all, func(s sample) bool {
		if slices.Contains(strings.Fields(s.words), text) {
			return true
		}
		known := strings.ToLower(s.words)
		return strings.Contains(known, first) && strings.Contains(known, last) &&
			slices.ContainsFunc(scales, func(f float64) bool { return math.Abs(f-s.value) <= 1e-9*math.Abs(f) })
	})
}
