package otlp

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

func formatted(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func produce(t *testing.T, p *producer) []metricdata.ScopeMetrics {
	t.Helper()
	all, err := p.Produce(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestProduce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		again := &collectors.Desc{Name: "nut_driver_reconnects_total", Help: "Again.", Kind: collectors.Counter, Labels: []string{"ups"}}
		stale := ups("b", "battery.charge: 1")
		stale.Snapshot = stale.Snapshot.With(nut.Stale, start)
		p := newProducer(Config{
			Fleet:   fleet{ups("a", "battery.charge: 87", "ups.power: 300", "outlet.1.voltage: 230", "outlet.2.voltage: 231"), stale, {Snapshot: new(nut.Draft).Freeze("c", nut.Absent, start)}},
			Sources: []collectors.Source{source{{Desc: again, Labels: []string{"a\xff"}, Value: 7}}},
			Version: "1.2",
		}, start)
		pass(time.Minute)
		all := produce(t, p)
		if len(all) != 1 || all[0].Scope.Name != scopeName || all[0].Scope.Version != "1.2" || all[0].Scope.SchemaURL != "" {
			t.Fatalf("the scope is %+v", all[0].Scope)
		}
		want := []string{
			"nut.agent.info{version=1.2} 1",
			"nut.battery.charge{ups=a} 0.87 1",
			"nut.driver.reconnects{ups=a\uFFFD} 7",
			"nut.outlet.voltage{outlet=1,ups=a} 230 V",
			"nut.outlet.voltage{outlet=2,ups=a} 231 V",
			"nut.ups.data_age{ups=a} 60 s",
			"nut.ups.data_age{ups=b} 60 s",
			"nut.ups.data_age{ups=c} +Inf s",
			"nut.ups.info{ups=a} 1",
			"nut.ups.power.voltamperes{ups=a} 300",
			"nut.ups.up{ups=a} 1",
			"nut.ups.up{ups=b} 0",
			"nut.ups.up{ups=c} 0",
		}
		if got := lines(t, all[0]); !slices.Equal(got, want) {
			t.Errorf("got\n%s", strings.Join(got, "\n"))
		}
		for _, m := range all[0].Metrics {
			for _, point := range points(t, m) {
				sum, isSum := m.Data.(metricdata.Sum[float64])
				if isSum != (m.Name == "nut.driver.reconnects") || isSum != !point.StartTime.IsZero() || !point.Time.Equal(time.Now()) {
					t.Errorf("%s is a %T, since %v, at %v", m.Name, m.Data, point.StartTime, point.Time)
				}
				if isSum && (!sum.IsMonotonic || sum.Temporality != metricdata.CumulativeTemporality || !point.StartTime.Equal(start)) {
					t.Errorf("%s is %+v", m.Name, sum)
				}
			}
		}
	})
}

// A histogram is sent as such, cumulative since the start.
func TestProduceHistogram(t *testing.T) {
	start := time.Now()
	d := &collectors.Desc{
		Name: "nut_driver_poll_duration_seconds", Help: "Time.", Unit: "seconds", Kind: collectors.Histogram,
		Labels: []string{"ups"},
	}
	bounds := []float64{.5, 1}
	p := newProducer(Config{Fleet: fleet{}, Sources: []collectors.Source{source{
		{Desc: d, Labels: []string{"a"}, Distribution: &collectors.Distribution{Bounds: bounds, Counts: []uint64{3, 0, 2}, Sum: 7.5}},
		{Desc: d, Labels: []string{"b"}, Distribution: &collectors.Distribution{Bounds: bounds, Counts: []uint64{0, 0, 0}}},
	}}}, start)
	all := produce(t, p)[0].Metrics
	m := all[slices.IndexFunc(all, func(m metricdata.Metrics) bool { return m.Name == "nut.driver.poll_duration" })]
	data, ok := m.Data.(metricdata.Histogram[float64])
	if !ok || m.Unit != "s" || data.Temporality != metricdata.CumulativeTemporality || len(data.DataPoints) != 2 {
		t.Fatalf("it is %+v", m)
	}
	a, b := data.DataPoints[0], data.DataPoints[1]
	if a.Count != 5 || a.Sum != 7.5 || !slices.Equal(a.Bounds, bounds) || !slices.Equal(a.BucketCounts, []uint64{3, 0, 2}) || !a.StartTime.Equal(start) || a.Time.IsZero() {
		t.Errorf("got %+v", a)
	}
	if b.Count != 0 || b.Sum != 0 || len(b.BucketCounts) != 3 {
		t.Errorf("got %+v", b)
	}
}

// A forced shutdown is laid over what the device says.
func TestProduceForced(t *testing.T) {
	u := ups("a", "ups.status: OL")
	forced := func() bool {
		all := produce(t, newProducer(Config{Fleet: fleet{u}}, time.Now()))
		return slices.Contains(lines(t, all[0]), "nut.ups.forced_shutdown{ups=a} 1")
	}
	if forced() {
		t.Error("forced, and nobody did")
	}
	if u.Forced = true; !forced() {
		t.Error("not forced")
	}
}

// What a snapshot says is worked out once.
func TestProduceRendersOnce(t *testing.T) {
	var f fleet
	for i := range 50 {
		f = append(f, ups(fmt.Sprint("u", i), "battery.charge: 50", "ups.status: OL CHRG", "input.voltage: 230"))
	}
	p := newProducer(Config{Fleet: f}, time.Now())
	first := produce(t, p)
	kept := p.quiet.Of(f[0].Snapshot)
	produce(t, p)
	if again := p.quiet.Of(f[0].Snapshot); &again[0] != &kept[0] {
		t.Error("rendered again")
	}
	for _, m := range first[0].Metrics {
		if all := points(t, m); m.Name == "nut.ups.status" && len(all) < 50 {
			t.Errorf("%d points", len(all))
		}
	}
	cold := testing.AllocsPerRun(3, func() { produce(t, newProducer(Config{Fleet: f}, time.Now())) })
	warm := testing.AllocsPerRun(3, func() { produce(t, p) })
	if warm > cold/2 {
		t.Errorf("%v allocations, and %v the first time", warm, cold)
	}
}

// Whatever a device says, the message can be sent: protobuf takes no text that
// is not UTF-8, and no series may be there twice.
func FuzzProduce(f *testing.F) {
	f.Add("battery.charge", "50")
	f.Add("outlet.1.status", "\xff")
	f.Add("ups.status", "OL \"{}\\")
	f.Add("x.\xfe..z s", "-1.")
	f.Fuzz(func(t *testing.T, name, value string) {
		u := ups("u\xff", "ups.status: "+value, name+": "+value)
		for _, scope := range produce(t, newProducer(Config{Fleet: fleet{u}, Hardware: true}, time.Now())) {
			seen := map[string]bool{}
			for _, line := range lines(t, scope) {
				series := line[:strings.LastIndex(line, "} ")+1]
				if !utf8.ValidString(line) || seen[series] {
					t.Errorf("%q, twice: %t", line, seen[series])
				}
				seen[series] = true
			}
			for _, m := range scope.Metrics {
				for _, p := range points(t, m) {
					if math.IsNaN(p.Value) {
						t.Errorf("%s is NaN", m.Name)
					}
				}
			}
		}
	})
}

func BenchmarkProduce(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var f fleet
			for i := range n {
				said := []string{"ups.status: OL CHRG"}
				for j := range 60 {
					said = append(said, fmt.Sprintf("outlet.%d.voltage: 230", j))
				}
				f = append(f, ups(fmt.Sprint("u", i), said...))
			}
			p := newProducer(Config{Fleet: f}, time.Now())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Produce(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
