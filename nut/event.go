package nut

import "time"

// Event is an edge between two snapshots of a UPS, under the names that NUT's
// upsmon gives to notifications (RFC 9271 table 5). Events are for telling
// people; a shutdown is decided from snapshots, never from having seen an edge.
type Event struct {
	Time time.Time
	UPS  string
	Type string // "ONBATT"
	Text string // more about it, such as the alarm; often ""
}

// edges pairs a status word with the events of its coming and its going.
var edges = []struct{ word, comes, goes string }{
	{StatusOnBattery, "ONBATT", ""},
	{StatusOnline, "ONLINE", ""},
	{StatusLowBattery, "LOWBATT", ""},
	{StatusForced, "FSD", ""},
	{StatusReplace, "REPLBATT", ""},
	{StatusCalibrating, "CAL", "NOTCAL"},
	{StatusOff, "OFF", "NOTOFF"},
	{StatusOverload, "OVER", "NOTOVER"},
	{StatusTrim, "TRIM", "NOTTRIM"},
	{StatusBoost, "BOOST", "NOTBOOST"},
	{StatusBypass, "BYPASS", "NOTBYPASS"},
	{StatusEco, "ECO", "NOTECO"},
	{StatusAlarm, "ALARM", "NOTALARM"},
}

// Events returns what happened between two snapshots of one UPS. Where the
// facts are not Live on both sides, only the change of contact is told: what
// happened in the dark is unknown. The first Live snapshot tells nothing of
// being online or in contact, as upsmon does not.
func Events(old, next *Snapshot) []Event {
	var all []Event
	add := func(kind, text string) { all = append(all, Event{next.Time, next.UPS, kind, text}) }
	switch was, is := old.Health == Live, next.Health == Live; {
	case was && !is:
		add("COMMBAD", "")
		return all
	case !was && is && old.Health == Stale:
		add("COMMOK", "")
	case !is:
		return nil
	}
	first := old.Health == Absent || old.Health == Waiting
	for _, e := range edges {
		was, is := old.status.Has(e.word), next.status.Has(e.word)
		switch {
		case !was && is && (!first || e.word != StatusOnline):
			text := ""
			if e.word == StatusAlarm {
				text = next.Value("ups.alarm")
			}
			add(e.comes, text)
		case was && !is && e.goes != "":
			add(e.goes, "")
		}
	}
	return all
}
