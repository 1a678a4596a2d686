package sched

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestRules plays events, one a second and with names of seconds to wait
// between, and looks at what is run and when.
func TestRules(t *testing.T) {
	for _, tt := range []struct {
		name, rules string
		events      string // "ONBATT a", or "3" to wait
		want        string // second, command, environment
	}{
		{"execute", "AT ONBATT * EXECUTE x", "ONBATT a", "0 x|a|ONBATT|ONBATT of a"},
		{"another type", "AT ONBATT * EXECUTE x", "ONLINE a", ""},
		{"a type in any case", "AT onbatt * EXECUTE x", "ONBATT a", "0 x|a|ONBATT|ONBATT of a"},
		{"another UPS", "AT ONBATT b EXECUTE x", "ONBATT a", ""},
		{"a UPS in another case", "AT ONBATT A EXECUTE x", "ONBATT a", ""},
		{
			"all that match, in their order", "AT ONBATT * EXECUTE x\nAT ONBATT a EXECUTE y\nAT ONBATT b EXECUTE z", "ONBATT a",
			"0 x|a|ONBATT|ONBATT of a\n0 y|a|ONBATT|ONBATT of a",
		},
		{"no UPS", "AT SHUTDOWN * EXECUTE x", "SHUTDOWN ", "0 x|SHUTDOWN|SHUTDOWN of "},
		{"timer", "AT ONBATT * START-TIMER x 3", "ONBATT a,5", "3 x|a|ONBATT|ONBATT of a"},
		{"timer of no seconds", "AT ONBATT * START-TIMER x 0", "ONBATT a,1", "0 x|a|ONBATT|ONBATT of a"},
		{
			"timer of each UPS", "AT ONBATT * START-TIMER x 3", "ONBATT a,1,ONBATT b,9",
			"3 x|a|ONBATT|ONBATT of a\n4 x|b|ONBATT|ONBATT of b",
		},
		{
			"timers by their ends", "AT ONBATT * START-TIMER x 3\nAT ONBATT * START-TIMER y 2", "ONBATT a,9",
			"2 y|a|ONBATT|ONBATT of a\n3 x|a|ONBATT|ONBATT of a",
		},
		{"cancel", "AT ONBATT * START-TIMER x 3\nAT ONLINE * CANCEL-TIMER x", "ONBATT a,1,ONLINE a,9", ""},
		{"cancel for another UPS", "AT ONBATT * START-TIMER x 3\nAT ONLINE * CANCEL-TIMER x", "ONBATT a,ONBATT b,1,ONLINE b,9", ""},
		{"cancel of nothing", "AT ONLINE * CANCEL-TIMER x", "ONLINE a", ""},
		{
			"cancel or command", "AT ONBATT * START-TIMER x 3\nAT ONLINE * CANCEL-TIMER x y", "ONBATT a,ONLINE a,1,ONLINE a",
			"1 y|a|ONLINE|ONLINE of a",
		},
		{
			"cancel too late", "AT ONBATT * START-TIMER x 3\nAT ONLINE * CANCEL-TIMER x y", "ONBATT a,3,ONLINE a",
			"3 x|a|ONBATT|ONBATT of a\n3 y|a|ONLINE|ONLINE of a",
		},
		{
			"shared", "AT ONBATT * START-TIMER-SHARED x 3\nAT LOWBATT * START-TIMER-SHARED x 1", "ONBATT a,1,ONBATT b,1,LOWBATT b,LOWBATT b,9",
			"3 x|a,b|ONBATT,LOWBATT|ONBATT of a.~ONBATT of b.~LOWBATT of b",
		},
		{
			"shared anew", "AT ONBATT * START-TIMER-SHARED x 1", "ONBATT a,2,ONBATT b,2",
			"1 x|a|ONBATT|ONBATT of a\n3 x|b|ONBATT|ONBATT of b",
		},
		{"cancel of shared", "AT ONBATT * START-TIMER-SHARED x 3\nAT ONLINE * CANCEL-TIMER x", "ONBATT a,ONBATT b,ONLINE a,9", ""},
		{
			"cancel matched", "AT ONBATT * START-TIMER x 3\nAT onbatt b CANCEL-TIMER-MATCHED x y", "ONBATT a,1,ONBATT b,9",
			"3 x|a|ONBATT|ONBATT of a", // the second ends what it has just started
		},
		{
			"cancel matched, none", "AT ONBATT * START-TIMER x 3\nAT LOWBATT * START-TIMER x 3\nAT LOWBATT * CANCEL-TIMER-MATCHED z y",
			"ONBATT a,LOWBATT a,9",
			"0 y|a|LOWBATT|LOWBATT of a\n3 x|a|ONBATT|ONBATT of a\n3 x|a|LOWBATT|LOWBATT of a",
		},
		{
			"cancel matched of shared", "AT ONBATT * START-TIMER-SHARED x 3\nAT ONBATT b CANCEL-TIMER-MATCHED x", "ONBATT a,ONBATT b,9",
			"3 x|a|ONBATT|ONBATT of a",
		},
		{
			"cancel matched of all that share", "AT ONBATT * START-TIMER-SHARED x 3\nAT ONBATT b CANCEL-TIMER-MATCHED x y", "ONBATT b,9",
			"",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := parse(t, heading+tt.rules+"\n")
			if got := play(t, c, tt.events); got != tt.want {
				t.Errorf("ran\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// play plays events, and tells what is run.
func play(t *testing.T, c *Config, events string) string {
	t.Helper()
	var timers Timers
	var ran []string
	now := began
	note := func(commands []Command) {
		for _, c := range commands {
			ran = append(ran, fmt.Sprintf("%g %s", now.Sub(began).Seconds(), line(c)))
		}
	}
	for e := range strings.SplitSeq(events, ",") {
		var seconds int
		if _, err := fmt.Sscan(e, &seconds); err == nil {
			until := now.Add(time.Duration(seconds) * time.Second)
			for end, ok := timers.Next(); ok && !end.After(until); end, ok = timers.Next() {
				now = end
				note(timers.Expire(now))
			}
			now = until
			continue
		}
		for _, o := range c.Orders(event(e)) {
			commands, err := timers.Apply(now, o)
			if err != nil {
				t.Fatal(err)
			}
			note(commands)
		}
	}
	return strings.Join(ran, "\n")
}

func TestTimersAreBounded(t *testing.T) {
	var timers Timers
	for i := range MaxTimers {
		if _, err := timers.Apply(began, Order{Verb: StartTimer, Name: fmt.Sprint(i), After: time.Minute}); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range []Verb{StartTimer, StartShared} {
		if _, err := timers.Apply(began, Order{Verb: v, Name: "more"}); !errors.Is(err, errFull) {
			t.Errorf("%v: got %v", v, err)
		}
	}
	for i := range 2 * MaxCauses {
		o := Order{Verb: StartShared, Name: "7", Cause: Event{UPS: fmt.Sprint("ups", i), Message: strings.Repeat("x", 10000)}}
		if _, err := timers.Apply(began, o); err != nil {
			t.Fatal(err)
		}
	}
	commands := timers.Expire(began.Add(time.Minute))
	if len(commands) != MaxTimers || len(timers.All()) != 0 {
		t.Errorf("%d commands, %d timers left", len(commands), len(timers.All()))
	}
	for _, v := range commands[7].Env() {
		if len(v) > 64<<10 {
			t.Errorf("a variable of %d bytes", len(v))
		}
	}
}

func TestOrdersThatCannotBe(t *testing.T) {
	var timers Timers
	for _, o := range []Order{{Verb: StartTimer, Name: "x", After: -1}, {Verb: Execute + 1, Name: "x"}} {
		if _, err := timers.Apply(began, o); err == nil {
			t.Errorf("%d: no error", o.Verb)
		}
	}
	if _, ok := timers.Next(); ok {
		t.Error("a timer runs")
	}
}

func TestEventsAreCleaned(t *testing.T) {
	var timers Timers
	commands, err := timers.Apply(began, Order{Verb: Execute, Name: "x", Cause: Event{"A\x00B", "u\nv", "caf\xc3\xa9 \xff\t!"}})
	if want := "x|uv|AB|caf\u00e9 !"; err != nil || lines(commands) != want {
		t.Errorf("got %q, %v, want %q", lines(commands), err, want)
	}
}
