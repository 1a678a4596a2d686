package prometheus

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

type nobody struct{}

func (nobody) All() iter.Seq[collectors.UPS] { return func(func(collectors.UPS) bool) {} }

type past struct{}

func (past) Samples() iter.Seq[collectors.Sample] {
	h := collectors.History{OnBattery: time.Minute, Measured: 5}
	return slices.Values(h.Samples(new(nut.Draft).Freeze("u", nut.Absent, time.Time{}), time.Now()))
}

// No two families of an OpenMetrics page have the same name, and the samples are
// the same as in the text format.
func TestNoClash(t *testing.T) {
	open, err := expfmt.NewOpenMetricsFormat(expfmt.OpenMetricsVersion_1_0_0)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		format expfmt.Format
		want   []string
	}{
		{expfmt.NewFormat(expfmt.TypeTextPlain), []string{"# TYPE nut_ups_on_battery_seconds_total counter", `nut_ups_on_battery_seconds_total{ups="u"} 60`}},
		{open, []string{
			"# TYPE nut_ups_on_battery_seconds_total unknown", `nut_ups_on_battery_seconds_total{ups="u"} 60.0`,
			"# TYPE nut_ups_energy_joules counter", `nut_ups_energy_joules_total{source="measured",ups="u"} 5.0`,
		}},
	} {
		var page bytes.Buffer
		if err := New(nobody{}, "1", past{}).Write(&page, tt.format); err != nil {
			t.Fatal(err)
		}
		types := map[string]bool{}
		for line := range strings.Lines(page.String()) {
			if words := strings.Fields(line); len(words) > 3 && words[1] == "TYPE" {
				if types[words[2]] {
					t.Errorf("two families are called %s", words[2])
				}
				types[words[2]] = true
			}
		}
		for _, line := range append(tt.want, "# TYPE nut_ups_on_battery_seconds gauge") {
			if !strings.Contains(page.String(), line+"\n") {
				t.Errorf("no line %q in\n%s", line, page.String())
			}
		}
	}
}
