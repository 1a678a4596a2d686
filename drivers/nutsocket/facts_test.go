package nutsocket

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/driverline"
	"github.com/wattnut/wattnut/nut/wire"
)

// tell applies text, line by line, as the listener does.
func (f *facts) tell(tb testing.TB, text string) {
	tb.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		var s wire.Scanner
		if _, r := s.Scan([]byte(line + "\n")); r != wire.Line {
			continue
		}
		if l, err := driverline.Parse(s.Words()); err == nil {
			f.apply(l)
		}
	}
}

func TestFacts(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, tt := range []struct {
		name, lines string
		want        nut.Variable // the zero Variable: x is not there
	}{
		{"value", `SETINFO x "a \"b\" \\ \#"`, nut.Variable{Name: "x", Value: `a "b" \ #`}},
		{"empty value", `SETINFO x ""`, nut.Variable{Name: "x"}},
		{"changed", "SETINFO x 1\nSETINFO x 2", nut.Variable{Name: "x", Value: "2"}},
		{"changed in case only", "SETINFO x abc\nSETINFO x ABC", nut.Variable{Name: "x", Value: "ABC"}}, // NUT-INVENTORY 10 #3
		{"first spelling stays", "SETINFO X a\nSETINFO x b", nut.Variable{Name: "X", Value: "b"}},
		{"attributes stay", "SETINFO x 1\nSETAUX x 8\nSETFLAGS x RW STRING\nSETINFO x 2", nut.Variable{Name: "x", Value: "2", Writable: true, Text: true, MaxLen: 8}},
		{"flags replace", "SETINFO x 1\nSETFLAGS x RW STRING\nSETFLAGS x NUMBER", nut.Variable{Name: "x", Value: "1"}},
		{"cut", `SETINFO x "` + long + `"`, nut.Variable{Name: "x", Value: long[:255]}},
		{"deleted", "SETINFO x 1\nDELINFO X", nut.Variable{}},
		{"enum", "SETINFO x 1\nADDENUM x \"a b\"\nADDENUM x c\nADDENUM x c\nADDENUM x d\nDELENUM x c\nDELENUM x e", nut.Variable{Name: "x", Value: "1", Enum: []string{"a b", "d"}}},
		{"enum of nothing", "ADDENUM x a", nut.Variable{}},
		{"ranges that share a bound", "SETINFO x 1\nADDRANGE x 1 5\nADDRANGE x 1 5\nADDRANGE x 5 9\nADDRANGE x 1 9", nut.Variable{Name: "x", Value: "1", Ranges: []nut.Range{{Min: 1, Max: 5}, {Min: 5, Max: 9}, {Min: 1, Max: 9}}}}, // #4
		{"range removed", "SETINFO x 1\nADDRANGE x 1 5\nADDRANGE x 7 9\nDELRANGE x 1 5", nut.Variable{Name: "x", Value: "1", Ranges: []nut.Range{{Min: 7, Max: 9}}}},
		{"range upside down", "SETINFO x 1\nADDRANGE x 5 1", nut.Variable{Name: "x", Value: "1"}},
		{"negative length", "SETINFO x 1\nSETAUX x -4", nut.Variable{Name: "x", Value: "1"}},
		{"attributes of nothing", "SETAUX x 4\nSETFLAGS x RW\nADDRANGE x 1 2", nut.Variable{}},
		{"nonsense", "FOO x\nSETINFO x\n\nSETINFO x \"a#b\"\nPONG", nut.Variable{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var f facts
			var d nut.Draft
			f.tell(t, tt.lines)
			f.merge(&d)
			if got, _ := d.Lookup("x"); !got.Equal(tt.want) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

// What came and went between two reads, and what changed after one.
func TestMerge(t *testing.T) {
	var f facts
	var d nut.Draft
	f.tell(t, "SETINFO a 1\nSETINFO b 1\nADDCMD load.off\nADDCMD load.on\nADDCMD LOAD.OFF\nSETINFO c 1\nDELINFO c")
	f.merge(&d)
	f.tell(t, "DELINFO a\nSETINFO b 2\nDELCMD Load.On\nADDCMD beeper.mute")
	f.merge(&d)
	s := d.Freeze("u", nut.Live, time.Time{})
	if s.Len() != 1 || s.Value("b") != "2" {
		t.Errorf("variables %v", slices.Collect(s.Variables()))
	}
	if got := slices.Collect(s.Commands()); !slices.Equal(got, []nut.Name{"beeper.mute", "load.off"}) {
		t.Errorf("commands %v", got)
	}
}

// A Snapshot does not change when the driver says more.
func TestSnapshotsAreApart(t *testing.T) {
	var f facts
	var d nut.Draft
	f.tell(t, "SETINFO a 1\nADDENUM a x\nADDENUM a y\nADDRANGE a 1 2")
	f.merge(&d)
	before, _ := d.Freeze("u", nut.Live, time.Time{}).Lookup("a")
	f.tell(t, "DELENUM a x\nADDENUM a z\nDELRANGE a 1 2\nADDRANGE a 3 4")
	f.merge(&d)
	if !slices.Equal(before.Enum, []string{"x", "y"}) || before.Ranges[0] != (nut.Range{Min: 1, Max: 2}) {
		t.Errorf("changed to %+v", before)
	}
}

func TestBounds(t *testing.T) {
	var f facts
	add := func(format string, n int) {
		for i := range n {
			f.tell(t, fmt.Sprintf(format, i))
		}
	}
	add("SETINFO v%d 1", 2*maxVariables)
	add("SETINFO w%[1]d 1\nDELINFO w%[1]d", 100)
	add("ADDCMD c%d", 2*maxCommands)
	add("ADDENUM v0 e%d", 2*maxEnum)
	add("ADDRANGE v0 %d 9999", 2*maxRanges)
	v := f.vars["v0"]
	if len(f.vars) != maxVariables || len(f.commands) != maxCommands || len(v.Enum) != maxEnum || len(v.Ranges) != maxRanges || !f.full {
		t.Errorf("%d variables, %d commands, %d enum, %d ranges", len(f.vars), len(f.commands), len(v.Enum), len(v.Ranges))
	}
	f = facts{}
	add("SETINFO w%[1]d 1\nDELINFO w%[1]d", 3*maxVariables)
	if len(f.newVars) > 2*maxVariables {
		t.Errorf("%d names that came and went", len(f.newVars))
	}
}
