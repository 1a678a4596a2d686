package collectors_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

func TestHistory(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	full := collectors.History{
		Transfers: map[string]uint64{"self_test": 2}, Outages: 3, OnBattery: 90 * time.Second, ThisOutage: 1500 * time.Millisecond,
		LastTransfer: now.Add(-time.Minute), Tested: now.Add(-time.Hour), Measured: 7200, Estimated: 5,
	}
	seconds := func(d time.Duration) string { return fmt.Sprint(float64(now.Add(d).Unix())) }
	for name, tt := range map[string]struct {
		history collectors.History
		s       *nut.Snapshot
		want    []string
	}{
		"nothing": {collectors.History{}, snapshot(), []string{
			"nut_ups_on_battery_seconds rack 0", "nut_ups_on_battery_seconds_total rack 0", "nut_ups_outages_total rack 0",
		}},
		"everything": {full, snapshot("battery.date: 2026-11-21"), []string{
			"nut_battery_age_seconds rack 129600", "nut_ups_energy_joules_total rack,estimated 5", "nut_ups_energy_joules_total rack,measured 7200",
			"nut_ups_last_test_timestamp_seconds rack " + seconds(-time.Hour), "nut_ups_last_transfer_timestamp_seconds rack " + seconds(-time.Minute),
			"nut_ups_on_battery_seconds rack 1.5", "nut_ups_on_battery_seconds_total rack 90", "nut_ups_outages_total rack 3", "nut_ups_transfers_total rack,self_test 2",
		}},
		"the device knows of a later test, and when the battery was made": {
			collectors.History{Tested: now.Add(-48 * time.Hour)},
			snapshot("ups.test.date: 2026-11-22", "battery.date: not set", "battery.mfr.date: 2026/11/22"),
			[]string{
				"nut_battery_age_seconds rack 43200", "nut_ups_last_test_timestamp_seconds rack " + seconds(-12*time.Hour),
				"nut_ups_on_battery_seconds rack 0", "nut_ups_on_battery_seconds_total rack 0", "nut_ups_outages_total rack 0",
			},
		},
		"a battery of tomorrow, without contact": {
			collectors.History{},
			snapshot("battery.date: 2026-11-23", "ups.test.date: 2026-11-22").With(nut.Stale, now),
			[]string{"nut_ups_on_battery_seconds rack 0", "nut_ups_on_battery_seconds_total rack 0", "nut_ups_outages_total rack 0"},
		},
		"a battery of tomorrow": {
			collectors.History{},
			snapshot("battery.date: 2026-11-23"),
			[]string{"nut_ups_on_battery_seconds rack 0", "nut_ups_on_battery_seconds_total rack 0", "nut_ups_outages_total rack 0"},
		},
	} {
		var got []string
		for _, s := range tt.history.Samples(tt.s, now) {
			if len(s.Labels) != len(s.Desc.Labels) || !slices.Contains(collectors.Descs(), s.Desc) {
				t.Errorf("%s: %s %q", name, s.Desc.Name, s.Labels)
			}
			got = append(got, fmt.Sprintf("%s %s %v", s.Desc.Name, strings.Join(s.Labels, ","), s.Value))
		}
		slices.Sort(got)
		slices.Sort(tt.want)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}
