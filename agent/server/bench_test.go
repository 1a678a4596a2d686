package server

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/loadgen"
	"github.com/wattnut/wattnut/nut"
)

// benchFacts are the 40 variables of the UPS that is asked for.
func benchFacts(d *nut.Draft) {
	for i := range 39 {
		d.Set(nut.Name(fmt.Sprintf("input.%02d.voltage.nominal", i)), "230.1")
	}
	d.Set("ups.status", "OL CHRG")
}

// loads are the loads that servers are compared under.
func loads(addr string) map[string]loadgen.Load {
	all := make(map[string]loadgen.Load)
	for _, conns := range []int{1, 100, 1000} {
		for _, depth := range []int{1, 16} {
			l := loadgen.Load{Addr: addr, Connections: conns, Depth: depth, Count: 1 << 30, Limit: time.Second}
			l.Request = "GET VAR bench ups.status\n"
			all[fmt.Sprintf("GET/conns=%d/depth=%d", conns, depth)] = l
			l.Request, l.End = "LIST VAR bench\n", "END LIST"
			all[fmt.Sprintf("LIST/conns=%d/depth=%d", conns, depth)] = l
		}
	}
	return all
}

func BenchmarkServer(b *testing.B) {
	s := &Server{Store: storeOf(newUPS("bench", nil, nut.Live, benchFacts))}
	addr := listen(b, s, Policy{})
	for _, name := range sortedKeys(loads(addr)) {
		load := loads(addr)[name]
		b.Run(name, func(b *testing.B) { measure(b, load) })
	}
}

// measure puts a load on once for each b.N, and reports the answers a second.
func measure(b *testing.B, load loadgen.Load) {
	b.Helper()
	rate := 0.0
	for range b.N {
		r, err := loadgen.Run(b.Context(), load)
		if err != nil {
			b.Fatal(err)
		}
		rate += r.Rate() / float64(b.N)
	}
	b.ReportMetric(rate, "answers/s")
	b.ReportMetric(0, "ns/op")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
