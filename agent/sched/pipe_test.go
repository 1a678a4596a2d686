package sched

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut/wire"
)

// words reads one line.
func words(t *testing.T, text string) [][]byte {
	t.Helper()
	var s wire.Scanner
	if n, r := s.Scan([]byte(text)); r != wire.Line || n != len(text) {
		t.Fatalf("%q is not one line", text)
	}
	return s.Words()
}

// The lines are those that upssched 2.8.0 and 2.8.5 send.
func TestParseRequest(t *testing.T) {
	cause := Event{"ONBATT", "u@h", `UPS "u" # \ =`}
	for _, tt := range []struct {
		line string
		want request
	}{
		{`START "x" "30" "ONBATT" "u@h" "UPS \"u\" \# \\ ="`, request{order: Order{Verb: StartTimer, Name: "x", After: 30 * time.Second, Cause: cause}}},
		{`START-SHARED "x" "30" "ONBATT" "u@h" "UPS \"u\" \# \\ ="`, request{order: Order{Verb: StartShared, Name: "x", After: 30 * time.Second, Cause: cause}}},
		{`CANCEL "x" "" "ONBATT" "u@h" "UPS \"u\" \# \\ ="`, request{order: Order{Verb: CancelTimer, Name: "x", Cause: cause}}},
		{`CANCEL-MATCHED "x" "y" "ONBATT" "u@h" "UPS \"u\" \# \\ ="`, request{order: Order{Verb: CancelMatched, Name: "x", Command: "y", Cause: cause}}},
		{`START "x" "2x"`, request{order: Order{Verb: StartTimer, Name: "x", After: 2 * time.Second}}},
		{`CANCEL "x"`, request{order: Order{Verb: CancelTimer, Name: "x"}}},
		{`CANCEL x y`, request{order: Order{Verb: CancelTimer, Name: "x", Command: "y"}}},
		{`LIST-TIMERS "" "" "" "" ""`, request{list: true}},
		{`LIST-TIMERS`, request{list: true}},
	} {
		if got, err := parseRequest(words(t, tt.line+"\n")); err != nil || got != tt.want {
			t.Errorf("%s: got %+v, %v", tt.line, got, err)
		}
	}
	for _, line := range []string{"", "START", "START x", `START "" 3`, "start x 3", "START x -3", "START x soon", "EXECUTE x", "CANCEL", `"" x 3`} {
		if got, err := parseRequest(words(t, line+"\n")); err == nil {
			t.Errorf("%s: got %+v", line, got)
		}
	}
}

func TestAppendOrder(t *testing.T) {
	cause := Event{"ONBATT", "u@h", "caf\u00e9 \"#\"\n"}
	for want, o := range map[string]Order{
		`START "x" "30" "ONBATT" "u@h" "caf \"\#\""`:          {Verb: StartTimer, Name: "x", After: 30 * time.Second, Cause: cause},
		`START-SHARED "x" "0.25" "ONBATT" "u@h" "caf \"\#\""`: {Verb: StartShared, Name: "x", After: 250 * time.Millisecond, Cause: cause},
		`CANCEL "x" "" "" "" ""`:                              {Verb: CancelTimer, Name: "x"},
		`CANCEL-MATCHED "x" "y z" "" "" ""`:                   {Verb: CancelMatched, Name: "x", Command: "y z"},
		`START "x" "0" "" "" ""`:                              {Verb: StartTimer, Name: "x"},
		`START "x" "1000000000" "" "" ""`:                     {Verb: StartTimer, Name: "x", After: 1e9 * time.Second},
	} {
		if got := string(appendOrder(nil, o)); got != want+"\n" {
			t.Errorf("got %swant %s", got, want)
		}
	}
}

func TestAppendList(t *testing.T) {
	now := time.Unix(1000, 0)
	timers := []Timer{
		{Name: "x", End: now.Add(2500 * time.Millisecond), Causes: []Event{{"ONBATT", "a", "m"}, {"LOWBATT", "b", "n"}}},
		{Name: "y", End: now.Add(-time.Second), Causes: []Event{{}}},
	}
	want := "BEGIN LIST TIMERS\nx\t1002\t3\tONBATT,LOWBATT\ta,b\tm.\tn\ny\t999\t0\t\"\"\t\"\"\t\"\"\nEND LIST TIMERS\nOK\n"
	if got := string(appendList(nil, now, timers)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	rows, err := readAnswer(strings.NewReader(want))
	if err != nil || len(rows) != 2 || rows[1] != "y\t999\t0\t\"\"\t\"\"\t\"\"" {
		t.Errorf("read %q, %v", rows, err)
	}
}

func TestReadAnswer(t *testing.T) {
	for _, tt := range []struct{ text, rows, err string }{
		{"OK\n", "", ""},
		{"BEGIN LIST TIMERS\nEND LIST TIMERS\nOK\n", "", ""},
		{"BEGIN LIST TIMERS\nERR\t1\nOK\t2\nEND LIST TIMERS\nOK\n", "ERR\t1 OK\t2", ""},
		{"ERR UNKNOWN\n", "", `the daemon answers "ERR UNKNOWN"`},
		{"HTTP/1.1 400 Bad Request\n", "", `the daemon answers "HTTP`},
		{"", "", "ended without an answer"},
		{"BEGIN LIST TIMERS\nx\t1", "", "ended without an answer"},
		{strings.Repeat("x", 1<<20), "", "read the daemon's answer"},
	} {
		rows, err := readAnswer(strings.NewReader(tt.text))
		if strings.Join(rows, " ") != tt.rows || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%.40q: got %q, %v", tt.text, rows, err)
		}
	}
}

// Whatever a client sends, it is answered or refused; and what we understand,
// we can say again so that it is understood as the same.
func FuzzRequest(f *testing.F) {
	for _, line := range []string{
		`START "x" "30" "ONBATT" "u@h" "UPS \"u\" \# \\ ="`, `CANCEL "x"`, "LIST-TIMERS", `START-SHARED x 0.5 a b "c`, "\\", "=",
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s wire.Scanner
		if _, r := s.Scan(append(text, '\n')); r != wire.Line {
			return
		}
		first, err := parseRequest(s.Words())
		if err != nil || first.list {
			return
		}
		again, err := parseRequest(words(t, string(appendOrder(nil, first.order))))
		first.order.After = first.order.After.Round(time.Millisecond)
		if err != nil || again != first {
			t.Fatalf("%+v became %+v, %v", first, again, err)
		}
	})
}

// Whatever a daemon answers, it is read within bounds.
func FuzzAnswer(f *testing.F) {
	f.Add("BEGIN LIST TIMERS\nx\t1\t2\ta\tb\tc\nEND LIST TIMERS\nOK\n")
	f.Add("ERR UNKNOWN\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := readAnswer(strings.NewReader(text))
		if err == nil && !strings.Contains(text, "OK") || slices.Contains(rows, "") {
			t.Fatalf("%q: %q, %v", text, rows, err)
		}
	})
}
