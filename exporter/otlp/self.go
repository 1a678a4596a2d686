package otlp

import (
	"iter"
	"slices"

	"github.com/wattnut/wattnut/collectors"
)

// What the exporter counts about itself.
var (
	agentDesc = &collectors.Desc{
		Name: "nut_agent_info", Help: "Which program this is, in its labels; always 1.", Labels: []string{"version"},
	}
	exportsDesc = &collectors.Desc{
		Name: "nut_otlp_exports_total", Help: "Messages that were sent to the collector, by their result.",
		Kind: collectors.Counter, Labels: []string{"signal", "result"},
	}
	waitingDesc = &collectors.Desc{Name: "nut_otlp_events_waiting", Help: "Events that the collector has not taken yet."}
	droppedDesc = &collectors.Desc{
		Name: "nut_otlp_events_dropped_total", Help: "Events dropped because the collector did not take them for too long.",
		Kind: collectors.Counter,
	}
)

// agent is a source that says which program this is.
type agent string

// Samples implements [collectors.Source].
func (version agent) Samples() iter.Seq[collectors.Sample] {
	return slices.Values([]collectors.Sample{{Desc: agentDesc, Labels: []string{string(version)}, Value: 1}})
}

// Samples implements [collectors.Source]: how the sending goes.
func (e *Exporter) Samples() iter.Seq[collectors.Sample] {
	var all []collectors.Sample
	for _, o := range e.outcomes {
		sent, failed := o.counts()
		all = append(all,
			collectors.Sample{Desc: exportsDesc, Labels: []string{o.signal, "sent"}, Value: float64(sent)},
			collectors.Sample{Desc: exportsDesc, Labels: []string{o.signal, "failed"}, Value: float64(failed)})
	}
	if e.queue != nil {
		waiting, dropped := e.queue.counts()
		all = append(all,
			collectors.Sample{Desc: waitingDesc, Value: float64(waiting)},
			collectors.Sample{Desc: droppedDesc, Value: float64(dropped)})
	}
	return slices.Values(all)
}
