package sched

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut/conf"
)

func TestParse(t *testing.T) {
	c := configure(t, `CMDSCRIPT /bin/cmd -x "a b"
PIPEFN /run/pipe
LOCKFN /run/lock
DEBUG_MIN 3
AT ONBATT * START-TIMER onbatt 30
AT ONBATT a@b START-TIMER-SHARED all 1.5
AT ONLINE * CANCEL-TIMER onbatt
AT ONLINE * CANCEL-TIMER onbatt back
AT ONBATT * CANCEL-TIMER-MATCHED onbatt back
AT fsd * EXECUTE "going down"
`)
	if !slices.Equal(c.Script, []string{"/bin/cmd", "-x", "a b"}) || c.Pipe != "/run/pipe" || c.Lock != "/run/lock" || c.Debug != 3 {
		t.Errorf("got %+v", c)
	}
	want := []Rule{
		{5, "ONBATT", "*", Order{Verb: StartTimer, Name: "onbatt", After: 30 * time.Second}},
		{6, "ONBATT", "a@b", Order{Verb: StartShared, Name: "all", After: 1500 * time.Millisecond}},
		{7, "ONLINE", "*", Order{Verb: CancelTimer, Name: "onbatt"}},
		{8, "ONLINE", "*", Order{Verb: CancelTimer, Name: "onbatt", Command: "back"}},
		{9, "ONBATT", "*", Order{Verb: CancelMatched, Name: "onbatt", Command: "back"}},
		{10, "fsd", "*", Order{Verb: Execute, Name: "going down"}},
	}
	if !slices.Equal(c.Rules, want) {
		t.Errorf("got  %+v\nwant %+v", c.Rules, want)
	}
}

func TestParseProblems(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		rules      int
		want       string
	}{
		{"nothing", "", 0, ""},
		{"no AT", "PIPEFN /p\n", 0, ""},
		{
			"no CMDSCRIPT", "PIPEFN /p\nLOCKFN /l\nAT ONBATT * EXECUTE x\nCMDSCRIPT /c\n", 0,
			"fatal: upssched.conf:3: AT: CMDSCRIPT has to stand before it",
		},
		{
			"no PIPEFN", "CMDSCRIPT /c\nLOCKFN /l\nAT ONBATT * EXECUTE x\nAT ONLINE * EXECUTE x\n", 0,
			"fatal: upssched.conf:3: AT: PIPEFN has to stand before it",
		},
		{
			"no LOCKFN", "CMDSCRIPT /c\nPIPEFN /p\nAT ONBATT * EXECUTE x\n", 0,
			"fatal: upssched.conf:3: AT: LOCKFN has to stand before it",
		},
		{
			"empty CMDSCRIPT", "CMDSCRIPT \"\"\nPIPEFN /p\nLOCKFN /l\nAT ONBATT * EXECUTE x\n", 0,
			"fatal: upssched.conf:4: AT: CMDSCRIPT is empty",
		},
		{
			"a shell's", "CMDSCRIPT \"/c >/dev/null\"\n" + heading[len("CMDSCRIPT /bin/cmd\n"):], 0,
			"warning: upssched.conf:1: CMDSCRIPT: no shell runs it, so that all but blanks means itself: put what needs a shell into a script",
		},
		{
			"twice", heading + "PIPEFN /other\nAT ONBATT * EXECUTE x\nAT ONBATT * EXECUTE x\n", 2,
			"warning: upssched.conf:4: PIPEFN stands there twice: the last one counts",
		},
		{
			"empty name", heading + "AT ONBATT * EXECUTE \"\"\nAT ONLINE * EXECUTE x\n", 1,
			"error: upssched.conf:4: AT: EXECUTE needs a name",
		},
		{
			"no seconds", heading + "AT ONBATT * START-TIMER x soon\n", 0,
			"error: upssched.conf:4: AT: START-TIMER needs its seconds as a number",
		},
		{
			"less than no seconds", heading + "AT ONBATT * START-TIMER x -3\n", 0,
			"error: upssched.conf:4: AT: START-TIMER needs its seconds as a number",
		},
		{
			"another command", heading + "AT ONBATT * start-timer x 3\n", 0,
			"error: upssched.conf:4: AT: its command is none of START-TIMER, START-TIMER-SHARED, CANCEL-TIMER, CANCEL-TIMER-MATCHED, EXECUTE",
		},
		{
			"a cancel that matches nothing", heading + "AT ONBATT * START-TIMER x 3\nAT ONLINE * CANCEL-TIMER-MATCHED x\n", 2,
			"warning: upssched.conf:5: CANCEL-TIMER-MATCHED ends only what the same type of event started, and nothing starts x at ONLINE: CANCEL-TIMER ends it whatever started it",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := parse(t, tt.text)
			var got []string
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%v: %v", p.Severity, p))
			}
			if got := strings.Join(got, "\n"); !strings.HasPrefix(got, tt.want) || (tt.want == "") != (got == "") {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if len(c.Rules) != tt.rules {
				t.Errorf("%d rules, want %d", len(c.Rules), tt.rules)
			}
		})
	}
}

func TestScriptOfOneWord(t *testing.T) {
	for text, want := range map[string][]string{
		`/bin/cmd`:         {"/bin/cmd"},
		`"/bin/cmd -x  y"`: {"/bin/cmd", "-x", "y"},
		`/bin/cmd "x y"`:   {"/bin/cmd", "x y"},
		`" /bin/cmd "`:     {"/bin/cmd"},
	} {
		if c := configure(t, "CMDSCRIPT "+text+"\n"); !slices.Equal(c.Script, want) {
			t.Errorf("%s: got %q, want %q", text, c.Script, want)
		}
	}
}

// What conf.Parse lets through never makes this parser stumble.
func FuzzParse(f *testing.F) {
	f.Add(heading + "AT ONBATT * START-TIMER x 3\nAT ONLINE * CANCEL-TIMER x y\nAT FSD a EXECUTE z\n")
	f.Add("CMDSCRIPT \"  \"\nPIPEFN \"\"\nAT ONBATT * START-TIMER-SHARED x 3\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := conf.Parse(conf.UPSSchedConf, strings.NewReader(text))
		if err != nil {
			t.Skip(err)
		}
		c, _ := Parse(file)
		for _, r := range c.Rules {
			if len(c.Script) == 0 || r.Do.Name == "" || r.Do.After < 0 {
				t.Fatalf("%+v of %q", r, text)
			}
		}
	})
}
