package prometheus_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/prometheus"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

var update = flag.Bool("update", false, "write the golden page anew")

// fleetOnly leaves out what is of the process.
func fleetOnly(page string) string {
	var b strings.Builder
	for line := range strings.Lines(page) {
		name := strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE ")
		if strings.HasPrefix(name, "nut_") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// A fleet whose UPSes are in all states is shown as it is kept in testdata.
func TestGoldenPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fleet{
			read(t, "big", "testdata/big.dev"), read(t, "small", "testdata/small.dev"), read(t, "strip", "testdata/strip.dev"),
			read(t, "gone", "testdata/small.dev"), read(t, "never", "testdata/small.dev"),
		}
		f[0].Desc, f[1].Forced = "Rack 1, left", true
		f[3].Snapshot = f[3].Snapshot.With(nut.Stale, time.Time{})
		f[4].Snapshot, f[4].Contact = f[4].Snapshot.With(nut.Absent, time.Time{}), time.Time{}
		<-time.After(90 * time.Second)
		golden(t, "testdata/page.txt", fleetOnly(page(t, f)))
	})
}

// So is each of a dozen devices, with what it says that is no number.
func TestGoldenDevices(t *testing.T) {
	files, err := filepath.Glob("testdata/*.dev")
	if err != nil || len(files) < 12 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dev")
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				golden(t, "testdata/"+name+".txt", fleetOnly(page(t, collectors.WithTexts(fleet{read(t, name, file)}))))
			})
		})
	}
}

// golden compares a page with that in a file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the page is not as in %s (go test -update writes it anew):\n%s", file, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, a[i], b[i])
		}
	}
	return "one is longer"
}

// Prometheus's own tool has nothing to say about the page of all devices that
// were ever recorded, and our own.
func TestPromtoolIsSilent(t *testing.T) {
	promtool := testenv.Need(t, "promtool")
	check := func(t *testing.T, page string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		cmd.Stdin = strings.NewReader(page)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("promtool: %v\n%s", err, out)
		}
	}
	t.Run("own", func(t *testing.T) {
		check(t, page(t, fleet{read(t, "big", "testdata/big.dev"), read(t, "strip", "testdata/strip.dev")}, counts{}))
	})
	t.Run("hostile", func(t *testing.T) { check(t, page(t, collectors.WithTexts(fleet{hostile()}))) })
	t.Run("table", func(t *testing.T) { check(t, page(t, fleet{everything()})) })
	t.Run("dumps", func(t *testing.T) { check(t, page(t, collectors.WithTexts(dumps(t)))) })
}

// hostile is a UPS that says what no UPS should.
func hostile() collectors.UPS {
	var d nut.Draft
	for i, s := range []string{
		`a"b`, `a\b`, "a\nb", "a{b}", "\xff\xfe", "nut_ups_up 1", "#", "# TYPE x counter", "", " ", "é", "a.b.total", "a.count", "a.info",
		"a.s.b", "milliseconds", "le", "quantile", "a.gauge.b", "0", "device.1.", "outlet.0.", strings.Repeat("long.", 1000),
	} {
		d.Set(nut.Name(s), fmt.Sprint(i))
		d.Set(nut.Name("vendor."+s), fmt.Sprint(i))
	}
	d.Set("device.model", "evil\"\\\n\xff")
	d.Set("ups.status", "OL \" \\ } \xff")
	d.Set("outlet.1.status", "\"}\n1 2")
	return collectors.UPS{Snapshot: d.Freeze("e\"v\\i\nl\xff", nut.Live, time.Time{}), Desc: "\"\n"}
}

// everything is a UPS that says all that the vocabulary has.
func everything() collectors.UPS {
	var d nut.Draft
	fill := strings.NewReplacer("{phase}", "L1", "{parameter*}", "x", "{flag*}", "x", "{field*}", "x")
	for e := range nut.Variables() {
		name := fill.Replace(string(e.Name))
		for i := strings.IndexByte(name, '{'); i >= 0; i = strings.IndexByte(name, '{') {
			name = name[:i] + "1" + name[i+strings.IndexByte(name[i:], '}')+1:]
		}
		d.Set(nut.Name(name), "1")
		d.Set(nut.Name("device.1."+name), "1")
	}
	return collectors.UPS{Snapshot: d.Freeze("all", nut.Live, time.Time{})}
}

func parse(t *testing.T, page string) map[string]*dto.MetricFamily {
	t.Helper()
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// What goes onto the page comes off it again.
func TestHostileValuesSurvive(t *testing.T) {
	info := parse(t, page(t, fleet{hostile()}))["nut_ups_info"].GetMetric()[0]
	want := map[string]string{"ups": "e\"v\\i\nl\uFFFD", "description": "\"\n", "model": "evil\"\\\n\uFFFD"}
	for _, l := range info.GetLabel() {
		if l.GetValue() != want[l.GetName()] {
			t.Errorf("%s is %q, want %q", l.GetName(), l.GetValue(), want[l.GetName()])
		}
	}
}

// No number that a device gives is lost: each numeric variable of each dump
// adds to the page, save identities, which are labels.
func TestNothingNumericIsLost(t *testing.T) {
	numbers, identities, dates := 0, 0, 0
	for _, u := range dumps(t) {
		for v := range u.Snapshot.Variables() {
			if _, ok := v.Number(); !ok {
				continue
			}
			e, ok := nut.Describe(v.Name)
			if ok && e.Type == nut.Identity {
				identities++
				continue
			}
			if ok && e.Type == nut.Date {
				dates++
			}
			numbers++
			if alone := without(t, u, v.Name); alone >= samples(u) {
				t.Errorf("%s says %s: %s, and it is not on the page", u.Snapshot.UPS, v.Name, v.Value)
			}
		}
	}
	t.Logf("%d numbers, %d of them written as dates; beside them %d identities", numbers, dates, identities)
	if numbers < 5000 {
		t.Errorf("only %d numbers in all dumps", numbers)
	}
}

func samples(u collectors.UPS) int { return len(collectors.Readings(u.Snapshot, false)) }

// without counts the samples of a UPS that does not say one of its variables.
func without(t *testing.T, u collectors.UPS, name nut.Name) int {
	t.Helper()
	var d nut.Draft
	for v := range u.Snapshot.Variables() {
		if !v.Name.Equal(name) {
			d.Put(v)
		}
	}
	u.Snapshot = d.Freeze(u.Snapshot.UPS, nut.Live, time.Time{})
	return samples(u)
}

// A UPS without contact costs the others nothing.
func TestStaleUPSLosesItsReadings(t *testing.T) {
	good, bad := read(t, "good", "testdata/small.dev"), read(t, "bad", "testdata/small.dev")
	bad.Snapshot = bad.Snapshot.With(nut.Stale, time.Now())
	families := parse(t, page(t, fleet{bad, good}))
	if n := len(families["nut_battery_charge_ratio"].GetMetric()); n != 1 {
		t.Errorf("%d readings of the charge, want that of the good one", n)
	}
	for name, want := range map[string]int{"nut_ups_up": 2, "nut_ups_data_age_seconds": 2, "nut_ups_status": 25, "nut_ups_info": 1} {
		if n := len(families[name].GetMetric()); n != want {
			t.Errorf("%d of %s, want %d", n, name, want)
		}
	}
}

// counts is a source such as a server has.
type counts struct{}

func (counts) Samples() iter.Seq[collectors.Sample] {
	clients := &collectors.Desc{Name: "nut_upsd_clients", Help: "Connections that are open."}
	requests := &collectors.Desc{Name: "nut_upsd_requests_total", Help: "Commands that were answered.", Kind: collectors.Counter, Labels: []string{"command", "result"}}
	polls := &collectors.Desc{Name: "nut_driver_poll_duration_seconds", Help: "Time.", Unit: "seconds", Kind: collectors.Histogram, Labels: []string{"ups"}}
	took := &collectors.Distribution{Bounds: []float64{.001, 1, 30}, Counts: []uint64{4, 0, 2, 1}, Sum: 55.5}
	return slices.Values([]collectors.Sample{
		{Desc: polls, Labels: []string{"a"}, Distribution: took},
		{Desc: clients, Value: 3},
		{Desc: requests, Labels: []string{"GET VAR", "OK"}, Value: 7},
		{Desc: requests, Labels: []string{"GET VAR", "UNKNOWN-UPS"}, Value: 1},
	})
}

// wrong is a source whose label is missing, and whose histograms are none.
type wrong struct{}

func (wrong) Samples() iter.Seq[collectors.Sample] {
	histogram := &collectors.Desc{Name: "nut_wrong_seconds", Help: "Wrong.", Kind: collectors.Histogram, Labels: []string{"a"}}
	return slices.Values([]collectors.Sample{
		{Desc: &collectors.Desc{Name: "nut_wrong", Help: "Wrong.", Labels: []string{"a"}}},
		{Desc: histogram, Labels: []string{"none"}},
		{Desc: histogram, Labels: []string{"short"}, Distribution: &collectors.Distribution{Bounds: []float64{1}, Counts: []uint64{1}}},
	})
}

func TestSources(t *testing.T) {
	lines := strings.Split(page(t, fleet(nil), counts{}), "\n")
	for _, want := range []string{
		"nut_upsd_clients 3", `nut_upsd_requests_total{command="GET VAR",result="OK"} 7`,
		"# TYPE nut_driver_poll_duration_seconds histogram",
		`nut_driver_poll_duration_seconds_bucket{ups="a",le="0.001"} 4`, `nut_driver_poll_duration_seconds_bucket{ups="a",le="1"} 4`,
		`nut_driver_poll_duration_seconds_bucket{ups="a",le="30"} 6`, `nut_driver_poll_duration_seconds_bucket{ups="a",le="+Inf"} 7`,
		`nut_driver_poll_duration_seconds_sum{ups="a"} 55.5`, `nut_driver_poll_duration_seconds_count{ups="a"} 7`,
		"# TYPE nut_upsd_requests_total counter", `nut_agent_info{version="1.2.3"} 1`,
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("there is no line %s", want)
		}
	}
	var b bytes.Buffer
	err := prometheus.New(fleet{read(t, "u", "testdata/small.dev")}, "", wrong{}, counts{}).Write(&b, expfmt.NewFormat(expfmt.TypeTextPlain))
	if err == nil || !strings.Contains(b.String(), "nut_upsd_clients 3\n") || !strings.Contains(b.String(), "nut_ups_up{") {
		t.Errorf("a source that is wrong gives the error %v and this page:\n%s", err, b.String())
	}
}

// A reader that goes away ends the page.
func TestWriteError(t *testing.T) {
	gone := errors.New("gone")
	for n := range 3 {
		err := prometheus.New(many(t, 3), "").Write(&limited{n: n, err: gone}, expfmt.NewFormat(expfmt.TypeTextPlain))
		if !errors.Is(err, gone) {
			t.Errorf("after %d writes: %v", n, err)
		}
	}
}

// limited is a Writer that fails after n writes.
type limited struct {
	n   int
	err error
}

func (l *limited) Write(p []byte) (int, error) {
	if l.n--; l.n < 0 {
		return 0, l.err
	}
	return len(p), nil
}

func BenchmarkPage(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := prometheus.New(many(b, n), "1")
			format := expfmt.NewFormat(expfmt.TypeTextPlain)
			if err := e.Write(io.Discard, format); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := e.Write(io.Discard, format); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Every UPS has said something new since the last scrape.
func BenchmarkPageOfNews(b *testing.B) {
	f := many(b, 1000)
	e := prometheus.New(f, "1")
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	b.ReportAllocs()
	for b.Loop() {
		for i := range f {
			f[i].Snapshot = f[i].Snapshot.With(nut.Live, time.Time{})
		}
		if err := e.Write(io.Discard, format); err != nil {
			b.Fatal(err)
		}
	}
}
