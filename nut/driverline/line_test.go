package driverline

import (
	"errors"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

func parse(tb testing.TB, text string) (Line, error) {
	tb.Helper()
	var s wire.Scanner
	if _, r := s.Scan([]byte(text)); r != wire.Line {
		tb.Fatalf("%q is no line: %v", text, s.Fault())
	}
	return Parse(s.Words())
}

// What a line means, and, where want is not "", how it is written back.
func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		line Line
		want string
	}{
		{`SETINFO ups.id "a \"b\" \\ \#"`, Line{Verb: SetInfo, Name: "ups.id", Value: `a "b" \ #`}, `SETINFO ups.id "a \"b\" \\ \#"`},
		{`setinfo x ""`, Line{Verb: SetInfo, Name: "x"}, `SETINFO x ""`},
		{`SETINFO x "a" more words`, Line{Verb: SetInfo, Name: "x", Value: "a", Surplus: true}, `SETINFO x "a"`},
		{`SETINFO x "a"b"`, Line{Verb: SetInfo, Name: "x", Value: "a", Surplus: true}, ""},
		{`DELINFO x`, Line{Verb: DelInfo, Name: "x"}, `DELINFO x`},
		{`ADDENUM x "a b"`, Line{Verb: AddEnum, Name: "x", Value: "a b"}, `ADDENUM x "a b"`},
		{`DELENUM x a`, Line{Verb: DelEnum, Name: "x", Value: "a"}, `DELENUM x "a"`},
		{`ADDRANGE x -5 +10`, Line{Verb: AddRange, Name: "x", Range: nut.Range{Min: -5, Max: 10}}, `ADDRANGE x -5 10`},
		{`ADDRANGE x 1.9 2.9`, Line{Verb: AddRange, Name: "x", Range: nut.Range{Min: 1, Max: 2}}, `ADDRANGE x 1 2`},
		{`DELRANGE x 1 2`, Line{Verb: DelRange, Name: "x", Range: nut.Range{Min: 1, Max: 2}}, `DELRANGE x 1 2`},
		{`SETAUX x 32`, Line{Verb: SetAux, Name: "x", Number: 32}, `SETAUX x 32`},
		{`SETFLAGS x`, Line{Verb: SetFlags, Name: "x"}, `SETFLAGS x`},
		{`SETFLAGS x rw ODD string NUMBER`, Line{Verb: SetFlags, Name: "x", Flags: Flags{true, true, true}}, `SETFLAGS x RW STRING NUMBER`},
		{`ADDCMD load.off`, Line{Verb: AddCmd, Name: "load.off"}, `ADDCMD load.off`},
		{`DELCMD load.off`, Line{Verb: DelCmd, Name: "load.off"}, `DELCMD load.off`},
		{`DATAOK`, Line{Verb: DataOK}, `DATAOK`},
		{`DATASTALE`, Line{Verb: DataStale}, `DATASTALE`},
		{`DUMPDONE`, Line{Verb: DumpDone}, `DUMPDONE`},
		{`PONG`, Line{Verb: Pong}, `PONG`},
		{`TRACKING abc-1 3`, Line{Verb: Tracking, Tracking: "abc-1", Number: 3}, `TRACKING abc-1 3`},
		{`PID 77`, Line{Verb: PID, Value: "77"}, `PID 77`},
		{`OK Goodbye`, Line{Verb: OK, Value: "Goodbye"}, `OK Goodbye`},
		{`DUMPALL`, Line{Verb: DumpAll}, `DUMPALL`},
		{`DUMPSTATUS`, Line{Verb: DumpStatus}, `DUMPSTATUS`},
		{`DUMPVALUE ups.status`, Line{Verb: DumpValue, Name: "ups.status"}, `DUMPVALUE ups.status`},
		{`ping extra words`, Line{Verb: Ping, Surplus: true}, `PING`},
		{`"PI\NG" # c`, Line{Verb: Ping}, `PING`},
		{`SET x 42`, Line{Verb: Set, Name: "x", Value: "42"}, `SET x "42"`},
		{`SET x "43" TRACKING abc`, Line{Verb: Set, Name: "x", Value: "43", Tracking: "abc"}, `SET x "43" TRACKING abc`},
		{`SET x 44 TRACKING`, Line{Verb: Set, Name: "x", Value: "44"}, `SET x "44"`},
		{`INSTCMD load.off`, Line{Verb: InstCmd, Name: "load.off"}, `INSTCMD load.off`},
		{`INSTCMD load.off 5`, Line{Verb: InstCmd, Name: "load.off", Value: "5"}, `INSTCMD load.off "5"`},
		{`INSTCMD load.off TRACKING`, Line{Verb: InstCmd, Name: "load.off", Value: "TRACKING"}, `INSTCMD load.off "TRACKING"`},
		{`INSTCMD load.off tracking id`, Line{Verb: InstCmd, Name: "load.off", Tracking: "id"}, `INSTCMD load.off TRACKING id`},
		{`INSTCMD load.off "1 TRACKING abc" TRACKING id`, Line{Verb: InstCmd, Name: "load.off", Value: "1 TRACKING abc", Tracking: "id"}, `INSTCMD load.off "1 TRACKING abc" TRACKING id`},
		{`NOBROADCAST`, Line{Verb: NoBroadcast}, `NOBROADCAST`},
		{`BROADCAST`, Line{Verb: Broadcast, Number: 1}, `BROADCAST 1`},
		{`BROADCAST 0`, Line{Verb: Broadcast}, `BROADCAST 0`},
		{`GETPID`, Line{Verb: GetPID}, `GETPID`},
		{`LOGOUT`, Line{Verb: Logout}, `LOGOUT`},
	} {
		got, err := parse(t, c.text+"\n")
		if err != nil || got != c.line {
			t.Errorf("%s: %+v, %v; want %+v", c.text, got, err, c.line)
			continue
		}
		back, err := got.Append(nil)
		if c.want != "" && (err != nil || string(back) != c.want+"\n") {
			t.Errorf("%s: written back as %q, %v", c.text, back, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"SETINFO x", "SETINFO", `SETINFO "" y`, "ADDRANGE x 1", "ADDRANGE x 5 4", "ADDRANGE x a b", "SETAUX x 99999999999",
		"SETAUX x -", "TRACKING id", "TRACKING id x", "SET x", "SET", "SET x 45 FOO abc", `SET x 1 TRACKING ""`, "SET x 1 TRACKING a b",
		"INSTCMD", "INSTCMD a b c", "INSTCMD a 5 6 TRACKING id", "INSTCMD a 5 FOO id", "BROADCAST x", "DUMPVALUE",
	} {
		if l, err := parse(t, text+"\n"); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", text, l, err)
		}
	}
	for _, text := range []string{"", "FOO", "EXIT", `""`, "=", "VER"} {
		if l, err := parse(t, text+"\n"); !errors.Is(err, ErrUnknownVerb) {
			t.Errorf("%s: %+v, %v", text, l, err)
		}
	}
}

// No line that NUT would read in two pieces is ever written (B-6).
func TestAppendBounded(t *testing.T) {
	for _, size := range []int{400, 480, 489, 490, 491, 511, 512, 5000} {
		l := Line{Verb: InstCmd, Name: "load.off", Value: strings.Repeat("a", size)}
		got, err := l.Append([]byte("before"))
		switch {
		case err == nil && (len(got) > len("before")+wire.MaxLine || got[len(got)-1] != '\n'):
			t.Errorf("%d: a line of %d bytes", size, len(got))
		case err != nil && (!errors.Is(err, nut.ErrTooLong) || string(got) != "before"):
			t.Errorf("%d: %q, %v", size, got, err)
		case (err == nil) != (size <= 491):
			t.Errorf("%d: %v", size, err)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct{ value, want string }{
		{"", ""},
		{strings.Repeat("a", 300), strings.Repeat("a", 255)},
		{strings.Repeat(`"`, 200), strings.Repeat(`"`, 127)},
		{strings.Repeat("a", 254) + "#", strings.Repeat("a", 254)},
	} {
		if got := Cut(c.value); got != c.want {
			t.Errorf("Cut(%d bytes) has %d, want %d", len(c.value), len(got), len(c.want))
		}
	}
}

func TestOutcome(t *testing.T) {
	for code, want := range map[int]error{
		0: nil, 1: nut.ErrUnknown, 2: nut.ErrInvalidArgument, 3: nut.ErrFailed, 4: nut.ErrInvalidArgument, -1: nut.ErrFailed, 99: nut.ErrFailed,
	} {
		if got := Outcome(code); !errors.Is(got, want) {
			t.Errorf("%d: %v, want %v", code, got, want)
		}
	}
}

// What is understood can be written, and then says the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`SETINFO a "b\"c"`, "SETFLAGS a RW", "ADDRANGE a 1 2", "INSTCMD a b TRACKING c", "TRACKING x 1", "PING", "SET = = TRACKING ="} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s wire.Scanner
		n, r := s.Scan(append(text, '\n'))
		if r != wire.Line || n <= len(text) {
			return
		}
		l, err := Parse(s.Words())
		if err != nil {
			return
		}
		back, err := l.Append(nil)
		if err != nil {
			return // too long
		}
		again, err := parse(t, string(back))
		l.Surplus = false
		if err != nil || again != l {
			t.Fatalf("%+v written as %q, read as %+v, %v", l, back, again, err)
		}
	})
}
