package nut

import (
	"strings"
	"testing"
)

func TestEvents(t *testing.T) {
	at := func(health Health, status string) *Snapshot {
		var d Draft
		if status != "" {
			d.SetStatus(status)
		}
		return d.Freeze("u", health, noon)
	}
	for _, tt := range []struct {
		last, next *Snapshot
		lost       bool
		want       string
	}{
		{nil, at(Live, "OL"), false, ""},
		{nil, at(Live, "OB LB"), false, "ONBATT LOWBATT"},
		{nil, at(Waiting, "OB"), false, ""},
		{nil, at(Stale, "OB"), false, ""},
		{nil, at(Absent, ""), false, ""},
		{at(Live, "OL"), at(Live, "OB DISCHRG"), false, "ONBATT"},
		{at(Live, "OB LB"), at(Live, "OL CHRG"), false, "ONLINE"},
		{at(Live, "OL"), at(Live, "OL TRIM BYPASS"), false, "TRIM BYPASS"},
		{at(Live, "OL TRIM BYPASS"), at(Live, "OL"), false, "NOTTRIM NOTBYPASS"},
		{at(Live, "OL"), at(Live, "FSD OL"), false, "FSD"},
		{at(Live, "OL"), at(Stale, "OL"), false, "COMMBAD"},
		{at(Live, "OL"), at(Absent, ""), false, "COMMBAD"},
		{at(Live, "OL"), at(Absent, ""), true, ""},
		{at(Live, "OL"), at(Waiting, ""), false, ""},
		{at(Live, "OL"), at(Live, "OB"), true, "COMMOK ONBATT"},
		{at(Live, "OL"), at(Live, "OL"), true, "COMMOK"},
	} {
		var got []string
		for _, e := range Events(tt.last, tt.next, tt.lost) {
			got = append(got, e.Type)
			if e.UPS != "u" || e.Time != noon {
				t.Errorf("event %+v", e)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("to %s %q, lost %t: got %q, want %q", tt.next.Health, tt.next.Status(), tt.lost, got, tt.want)
		}
	}
}

func TestAlarmEventHasItsText(t *testing.T) {
	var d Draft
	d.SetStatus("OL")
	last := d.Freeze("u", Live, noon)
	d.SetAlarms("Hot.")
	events := Events(last, d.Freeze("u", Live, noon), false)
	if len(events) != 1 || events[0].Type != "ALARM" || events[0].Text != "Hot." {
		t.Errorf("got %+v", events)
	}
}
