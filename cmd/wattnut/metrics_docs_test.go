package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/internal/nuttest"
)

// ownFamilies are those that an agent has of itself.
var ownFamilies = []*collectors.Desc{
	pollDesc, againDesc, lostDesc,
	clientsDesc, loginsDesc, requestsDesc, authDesc, acceptedDesc, refusedDesc, timeoutsDesc,
	powerValueDesc, minSuppliesDesc, readyDesc, checkDesc, stateDesc, noticesDesc,
}

func agentMetricsPage() string {
	var b strings.Builder
	b.WriteString("# What the agent tells of itself\n\nMade from the code; \"" + madeHere + "\" writes it anew.\n\n" +
		"These are on `/metrics`, and sent by OTLP, beside what the UPSes [say](metrics.md) and what is [counted](history.md) of them. Those of\n" +
		"`nut_upsmon_` and `nut_notifications_total` are there where the agent watches over its host. A counter with labels other than `ups` begins when there is\n" +
		"something to count. `nut_agent_info{version}` says which program it is, `nut_otlp_…` how [the sending](otlp.md) goes; `go_…` and `process_…` are\n" +
		"those that every program of Prometheus' client library has, for scraping only.\n\n" +
		"| Prometheus | OpenTelemetry | Kind | Labels | Meaning |\n|---|---|---|---|---|\n")
	kinds := map[collectors.Kind]string{collectors.Gauge: "gauge", collectors.Counter: "counter", collectors.Histogram: "histogram"}
	for _, d := range ownFamilies {
		name, unit := d.OTel()
		if unit != "" {
			name += " (" + unit + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", d.Name, name, kinds[d.Kind], strings.Join(d.Labels, ", "), cell(d.Help))
	}
	return b.String()
}

// No family of an agent is missing in the list.
func TestOwnFamilies(t *testing.T) {
	s, err := pagesOf(t)
	if err != nil {
		t.Fatal(err)
	}
	known := append(collectors.Descs(), ownFamilies...)
	nuttest.Await(t, func() error {
		n := 0
		for _, source := range s.sources() {
			for sample := range source.Samples() {
				if n++; !slices.Contains(known, sample.Desc) {
					t.Fatalf("%s is in no list", sample.Desc.Name)
				}
			}
		}
		if n < 10 {
			return fmt.Errorf("only %d samples", n)
		}
		return nil
	})
}
