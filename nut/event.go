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

// Events returns what happened to a UPS when next was published. last is the
// Live snapshot before it, however long ago, and nil if there was none; lost
// tells that its loss was told (COMMBAD) since. Waiting is no news. The first
// Live snapshot does not tell of being online, as upsmon does not.
func Events(last, next *Snapshot, lost bool) []Event {
	var all []Event
	add := func(kind, text string) { all = append(all, Event{next.Time, next.UPS, kind, text}) }
	switch {
	case next.Health == Live && lost:
		add("COMMOK", "")
	case next.Health == Live:
	case next.Health != Waiting && last != nil && !lost:
		add("COMMBAD", "")
		return all
	default:
		return nil
	}
	for _, e := range edges {
		was, is := last != nil && last.status.Has(e.word), next.status.Has(e.word)
		switch {
		case !was && is && (last != nil || e.word != StatusOnline):
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
