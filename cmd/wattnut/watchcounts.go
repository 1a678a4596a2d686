package main

import (
	"iter"
	"slices"

	"github.com/wattnut/wattnut/agent/guard"
	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/collectors"
)

// What the watch knows about itself.
var (
	powerValueDesc  = &collectors.Desc{Name: "nut_upsmon_power_value", Help: "Power values of the UPSes that can be counted on."}
	minSuppliesDesc = &collectors.Desc{Name: "nut_upsmon_min_supplies", Help: "Power values that are needed for this host to stay up (MINSUPPLIES)."}
	readyDesc       = &collectors.Desc{Name: "nut_upsmon_shutdown_ready", Help: "Whether the last look found that a shutdown would work (1) or not (0)."}
	checkDesc       = &collectors.Desc{Name: "nut_upsmon_shutdown_check", Help: "What the last look at each thing that a shutdown needs has found: 1 for good.", Labels: []string{"check"}}
	stateDesc       = &collectors.Desc{Name: "nut_upsmon_shutdown_state", Help: "How far a forced shutdown has come: 1 for the state that it is in.", Labels: []string{"state"}}
	noticesDesc     = counter("nut_notifications_total", "Notices to people, by what became of them.", "type", "result")
)

// watchCounts is what a station's watch knows, as a source for the exporters.
type watchCounts struct{ station *station }

// Samples implements [collectors.Source]. There is none where nothing is
// watched.
func (c watchCounts) Samples() iter.Seq[collectors.Sample] {
	w := c.station.watch
	if w == nil {
		return slices.Values[[]collectors.Sample](nil)
	}
	status := w.monitor.Status()
	all := []collectors.Sample{
		{Desc: powerValueDesc, Value: float64(status.Supplies)},
		{Desc: minSuppliesDesc, Value: float64(status.Needed)},
	}
	for _, state := range monitor.States() {
		all = append(all, collectors.Sample{Desc: stateDesc, Labels: []string{state}, Value: oneIf(state == status.State)})
	}
	if checks := w.warden.Checks(); checks != nil {
		bad := slices.ContainsFunc(checks, func(c guard.Check) bool { return !c.OK })
		all = append(all, collectors.Sample{Desc: readyDesc, Value: oneIf(!bad)})
		for _, c := range checks {
			all = append(all, collectors.Sample{Desc: checkDesc, Labels: []string{c.Name}, Value: oneIf(c.OK)})
		}
	}
	for what, times := range w.notices.Counts() {
		all = append(all, collectors.Sample{Desc: noticesDesc, Labels: []string{what.Type.String(), what.Result}, Value: float64(times)})
	}
	return slices.Values(all)
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
