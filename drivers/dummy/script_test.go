package dummy

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut/wire"
)

func TestParse(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, tt := range []struct {
		text string
		want []step
	}{
		{"ups.load: 23", []step{{name: "ups.load", value: "23"}}},
		{"ups.load 23\n", []step{{name: "ups.load", value: "23"}}},
		{"ups.load:23\n", []step{{name: "ups.load", value: "23"}}},
		{"ups.load = 23\n", []step{{name: "ups.load", value: "= 23"}}},
		{"  ups.mfr:\tA  B \r\n", []step{{name: "ups.mfr", value: "A B"}}},
		{`ups.mfr: "A  B" C` + "\n", []step{{name: "ups.mfr", value: "A  B C"}}},
		{`ups.mfr: 1"2 \"x\" \#` + "\n", []step{{name: "ups.mfr", value: `1"2 "x" #`}}},
		{"ups.mfr: A # not B\n# nothing\n\n", []step{{name: "ups.mfr", value: "A"}}},
		{"ups.mfr: a=b\n", []step{{name: "ups.mfr", value: "a = b"}}},
		{"ups.mfr: \"\"\n", []step{{name: "ups.mfr"}}},
		{"ups.mfr: " + long, []step{{name: "ups.mfr", value: long[:127]}}},
		{"driver.name: x\nups.id: y\n", []step{{name: "ups.id", value: "y"}}},
		{"TIMER 60\n", []step{{do: pause, wait: time.Minute}}},
		{"ALARM Too hot\nALARM\n", []step{{do: alarm, value: "Too hot"}, {do: alarm}}},
		{"ups.mfr: A\nups.model:\n", []step{{name: "ups.mfr", value: "A"}, {name: "ups.model", value: "A"}}},
	} {
		if got, _ := parse([]byte(tt.text)); !slices.Equal(got, tt.want) {
			t.Errorf("%q is %+v, want %+v", tt.text, got, tt.want)
		}
	}
}

func TestFaults(t *testing.T) {
	const text = `ups.mfr: "A
ups.model: B
# a comment
ups.id: "a#b"
TIMER soon
TIMER 99999999999
TIMER
ups.load: 2\
3
ups.serial:
: 3
ups.status: OL
`
	steps, faults := parse([]byte(text))
	var lines []int
	for _, f := range faults {
		lines = append(lines, f.line)
		if f.text == "" {
			t.Errorf("line %d is wrong without a reason", f.line)
		}
	}
	if want := []int{1, 4, 5, 6, 7, 10, 11}; !slices.Equal(lines, want) {
		t.Errorf("faults in lines %v, want %v", lines, want)
	}
	if want := []step{
		{name: "ups.model", value: "B"},
		{name: "ups.load", value: "23"},
		{name: "ups.serial", value: "23"},
		{name: "ups.status", value: "OL"},
	}; !slices.Equal(steps, want) {
		t.Errorf("the good lines are %+v, want %+v", steps, want)
	}
}

func TestFaultsAreBounded(t *testing.T) {
	if _, faults := parse(bytes.Repeat([]byte("TIMER x\n"), 1000)); len(faults) != maxFaults {
		t.Errorf("%d faults, want %d", len(faults), maxFaults)
	}
}

func FuzzDev(f *testing.F) {
	f.Add([]byte("ups.mfr: A\nups.status: OL CHRG\nups.model: \"x y\" # z\n"))
	f.Add([]byte("device.mfr:\nups.load = 3\\\n4\n\"\"\n"))
	f.Fuzz(check)
}

func FuzzSeq(f *testing.F) {
	f.Add([]byte("ups.status: OL\nTIMER 60\nALARM hot\nups.status: OB\nTIMER 5\nALARM\n"))
	f.Add([]byte("TIMER 18446744073709551616\nALARM \"\nTIMER -1\n"))
	f.Fuzz(check)
}

// check wants of any text what the player relies on.
func check(t *testing.T, text []byte) {
	steps, faults := parse(text)
	lines := bytes.Count(text, []byte{'\n'}) + 1
	if len(steps) > lines || len(faults) > maxFaults {
		t.Fatalf("%d steps and %d faults from %d lines", len(steps), len(faults), lines)
	}
	for _, f := range faults {
		if f.line < 1 || f.line > lines {
			t.Errorf("a fault in line %d of %d", f.line, lines)
		}
	}
	for _, s := range steps {
		switch {
		case s.do == pause && (s.wait < 0 || s.wait > maxPause):
			t.Errorf("a pause of %v", s.wait)
		case s.do == set && (s.name == "" || len(s.value) > maxValue):
			t.Errorf("variable %q of %d bytes", s.name, len(s.value))
		case !wire.Clean(s.value):
			t.Errorf("value %q", s.value)
		}
	}
}
