package monitor

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// The notices of NUT-INVENTORY.md 4.1 and 4.2.
func TestNotices(t *testing.T) {
	two := "a=1s b=1s"
	check(t, []rule{
		{name: "the first word of a UPS tells nothing of being on line or in contact", story: "0 a OL CHRG HB \n 20", want: ""},
		{name: "ONBATT and ONLINE", story: "0 a OL \n 5 a OB DISCHRG \n 10 a OL CHRG \n 20", want: "5 ONBATT a; 10 ONLINE a"},
		{name: "first seen on battery", story: "0 a OB \n 5 a OL \n 20", want: "0 ONBATT a; 5 ONLINE a"},
		{name: "LOWBATT again after it went", story: "0 a OL LB \n 5 a OL \n 6 a OL LB \n 9", want: "0 LOWBATT a; 6 LOWBATT a"},
		{name: "FSD once, again after it went", upses: two, story: "0 a FSD OL \n 3 a FSD OL CHRG \n 5 a OL \n 6 a FSD OL \n 9", want: "0 FSD a; 6 FSD a"},
		{name: "FSD once by status and latch", upses: two, story: "0 a FSD OL \n 0 a forced \n 3 a OL \n 5 a unforced \n 6 a forced \n 9", want: "0 FSD a; 6 FSD a"},
		{name: "the pairs", upses: two, story: "0 a OL \n 1 a OL CAL OFF OVER TRIM BOOST BYPASS ECO ALARM \n 2 a OL", want: "1 CAL a; 1 OFF a; 1 OVER a; 1 TRIM a; 1 BOOST a; 1 BYPASS a; 1 ECO a; 1 ALARM a; " +
			"2 NOTCAL a; 2 NOTOFF a; 2 NOTOVER a; 2 NOTTRIM a; 2 NOTBOOST a; 2 NOTBYPASS a; 2 NOTECO a; 2 NOTALARM a"},
		{name: "what ends comes before what begins, in the order of the words", story: "0 a OL TRIM \n 1 a OVER OB BYPASS \n 2", want: "0 TRIM a; 1 NOTTRIM a; 1 OVER a; 1 ONBATT a; 1 BYPASS a"},
		{name: "ALARM again when its text changes", story: "0 a ups.alarm=Hot. \n 0 a ALARM OL \n 3 a ALARM OL LB \n 5 a ups.alarm=Fan. \n 9 a OL LB \n 20", want: "0 ALARM a [Hot.]; 3 LOWBATT a; 5 ALARM a [Fan.]; 9 NOTALARM a"},
		{name: "an alarm without a text", story: "0 a ALARM OL \n 3 a ups.alarm= \n 9", want: "0 ALARM a"},
		{name: "an alarm whose text is missing for a moment", story: "0 a ups.alarm=Hot. \n 0 a ALARM OL \n 3 a ups.alarm= \n 5 a ups.alarm=Hot. \n 9", want: "0 ALARM a [Hot.]"},
		{name: "a text without an alarm", story: "0 a OL \n 3 a ups.alarm=Hot. \n 9", want: ""},
		{name: "OTHER", story: "0 a OL \n 1 a OL TEST TIP \n 2 a TIP OL TEST \n 3 a OL TIP \n 4 a OL \n 9", want: "1 OTHER a [TEST TIP]; 3 OTHER a [TIP]; 4 NOTOTHER a"},
		{name: "ECO by buzzword", story: "0 a OL \n 1 a experimental.ups.mode.buzzwords=vendor:x:normal vendor:apc:HE \n 2 a ups.mode.buzzwords=vendor:mge-hid:ESS \n 3 a experimental.ups.mode.buzzwords= \n 4 a ups.mode.buzzwords=vendor:voltronic:ECO-inverter-on \n 5 a ups.mode.buzzwords=vendor:x:SMART \n 6", want: "1 ECO a; 4 NOTECO a; 5 ECO a"},
		{name: "COMMBAD, COMMOK", story: "0 a OL \n 5 a lost \n 9 a absent \n 12 a OL \n 14 a absent \n 20", want: "5 COMMBAD a; 12 COMMOK a; 14 COMMBAD a"},
		{name: "COMMBAD before any contact", story: "0 a absent \n 20 a OL \n 30", want: "0 COMMBAD a; 20 COMMOK a"},
		{name: "waiting is neither contact nor its loss", story: "0 a OL \n 5 a wait \n 9 a lost \n 12 a WAIT \n 20 a OL \n 30", want: "9 COMMBAD a; 20 COMMOK a"},
		{name: "NOCOMM", story: "0 a OL \n 100 a lost \n 800 a OL \n 810 a lost \n 1120", want: "100 COMMBAD a; 395 NOCOMM a; 695.000000001 NOCOMM a; 800 COMMOK a; 810 COMMBAD a; 1105 NOCOMM a"},
		{name: "NOCOMM before any contact", story: "0 a absent \n 301", want: "0 COMMBAD a; 300 NOCOMM a"},
		{name: "NOCOMM is not for one not tried", story: "0 a nil \n 900", want: ""},
		{name: "NOCOMM never", set: func(c *Config) { c.NoCommWarn = 0 }, story: "0 a absent \n 900", want: "0 COMMBAD a"},
		{name: "REPLBATT every RBWARNTIME", set: func(c *Config) { c.ReplaceWarn = time.Minute }, story: "0 a OL \n 1 a OL RB \n 70 a OL \n 75 a OL RB \n 130", want: "1 REPLBATT a; 61.000000001 REPLBATT a; 121.000000002 REPLBATT a"},
		{name: "REPLBATT not in silence", set: func(c *Config) { c.ReplaceWarn = time.Minute }, story: "0 a OL RB \n 1 a lost \n 100 a OL RB \n 130", want: "0 REPLBATT a; 1 COMMBAD a; 100 COMMOK a; 100 REPLBATT a"},
		{name: "REPLBATT once", set: func(c *Config) { c.ReplaceWarn = 0 }, story: "0 a OL RB \n 50 a OL \n 60 a OL RB \n 99", want: "0 REPLBATT a"},
		{name: "NOPARENT", story: "0 a OL \n 5 orphan \n 130 adopt \n 200 orphan \n 201 adopt", want: "5 NOPARENT; 125 NOPARENT; 200 NOPARENT"},
		{name: "NOPARENT goes on during a shutdown", set: func(c *Config) { c.FinalDelay = time.Hour }, story: "0 a FSD \n 5 orphan \n 130", want: "0 FSD a; 0 setfsd a; 0 SHUTDOWN; 5 NOPARENT; 125 NOPARENT"},
		{name: "an unknown UPS is nobody's", story: "0 a OL \n 5", want: ""},
		{name: "each UPS for itself", upses: two, story: "0 a OL \n 0 b OL \n 5 a OB \n 6 b OB \n 7 a OL \n 8", want: "5 ONBATT a; 6 ONBATT b; 7 ONLINE a"},
	})
}

// POLLFAIL_LOG_THROTTLE_MAX.
func TestPollFailures(t *testing.T) {
	story := "0 a OL \n 1 a fail 1 gone \n 2 a fail 2 gone \n 3 a fail 3 gone \n 4 a fail 4 gone \n 5 a fail 5 stale \n 6 a fail 0 \n 7 a fail 1 stale \n 8 a fail 3 stale"
	throttle := func(n int) func(*Config) { return func(c *Config) { c.LogPollFail = n } }
	check(t, []rule{
		{name: "all", story: story, want: "1 log a 1 gone; 2 log a 2 gone; 3 log a 3 gone; 4 log a 4 gone; 5 log a 5 stale; 7 log a 1 stale; 8 log a 3 stale"},
		{name: "changes", set: throttle(0), story: story, want: "1 log a 1 gone; 5 log a 5 stale; 7 log a 1 stale"},
		{name: "one of two", set: throttle(2), story: story, want: "1 log a 1 gone; 3 log a 3 gone; 5 log a 5 stale; 7 log a 1 stale; 8 log a 3 stale"},
		{name: "one of three", set: throttle(3), story: story, want: "1 log a 1 gone; 4 log a 4 gone; 5 log a 5 stale; 7 log a 1 stale"},
		{name: "a new series that was not seen to begin", set: throttle(0), story: "1 a fail 5 gone \n 3 a fail 2 gone \n 5", want: "1 log a 5 gone; 3 log a 2 gone"},
		{name: "a new series that comes to the same number", set: throttle(0), story: "1 a fail 5 gone \n 3 a fail 6 gone \n 5 a fail 5 gone \n 6", want: "1 log a 5 gone; 5 log a 5 gone"},
		{name: "the same failure seen again", story: "1 a fail 5 gone \n 3 a OL \n 5 a fail 5 stale \n 6", want: "1 log a 5 gone"},
		{name: "no reason given", set: throttle(0), story: "1 a fail 1 \n 3 a fail 2 \n 5", want: "1 log a 1 "},
	})
}

func TestPollFreq(t *testing.T) {
	for _, tt := range []struct {
		name, story string
		want        time.Duration
	}{
		{"nothing known", "0 a nil", 10 * time.Second},
		{"on line", "0 a OL \n 0 b OL", 10 * time.Second},
		{"one on battery", "0 a OB \n 0 b OL", 6 * time.Second},
		{"the other came back", "0 a OB \n 0 b OB \n 5 b OL", 6 * time.Second},
		{"both came back", "0 a OB \n 0 b OB \n 5 b OL \n 6 a OL", 10 * time.Second},
		{"silent since on battery", "0 a OB \n 5 a lost", 6 * time.Second},
		{"OBLBDURATION", "0 a OB LB", 2 * time.Second},
	} {
		cfg := config("a=1p b=1p")
		cfg.PollFreq, cfg.PollFreqAlert, cfg.LowBattery = 10*time.Second, 6*time.Second, 8*time.Second
		r := newRig(t, cfg)
		r.play(tt.story)
		if got := r.m.PollFreq(); got != tt.want {
			t.Errorf("%s: poll every %v, want %v", tt.name, got, tt.want)
		}
		if got := r.m.Next().Sub(r.now); got > tt.want {
			t.Errorf("%s: next step in %v", tt.name, got)
		}
	}
}

func TestShorter(t *testing.T) {
	for _, tt := range []struct{ poll, wait, want time.Duration }{
		{5 * time.Second, 10 * time.Second, 5 * time.Second},
		{5 * time.Second, 7 * time.Second, time.Second},
		{6 * time.Second, 4 * time.Second, 2 * time.Second},
		{5 * time.Second, 5001 * time.Millisecond, time.Second},
		{500 * time.Millisecond, 700 * time.Millisecond, 500 * time.Millisecond},
	} {
		if got := shorter(tt.poll, tt.wait); got != tt.want {
			t.Errorf("%v with %v: %v, want %v", tt.poll, tt.wait, got, tt.want)
		}
	}
}

func TestTypes(t *testing.T) {
	if typeCount != 32 {
		t.Errorf("%d kinds of notice, NUT has 32", typeCount)
	}
	seen := map[string]bool{}
	for typ := range typeCount {
		name := typ.String()
		if got, ok := ParseType(strings.ToLower(name)); !ok || got != typ || seen[name] {
			t.Errorf("%q is kind %d, or there twice", name, typ)
		}
		seen[name] = true
		if n := DefaultNotice(typ); n.Message == "" || n.Flags != Syslog|Wall {
			t.Errorf("%s is told as %+v", name, n)
		}
	}
	for _, typ := range pairs {
		if got := (typ + 1).String(); got != "NOT"+typ.String() {
			t.Errorf("after %s comes %s", typ, got)
		}
	}
	if _, ok := ParseType("what"); ok || typeCount.String() != "unknown" {
		t.Error("what is no kind of notice is taken for one")
	}
}

func TestMessage(t *testing.T) {
	for _, tt := range []struct{ template, want string }{
		{"", ""},
		{"plain", "plain"},
		{"UPS %s: [%s]", "UPS a@b: [Hot %s.]"},
		{"%s%s%s", "a@bHot %s.%s"},
		{"100%% of %s at 5% d%", "100% of a@b at 5% d%"},
	} {
		if got := (Notice{Message: tt.template}).message("a@b", "Hot %s."); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.template, got, tt.want)
		}
	}
}

// What NOTIFYMSG and NOTIFYFLAG say goes into the action.
func TestNotifyAction(t *testing.T) {
	cfg := config("ups@host=1p")
	cfg.Notices = map[Type]Notice{OnBattery: {"dark at %s", Exec}, TimeJump: {"%s late", 0}}
	r := newRig(t, cfg)
	r.play("0 ups@host OL")
	r.in.Jump = time.Minute
	r.ups[0].say([]string{"ups.alarm=Fan."})
	r.ups[0].say([]string{"ALARM", "OB"})
	got := r.step()
	want := []Action{
		Notify{TimeJump, "", "1m0s", "1m0s late", 0},
		Notify{Alarm, "ups@host", "Fan.", "UPS ups@host: alarm: [Fan.]", Syslog | Wall},
		Notify{OnBattery, "ups@host", "", "dark at ups@host", Exec},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
