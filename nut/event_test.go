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
	var d Draft
	d.Set("battery.charge", "100")
	partial := d.Freeze("u", Waiting, noon) // before the dump is done
	for _, tt := range []struct {
		old, next *Snapshot
		want      string
	}{
		{at(Absent, ""), at(Live, "OL"), ""},
		{at(Absent, ""), at(Live, "OB LB"), "ONBATT LOWBATT"},
		{at(Live, "OL"), at(Live, "OB DISCHRG"), "ONBATT"},
		{at(Live, "OB LB"), at(Live, "OL CHRG"), "ONLINE"},
		{at(Live, "OL"), at(Live, "OL TRIM BYPASS"), "TRIM BYPASS"},
		{at(Live, "OL TRIM BYPASS"), at(Live, "OL"), "NOTTRIM NOTBYPASS"},
		{at(Live, "OL"), at(Live, "FSD OL"), "FSD"},
		{at(Live, "OL"), at(Stale, "OL"), "COMMBAD"},
		{at(Live, "OL"), at(Absent, ""), "COMMBAD"},
		{at(Stale, "OL"), at(Absent, ""), ""},
		{at(Stale, "OL"), at(Live, "OB"), "COMMOK ONBATT"},
		{at(Waiting, ""), at(Live, "OL"), ""},
		{partial, at(Live, "OL"), ""},
	} {
		var got []string
		for _, e := range Events(tt.old, tt.next) {
			got = append(got, e.Type)
			if e.UPS != "u" || e.Time != noon {
				t.Errorf("event %+v", e)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s %q to %s %q: got %q, want %q", tt.old.Health, tt.old.Status(), tt.next.Health, tt.next.Status(), got, tt.want)
		}
	}
}

func TestAlarmEventHasItsText(t *testing.T) {
	var d Draft
	d.SetStatus("OL")
	old := d.Freeze("u", Live, noon)
	d.SetAlarms("Hot.")
	events := Events(old, d.Freeze("u", Live, noon))
	if len(events) != 1 || events[0].Type != "ALARM" || events[0].Text != "Hot." {
		t.Errorf("got %+v", events)
	}
}
