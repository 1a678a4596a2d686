package collectors_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

var update = flag.Bool("update", false, "write docs/metrics.md anew")

const intro = `# Metrics

Made from the table in the package collectors; "go test ./collectors -update" writes it anew.

Every name is ` + "`nut_`" + `, then NUT's own path, then the base unit in the plural. Ratios are 0 to 1, never percent;
minutes are seconds, ampere-hours are coulombs (1 Ah is 3600). Dates are the seconds since 1970 of their first moment in UTC;
where a device writes a day that could be read in two ways, the month comes first.

Every family has the label ` + "`ups`" + `. Phases, inputs, outlets, outlet groups and sensors are labels of families of
their own, so that a total never stands beside its parts: ` + "`nut_outlets_realpower_watts`" + ` is all outlets together,
` + "`nut_outlet_realpower_watts{outlet}`" + ` is one of them. A sensor without a number is sensor 0. A family with the
label ` + "`state`" + ` has one series for each state: 1 for the present one, 0 for the others.

A UPS without contact keeps ` + "`nut_ups_up` (0) and `nut_ups_data_age_seconds`" + ` and loses everything else
but what has been counted of it, see [history](history.md). Identities such as serial numbers are labels, never numbers. The settings of a driver are shown only where they are
known to be plain numbers: others may be passwords. With ` + "`WATTNUT_VARIABLE_INFO=yes`" + ` what is no number is told as well, the settings
of drivers excepted, as ` + "`nut_variable_info{variable,value}`" + `: beware of values that change often, each is a new series.

A variable of one device in a daisy chain, ` + "`device.2.input.voltage`" + `, is in a family of its own with the label
` + "`device`" + `: ` + "`nut_device_input_voltage_volts`" + `.

`

// docs/metrics.md says what the code does.
func TestDocs(t *testing.T) {
	var b strings.Builder
	b.WriteString(intro)
	b.WriteString("## Families that come from no single variable\n\n| Prometheus | OpenTelemetry | Labels | Meaning |\n|---|---|---|---|\n")
	for _, d := range collectors.Descs() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", d.Name, otel(d), strings.Join(d.Labels, ", "), d.Help)
	}
	b.WriteString("\n## Variables\n\nWhat is said here of `input` and `output` holds for `input.bypass`, `input.servicebypass`,\n" +
		"`output.bypass`, `output.inverter` and `output.servicebypass` as well.\n\n")
	writeRows(&b, true)
	b.WriteString("\n## Variables that drivers use without a standard\n\n")
	writeRows(&b, false)

	file := filepath.Join(testenv.Root(t), "docs", "metrics.md")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != b.String() {
		t.Errorf("%s is not what the table says; go test ./collectors -update writes it anew", file)
	}
}

func writeRows(b *strings.Builder, standard bool) {
	b.WriteString("| NUT | Prometheus | OpenTelemetry | Labels | Meaning |\n|---|---|---|---|---|\n")
	for _, row := range collectors.Table() {
		if row.Entry.Standard == standard && !isSideDomain(row.Entry.Name) {
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", row.Entry.Name, row.Desc.Name, otel(row.Desc), strings.Join(row.Desc.Labels, ", "), row.Entry.Text)
		}
	}
}

// otel writes a family's name in OpenTelemetry, and its unit where it has one.
func otel(d *collectors.Desc) string {
	name, unit := d.OTel()
	if unit == "" {
		return name
	}
	return name + " (" + unit + ")"
}

// isSideDomain tells whether a variable is of a bypass or an inverter, and said
// of the input or the output already.
func isSideDomain(name nut.Name) bool {
	for _, domain := range []string{"input.bypass.", "input.servicebypass.", "output.bypass.", "output.inverter.", "output.servicebypass."} {
		if tail, ok := strings.CutPrefix(string(name), domain); ok {
			_, ok = nut.Describe("output." + nut.Name(strings.ReplaceAll(tail, "{phase}", "L1")))
			return ok
		}
	}
	return false
}
