package otlp

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// hardware renders a snapshot as OpenTelemetry's conventions for hardware have
// it: a UPS is a power supply, with a battery and with sensors as parts. The
// numbers are those of nut.*. There is nothing unless the UPS is Live.
func hardware(s *nut.Snapshot) []piece {
	info, ok := collectors.Info(collectors.UPS{Snapshot: s})
	if !ok {
		return nil
	}
	u := machine{info: info, status: s.Status()}
	var p page
	for _, sample := range collectors.Readings(s, false) {
		if row, ok := hwRows[sample.Desc.Name]; ok {
			p.add(row.metric, point{attributes: u.attributes(row, sample), value: sample.Value})
		}
	}
	if u.status != nil {
		p.add(hwStatus, u.states("", "power_supply", u.supplyState())...)
		p.add(hwStatus, u.states("battery", "battery", u.batteryState())...)
	}
	return p.pieces()
}

// energyName is the family of what went through a UPS, which no snapshot knows.
const energyName = "nut_ups_energy_joules_total"

// energy makes of a sample of that family a point of the conventions. What was
// measured and what was estimated are told apart there, too.
func energy(s collectors.Sample) point {
	all := identity(labelOf(s, "ups"), "", "hw.type", "power_supply", "source", labelOf(s, "source"))
	return point{attributes: attribute.NewSet(all...), value: s.Value}
}

// labelOf is a label of a sample; "" where it has none of that name.
func labelOf(s collectors.Sample, name string) string {
	if i := slices.Index(s.Desc.Labels, name); i >= 0 {
		return s.Labels[i]
	}
	return ""
}

// machine is a UPS whose parts are told.
type machine struct {
	info   collectors.Sample
	status nut.Status
}

// fact is a label of nut_ups_info; "" where the UPS does not tell.
func (u machine) fact(name string) string { return labelOf(u.info, name) }

// attributes identify the part that a sample is of.
func (u machine) attributes(row hwRow, s collectors.Sample) attribute.Set {
	var all []attribute.KeyValue
	switch row.part {
	case supply:
		all = identity(u.fact("ups"), "", "hw.type", "power_supply", "hw.vendor", u.fact("manufacturer"), "hw.model", u.fact("model"), "hw.serial_number", u.fact("serial"))
	case battery:
		all = identity(u.fact("ups"), "battery", "hw.type", "battery", "hw.battery.chemistry", u.fact("battery_type"))
	case sensor:
		location := row.location
		if number := labelOf(s, "sensor"); number != "" {
			location += "." + number
		}
		kind, _, _ := strings.Cut(strings.TrimPrefix(row.metric.name, "hw."), ".")
		all = identity(u.fact("ups"), location+"."+kind, "hw.type", kind, "hw.sensor_location", location)
	}
	if row.limit != "" {
		all = append(all, attribute.String("hw.limit_type", row.limit))
	}
	if row.metric.name == hwTimeLeft.name {
		all = append(all, attribute.String("hw.state", u.batteryState()))
		if state := u.charging(); state != "" {
			all = append(all, attribute.String("hw.battery.state", state))
		}
	}
	return attribute.NewSet(all...)
}

// identity identifies a part of a UPS, or with part "" the UPS itself, and adds
// pairs of keys and values where the values are not empty.
func identity(name, part string, pairs ...string) []attribute.KeyValue {
	all := []attribute.KeyValue{text("hw.id", name), text("hw.name", name)}
	if part != "" {
		all = []attribute.KeyValue{
			text("hw.id", name+"."+part), text("hw.name", name+" "+strings.ReplaceAll(part, ".", " ")), text("hw.parent", name),
		}
	}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			all = append(all, text(pair[0], pair[1]))
		}
	}
	return all
}

// hwStates are what hw.status can say; each has a series of its own.
var hwStates = []string{"ok", "degraded", "failed", "needs_cleaning", "predicted_failure"}

func (u machine) states(part, kind, present string) []point {
	points := make([]point, len(hwStates))
	for i, state := range hwStates {
		attributes := append(identity(u.fact("ups"), part, "hw.type", kind), attribute.String("hw.state", state))
		points[i].attributes = attribute.NewSet(attributes...)
		if state == present {
			points[i].value = 1
		}
	}
	return points
}

// supplyState is the state of the UPS. Running on battery is what it is for,
// and therefore ok.
func (u machine) supplyState() string {
	if slices.ContainsFunc([]string{nut.StatusOverload, nut.StatusAlarm, nut.StatusBypass, nut.StatusOff}, u.status.Has) {
		return "degraded"
	}
	return "ok"
}

func (u machine) batteryState() string {
	switch {
	case u.status.Has(nut.StatusReplace):
		return "predicted_failure"
	case u.status.Has(nut.StatusLowBattery):
		return "degraded"
	}
	return "ok"
}

// charging is what the battery does; "" where the UPS does not tell.
func (u machine) charging() string {
	switch {
	case u.status.Has(nut.StatusDischarging):
		return "discharging"
	case u.status.Has(nut.StatusCharging):
		return "charging"
	}
	return ""
}
