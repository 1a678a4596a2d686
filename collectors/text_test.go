package collectors_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// What is no number is told as it is, and what may be a secret is not.
func TestTexts(t *testing.T) {
	s := snapshot(
		"ups.status: OL CHRG", "ups.serial: 0764", "ups.mfr: \"A\" \\ B", "battery.date: 2024-01-01", "ups.beeper.status: enabled",
		"battery.charge: 87", "battery.charge.low: unknown", "vendor.word: hi", "vendor.number: 5", "ups.id: ", "driver.name: x",
		"driver.parameter.port: auto", "Driver.Parameter.password: secret", "vendor.long: "+strings.Repeat("é", 200),
	)
	want := []string{
		`nut_variable_info{variable="battery.charge.low",value="unknown"} 1`,
		`nut_variable_info{variable="battery.date",value="2024-01-01"} 1`,
		`nut_variable_info{variable="driver.name",value="x"} 1`,
		`nut_variable_info{variable="ups.beeper.status",value="enabled"} 1`,
		`nut_variable_info{variable="ups.mfr",value="\"A\" \\ B"} 1`,
		`nut_variable_info{variable="ups.serial",value="0764"} 1`,
		`nut_variable_info{variable="ups.status",value="OL CHRG"} 1`,
		`nut_variable_info{variable="vendor.long",value="` + strings.Repeat("é", 128) + `"} 1`,
		`nut_variable_info{variable="vendor.word",value="hi"} 1`,
	}
	got := text(collectors.Texts(s))
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if all := collectors.Texts(s.With(nut.Stale, time.Time{})); len(all) > 0 {
		t.Errorf("stale, it has %d", len(all))
	}
	count := func(u collectors.UPS) (n int) {
		for sample := range u.All(time.Now()) {
			if sample.Desc.Name == "nut_variable_info" {
				n++
			}
		}
		return n
	}
	if u := (collectors.UPS{Snapshot: s}); count(u) != 0 {
		t.Error("told without being asked for")
	}
	if u := (collectors.UPS{Snapshot: s, Texts: true}); count(u) != len(want) {
		t.Errorf("%d are told", count(u))
	}
}
