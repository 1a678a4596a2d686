package main

import (
	"iter"
	"slices"
	"time"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/device"
	"github.com/wattnut/wattnut/collectors"
)

// What the agent counts about itself.
var (
	clientsDesc  = &collectors.Desc{Name: "nut_upsd_clients", Help: "Clients connected to the server."}
	acceptedDesc = counter("nut_upsd_connections_accepted_total", "Connections that the server took.")
	refusedDesc  = counter("nut_upsd_connections_refused_total", "Connections that were over a limit of the server.")
	timeoutsDesc = counter("nut_upsd_timeouts_total", "Clients cut off because they were silent or did not read.")
	authDesc     = counter("nut_upsd_auth_failures_total", "Wrong users or passwords given to the server.")
	requestsDesc = counter("nut_upsd_requests_total", "Requests that the server answered, by their result.", "command", "result")
	lostDesc     = counter("nut_ups_comms_lost_total", "Times the readings of a UPS ceased to be fresh (COMMBAD).", "ups")
	againDesc    = counter("nut_driver_reconnects_total", "Times contact with a device came about again after the first.", "ups")
	pollDesc     = &collectors.Desc{
		Name: "nut_driver_poll_duration_seconds", Help: "Time that devices took to tell what is new.", Unit: "seconds",
		Kind: collectors.Histogram, Labels: []string{"ups"},
	}
	loginsDesc = &collectors.Desc{Name: "nut_upsd_logins", Help: "Logins to a UPS: hosts that it feeds, and that will be told to go down.", Labels: []string{"ups"}}
)

func counter(name, help string, labels ...string) *collectors.Desc {
	return &collectors.Desc{Name: name, Help: help, Kind: collectors.Counter, Labels: labels}
}

// counts is what an agent has counted, as a source for the exporters.
type counts struct{ agent *agent.Agent }

// Samples implements [collectors.Source].
func (c counts) Samples() iter.Seq[collectors.Sample] {
	s := c.agent.ServerStats()
	all := []collectors.Sample{
		{Desc: clientsDesc, Value: float64(s.Connections)},
		{Desc: acceptedDesc, Value: float64(s.Accepted)},
		{Desc: refusedDesc, Value: float64(s.Refused)},
		{Desc: timeoutsDesc, Value: float64(s.TimedOut)},
		{Desc: authDesc, Value: float64(s.AuthFailures)},
	}
	for _, r := range s.Requests {
		command := r.Command
		if command == "" {
			command = "unknown"
		}
		all = append(all, collectors.Sample{Desc: requestsDesc, Labels: []string{command, r.Result}, Value: float64(r.Count)})
	}
	bounds := seconds(device.PollBounds())
	for name, d := range c.agent.DeviceStats() {
		all = append(all,
			collectors.Sample{Desc: lostDesc, Labels: []string{name}, Value: float64(d.Lost)},
			collectors.Sample{Desc: againDesc, Labels: []string{name}, Value: float64(d.Reconnects)},
			collectors.Sample{Desc: pollDesc, Labels: []string{name}, Distribution: &collectors.Distribution{Bounds: bounds, Counts: d.Polls, Sum: d.PollTime.Seconds()}})
	}
	for _, u := range c.agent.Store().All() {
		all = append(all, collectors.Sample{Desc: loginsDesc, Labels: []string{u.Name}, Value: float64(u.Logins())})
	}
	return slices.Values(all)
}

func seconds(durations []time.Duration) []float64 {
	all := make([]float64, len(durations))
	for i, d := range durations {
		all[i] = d.Seconds()
	}
	return all
}
