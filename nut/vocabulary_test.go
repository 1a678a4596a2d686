package nut_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

func TestDescribe(t *testing.T) {
	tests := []struct {
		name     nut.Name
		template nut.Name // "" for a name that is not known
		unit     nut.Unit
	}{
		{"battery.charge", "battery.charge", nut.Percent},
		{"BATTERY.Charge", "battery.charge", nut.Percent},
		{"battery.charge.low", "battery.charge.low", nut.Percent},
		{"input.voltage", "input.voltage", nut.Volt},
		{"input.L1-N.voltage", "input.{phase}.voltage", nut.Volt},
		{"input.l3-l1.voltage.minimum", "input.{phase}.voltage.minimum", nut.Volt},
		{"input.bypass.L2.current", "input.bypass.{phase}.current", nut.Ampere},
		{"output.N.current", "output.{phase}.current", nut.Ampere},
		{"input.2.voltage", "input.{source}.voltage", nut.Volt},
		{"input.current.nominal", "input.current.nominal", nut.Ampere},
		{"outlet.current", "outlet.current", nut.Ampere},
		{"outlet.12.current", "outlet.{outlet}.current", nut.Ampere},
		{"outlet.group.2.current", "outlet.group.{group}.current", nut.Ampere},
		{"ambient.3.contacts.1.status", "ambient.{sensor}.contacts.{contact}.status", ""},
		{"battery.cell4.voltage", "battery.cell{cell}.voltage", nut.Volt},
		{"driver.parameter.pollinterval", "driver.parameter.pollinterval", nut.Second},
		{"driver.parameter.override.battery.voltage.nominal", "driver.parameter.{parameter*}", ""},
		{"device.2.input.L1-N.voltage", "input.{phase}.voltage", nut.Volt},
		{"device.2.uptime", "device.uptime", nut.Second},
		{"device.0.ups.load", "ups.load", nut.Percent},

		{"", "", ""},
		{".", "", ""},
		{"battery", "", ""},
		{"battery.", "", ""},
		{"battery.charge.", "", ""},
		{"battery.cell.voltage", "", ""},
		{"outlet.x.current", "", ""},
		{"outlet.1", "", ""},
		{"outlet.1234567890.current", "", ""},
		{"input.L4.voltage", "", ""},
		{"input.L1-.voltage", "", ""},
		{"driver.parameter", "", ""},
		{"driver.parameter.", "", ""},
		{"device.2.device.2.ups.load", "", ""},
		{"unmapped.ups.thing", "", ""},
	}
	for _, tt := range tests {
		e, ok := nut.Describe(tt.name)
		if !ok {
			e = &nut.Entry{}
		}
		if e.Name != tt.template || e.Unit != tt.unit {
			t.Errorf("%q is %q in %q, want %q in %q", tt.name, e.Name, e.Unit, tt.template, tt.unit)
		}
	}
}

func TestDescribeCommand(t *testing.T) {
	for name, want := range map[nut.Name]string{
		"load.off":                        "Switch the load off now",
		"Outlet.3.Load.Cycle":             "Switch the outlet off and on again",
		"outlet.group.1.load.cycle.delay": "Switch the outlet group off and on again after a wait",
		"battery.charge":                  "",
	} {
		text := ""
		if e, ok := nut.DescribeCommand(name); ok {
			text = e.Text
		}
		if text != want {
			t.Errorf("%s is %q, want %q", name, text, want)
		}
	}
}

func TestKeys(t *testing.T) {
	tests := map[nut.Name]map[string]string{
		"battery.charge":              {},
		"outlet.12.current":           {"outlet": "12"},
		"input.L1-N.voltage":          {"phase": "L1-N"},
		"input.bypass.L2.current":     {"phase": "L2"},
		"ambient.3.contacts.1.status": {"sensor": "3", "contact": "1"},
		"battery.CELL4.voltage":       {"cell": "4"},
		"driver.parameter.snmp.v3.id": {"parameter": "snmp.v3.id"},
	}
	for name, want := range tests {
		e, ok := nut.Describe(name)
		if !ok {
			t.Fatalf("%s is not known", name)
		}
		if got := maps.Collect(e.Keys(name)); !maps.Equal(got, want) {
			t.Errorf("%s has the keys %v, want %v", name, got, want)
		}
	}
}

func TestDaisy(t *testing.T) {
	tests := []struct{ name, device, rest nut.Name }{
		{"device.1.outlet.2.status", "1", "outlet.2.status"},
		{"device.1.serial", "1", "device.serial"},
		{"device.1.device.serial", "1", "device.serial"},
		{"Device.0.what.ever", "0", "what.ever"},
		{"device.serial", "", ""},
		{"device.usb.version", "", ""},
		{"outlet.1.status", "", ""},
		{"device.1", "", ""},
	}
	for _, tt := range tests {
		device, rest, ok := nut.Daisy(tt.name)
		if nut.Name(device) != tt.device || rest != tt.rest || ok != (tt.device != "") {
			t.Errorf("%s is %s of device %q", tt.name, rest, device)
		}
	}
}

// A lookup is part of answering GET DESC, and of each new metric.
func TestDescribeAllocatesNothing(t *testing.T) {
	for _, name := range []nut.Name{"battery.charge", "input.L1-N.voltage", "Outlet.2.Status", "device.2.ups.load", "no.such"} {
		nut.Describe(name)
		if n := testing.AllocsPerRun(20, func() { nut.Describe(name) }); n > 0 {
			t.Errorf("describing %s allocates %v times", name, n)
		}
	}
}

func TestVocabularyRows(t *testing.T) {
	entries := slices.Collect(nut.Variables())
	entries = slices.AppendSeq(entries, nut.Commands())
	entries = slices.AppendSeq(entries, nut.Words())
	seen := map[nut.Name]bool{}
	for _, e := range entries {
		if e.Name == "" || seen[e.Name.Fold()] {
			t.Errorf("%q is there twice", e.Name)
		}
		seen[e.Name.Fold()] = true
		switch text := e.Text; {
		case text == "" || len(text) > 80, strings.HasSuffix(text, "."), strings.Trim(text, " ") != text:
			t.Errorf("%s has the description %q", e.Name, text)
		case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }):
			t.Errorf("the description of %s is not plain ASCII: %q", e.Name, text)
		}
		if e.Unit != "" && !slices.Contains(units, e.Unit) {
			t.Errorf("%s is in the unknown unit %q", e.Name, e.Unit)
		}
		if e.Values != nil && e.Type != nut.Enumeration && e.Type != nut.Identity {
			t.Errorf("%s lists values and has a type that needs none", e.Name)
		}
	}
}

var units = []nut.Unit{
	nut.Volt, nut.Ampere, nut.Watt, nut.VoltAmpere, nut.Hertz, nut.Celsius, nut.Fahrenheit,
	nut.Second, nut.Minute, nut.Percent, nut.AmpereHour, nut.Degree, nut.Dimensionless,
}

func TestWords(t *testing.T) {
	var standard int
	for e := range nut.Words() {
		if e.Standard {
			standard++
		}
	}
	if standard != 16 {
		t.Errorf("%d standard words of ups.status, want 16", standard)
	}
}

// Every name in the reference facts is an entry or matches a template, with
// the unit and the standing that the facts have for it.
func TestVocabularyKnowsTheFacts(t *testing.T) {
	var facts []struct {
		Name     string
		Kind     string
		Unit     string
		Standard bool
	}
	readJSON(t, filepath.Join(testenv.Shared(t), "facts", "nut-names.json"), &facts)
	words := map[string]*nut.Entry{}
	for e := range nut.Words() {
		words[string(e.Name)] = e
	}
	for _, f := range facts {
		for name := range spell(f.Name) {
			var e *nut.Entry
			switch f.Kind {
			case "var":
				e, _ = nut.Describe(nut.Name(name))
			case "cmd":
				e, _ = nut.DescribeCommand(nut.Name(name))
			case "status":
				e = words[name]
			}
			switch {
			case e == nil:
				t.Errorf("%s %s is not known", f.Kind, name)
			case f.Unit != "" && string(e.Unit) != f.Unit:
				t.Errorf("%s is in %q, the facts say %q", name, e.Unit, f.Unit)
			case f.Standard && !e.Standard && f.Kind != "var":
				t.Errorf("%s is standard", name)
			}
		}
	}
}

// The other list of facts has types and known values.
func TestVocabularyAgreesOnValues(t *testing.T) {
	var facts struct {
		Variables []struct {
			Name, Type, Unit string
			Values           []string
		}
		Only    []struct{ Name string } `json:"variables_only_in_cmdvartab"`
		Drivers []struct{ Name string } `json:"names_in_drivers_not_documented"`
	}
	readJSON(t, filepath.Join(testenv.Shared(t), "facts", "vocab.json"), &facts)
	for _, f := range facts.Variables {
		for name := range spell(strings.TrimSpace(f.Name)) {
			e, ok := nut.Describe(nut.Name(name))
			switch {
			case !ok:
				t.Errorf("%s is not known", name)
			case string(e.Unit) != f.Unit:
				t.Errorf("%s is in %q, the facts say %q", name, e.Unit, f.Unit)
			case f.Values != nil && e.Type == nut.Enumeration && !slices.Equal(e.Values, f.Values):
				t.Errorf("%s is one of %q, the facts say %q", name, e.Values, f.Values)
			}
		}
	}
	for _, f := range slices.Concat(facts.Only, facts.Drivers) {
		for name := range spell(f.Name) {
			_, variable := nut.Describe(nut.Name(name))
			_, command := nut.DescribeCommand(nut.Name(name))
			if !variable && !command {
				t.Errorf("%s is not known", name)
			}
		}
	}
}

// spell yields names that a template of the facts stands for.
func spell(template string) map[string]bool {
	all := map[string]bool{template: true}
	fill := func(hole string, with ...string) {
		for name := range maps.Clone(all) {
			if strings.Contains(name, hole) {
				delete(all, name)
				for _, w := range with {
					all[strings.ReplaceAll(name, hole, w)] = true
				}
			}
		}
	}
	fill("{domain}", "input", "input.bypass", "input.servicebypass", "output", "output.bypass", "output.inverter", "output.servicebypass")
	fill("{context}", "L1-L2", "L3-N", "L1", "N")
	fill(".n.", ".1.", ".23.")
	if strings.HasSuffix(template, ".n") {
		for name := range maps.Clone(all) {
			delete(all, name)
			all[strings.TrimSuffix(name, "n")+"2"] = true
		}
	}
	fill(".x.", ".2.")
	fill(".xxx", ".port")
	return all
}

// unknownNames is how many names in the recorded dumps may be missing from the
// vocabulary. It may only shrink.
const unknownNames = 53

func TestVocabularyKnowsTheDumps(t *testing.T) {
	names := map[nut.Name]int{}
	line := regexp.MustCompile(`(?m)^([A-Za-z][^:\s]*):`)
	dumps, err := filepath.Glob(filepath.Join(testenv.Shared(t), "devices", "*.dev"))
	if err != nil || len(dumps) == 0 {
		t.Fatal("no dumps", err)
	}
	for _, dump := range dumps {
		text, err := os.ReadFile(dump)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range line.FindAllSubmatch(text, -1) {
			names[nut.Name(m[1])]++
		}
	}
	var unknown []nut.Name
	for name := range names {
		if _, ok := nut.Describe(name); !ok {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	t.Logf("%d of %d names are unknown: %s", len(unknown), len(names), unknown)
	if len(unknown) > unknownNames {
		t.Errorf("%d names are unknown, want at most %d", len(unknown), unknownNames)
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkDescribe(b *testing.B) {
	for _, name := range []nut.Name{"battery.charge", "input.L1-N.voltage", "outlet.12.status"} {
		b.Run(string(name), func(b *testing.B) {
			for b.Loop() {
				nut.Describe(name)
			}
		})
	}
}

// Names come from devices and from clients: whatever they are, a lookup ends,
// and a template yields no more keys than it has places.
func FuzzDescribe(f *testing.F) {
	for _, name := range []string{"battery.charge", "input.L1-N.voltage", "device.1.outlet.2.id", "..", "driver.flag.a.b", "\x00"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := nut.Name(s)
		if _, rest, ok := nut.Daisy(name); ok {
			name = rest
		}
		e, ok := nut.Describe(name)
		if !ok {
			return
		}
		if strings.Count(s, ".") > 40 && !strings.Contains(string(e.Name), "*") {
			t.Errorf("%q is taken for %s", s, e.Name)
		}
		places := 0
		for place, value := range e.Keys(name) {
			places++
			if place == "" || value == "" {
				t.Errorf("%q has %q in the place %q of %s", s, value, place, e.Name)
			}
		}
		if places != strings.Count(string(e.Name), "{") {
			t.Errorf("%q fills %d places of %s", s, places, e.Name)
		}
	})
}
