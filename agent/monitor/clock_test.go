package monitor

import (
	"testing"
	"time"
)

// Sleep and clock, NUT-INVENTORY.md 4.8.
func TestSleepAndJumps(t *testing.T) {
	check(t, []rule{
		{name: "sleep and wake", story: "0 a OL \n 10 sleep \n 11 late 3600 \n 3612 wake \n 3613 a OL \n 3700", want: "10 SUSPEND_STARTING; 3612 SUSPEND_FINISHED"},
		{name: "sleep and wake with no time between", story: "0 a OL \n 10 sleep \n 10 wake \n 30", want: "10 SUSPEND_STARTING; 10 SUSPEND_FINISHED"},
		{name: "on battery before the sleep, nothing heard since", story: "0 a OB \n 10 a mute \n 10 sleep \n 11 late 3600 \n 3612 wake \n 3900", want: "0 ONBATT a; 10 SUSPEND_STARTING; 3612 SUSPEND_FINISHED"},
		{name: "on battery before the sleep, contact lost since", story: "0 a OB \n 10 sleep \n 11 late 3600 \n 3611 a lost \n 3612 wake \n 3900", want: "0 ONBATT a; 10 SUSPEND_STARTING; 3611 COMMBAD a; 3612 SUSPEND_FINISHED; 3612 COMMBAD a"},
		{name: "on battery before and after", story: "0 a OB \n 10 sleep \n 11 late 3600 \n 3612 wake \n 3613 a OB \n 3620 a lost \n 3636", want: "0 ONBATT a; 10 SUSPEND_STARTING; 3612 SUSPEND_FINISHED; 3613 ONBATT a; 3620 COMMBAD a; 3633.000000001 setfsd a; 3633.000000001 FSD a; 3633.000000001 SHUTDOWN"},
		{name: "low before and after", story: "0 a OL \n 10 sleep \n 11 late 3600 \n 3612 wake \n 3613 a OB LB \n 3614", want: "10 SUSPEND_STARTING; 3612 SUSPEND_FINISHED; 3613 ONBATT a; 3613 LOWBATT a; 3613 setfsd a; 3613 FSD a; 3613 SHUTDOWN"},
		{name: "off before the sleep: OFFDURATION starts anew", story: "0 a OL OFF \n 20 wake \n 20.5 a OFF OL \n 50", want: "0 OFF a; 20 SUSPEND_FINISHED; 20.5 OFF a"},
		{name: "NOCOMM starts anew", story: "0 a absent \n 290 wake \n 589", want: "0 COMMBAD a; 290 SUSPEND_FINISHED; 290 COMMBAD a"},
		{name: "FSD outlives the sleep", upses: "a=1s b=1s", story: "0 a FSD \n 10 wake \n 10 a lost \n 20 b FSD \n 21", want: "0 FSD a; 10 SUSPEND_FINISHED; 10 COMMBAD a; 20 FSD b; 20 SHUTDOWN"},
		{name: "REPLBATT is not repeated for a sleep", story: "0 a OL RB \n 10 wake \n 60", want: "0 REPLBATT a; 10 SUSPEND_FINISHED"},

		{name: "a jump is told", story: "0 a OL \n 10 late 60 \n 99", want: "70 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]"},
		{name: "a step that is somewhat late is no jump", story: "0 a OL \n 12 late 10 \n 99", want: ""},
		{name: "a jump that the caller saw", story: "0 a OL \n 10 jump -60 \n 99", want: "10 SUSPEND_TIMEJUMP_UNEXPECTED [-1m0s]"},
		{name: "a jump is not told of a sleep", story: "0 a OL \n 10 sleep \n 10 late 60 \n 99 wake \n 150 late 60 \n 250", want: "10 SUSPEND_STARTING; 99 SUSPEND_FINISHED; 210 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]"},
		{name: "a jump is not told of a wake", story: "0 a OL \n 10 late 60 \n 70 wake \n 99", want: "70 SUSPEND_FINISHED"},
		{name: "a clock set back", story: "0 a OL \n 60 late -30 \n 99", want: "30 SUSPEND_TIMEJUMP_UNEXPECTED [-30s]"},
		{name: "a clock set back a little", story: "0 a OL \n 60 late -5 \n 99", want: ""},
		{name: "a jump starts the silence anew", story: "0 a OB \n 10 a lost \n 18 late 60 \n 92 a OB \n 99", want: "0 ONBATT a; 10 COMMBAD a; 78 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]; 92 COMMOK a"},
		{name: "a jump starts the silence anew, and it goes on", story: "0 a OB \n 10 a lost \n 18 late 60 \n 94", want: "0 ONBATT a; 10 COMMBAD a; 78 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]; 93.000000001 setfsd a; 93.000000001 FSD a; 93.000000001 SHUTDOWN"},
		{name: "a host that is always late finds out that a UPS is dead", story: "0 a OB \n 5 a lost \n 6 late 60 \n 67 late 60 \n 128 late 60 \n 189 late 60 \n 250 late 60 \n 311", want: "0 ONBATT a; 5 COMMBAD a; 66 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]; 127 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]; 188 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]; 249 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]; 249 setfsd a; 249 FSD a; 249 SHUTDOWN; 310 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]; 310 POWEROFF; 310 EXIT"},
		{name: "each contact earns it again", story: "0 a OB \n 5 a lost \n 14 late 60 \n 80 a OB \n 81 a lost \n 92 late 60 \n 160 a OB \n 161", want: "0 ONBATT a; 5 COMMBAD a; 74 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]; 80 COMMOK a; 81 COMMBAD a; 152 SUSPEND_TIMEJUMP_UNEXPECTED [1m0s]; 160 COMMOK a"},
		{name: "time that jumped is not OFFDURATION", story: "0 a OL OFF \n 20 late 3600 \n 3623 a OL \n 3630", want: "0 OFF a; 3620 SUSPEND_TIMEJUMP_UNEXPECTED [1h0m0s]; 3623 NOTOFF a"},
		{name: "time that went back is not OFFDURATION either", story: "0 a OL OFF \n 20 late -15 \n 14 a OL OFF \n 16", want: "0 OFF a; 5 SUSPEND_TIMEJUMP_UNEXPECTED [-15s]; 15 setfsd a; 15 FSD a; 15 SHUTDOWN"},
	})
}

func TestClock(t *testing.T) {
	c := clock{started: true, next: forever}
	for _, tt := range []struct {
		name         string
		gone, skew   time.Duration
		jump, passed time.Duration
	}{
		{"on time", 5 * time.Second, 0, 0, 5 * time.Second},
		{"at the same time", 0, 0, 0, 0},
		{"late", 10 * time.Second, 0, 0, 10 * time.Second},
		{"too late", 11 * time.Second, 0, 11 * time.Second, 5 * time.Second},
		{"back a little", -5 * time.Second, 0, 0, 0},
		{"back", -6 * time.Second, 0, -6 * time.Second, 0},
		{"a clock set forward", 5 * time.Second, 6 * time.Second, 6 * time.Second, 5 * time.Second},
		{"a clock set back", 3 * time.Second, -6 * time.Second, -6 * time.Second, 3 * time.Second},
		{"a clock set a little", 3 * time.Second, 5 * time.Second, 0, 3 * time.Second},
		{"a sleep", time.Second, time.Hour, time.Hour, time.Second},
		{"a clock set while late", 10 * time.Second, time.Hour, time.Hour, 5 * time.Second},
	} {
		c.next = c.now + 5*time.Second
		if jump := c.pass(tt.gone, tt.skew); jump != tt.jump || c.passed != tt.passed {
			t.Errorf("%s: a jump of %v and %v passed, want %v and %v", tt.name, jump, c.passed, tt.jump, tt.passed)
		}
	}
}

// The times of time.Now, in which the wall clock and the monotonic one agree.
func TestRealTime(t *testing.T) {
	start := time.Now()
	c := clock{}
	c.advance(start)
	c.due(5 * time.Second)
	if jump := c.advance(start.Add(4 * time.Second)); jump != 0 || c.now != 4*time.Second {
		t.Errorf("a jump of %v, now at %v", jump, c.now)
	}
}

// A contact counts from when it was, as far as that can be.
func TestContactTime(t *testing.T) {
	for _, tt := range []struct {
		name    string
		contact time.Duration // after noon
		want    instant
	}{
		{"now", 10 * time.Second, 10 * time.Second},
		{"a while ago", 7 * time.Second, 7 * time.Second},
		{"before the last step", 2 * time.Second, 5 * time.Second},
		{"in the future", 99 * time.Second, 10 * time.Second},
	} {
		m, err := New(config("a=1p"))
		if err != nil {
			t.Fatal(err)
		}
		m.Step(noon, Input{})
		m.Step(noon.Add(5*time.Second), Input{})
		f := fake{}
		f.say([]string{"OL"})
		s := f.draft.Freeze("a", f.health, noon)
		m.Step(noon.Add(10*time.Second), Input{Readings: []Reading{{Name: "a", Snapshot: s, Contact: noon.Add(tt.contact)}, {Name: "who"}}})
		if got := m.upses[0].heard; got != tt.want {
			t.Errorf("%s: heard at %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Without a time of contact, that of the snapshot stands in.
func TestNoContactTime(t *testing.T) {
	m, err := New(config("a=1p"))
	if err != nil {
		t.Fatal(err)
	}
	f := fake{}
	f.say([]string{"OB", "LB"})
	s := f.draft.Freeze("a", f.health, noon)
	if got := m.Step(noon, Input{Readings: []Reading{{Name: "a", Snapshot: s}}}); len(got) == 0 {
		t.Error("a snapshot without a time of contact is not believed")
	}
}

func TestNext(t *testing.T) {
	m, err := New(config("a=1p"))
	if err != nil {
		t.Fatal(err)
	}
	if !m.Next().IsZero() {
		t.Errorf("before the first step, the next is at %v", m.Next())
	}
	m.Step(noon, Input{})
	if got := m.Next(); got != noon.Add(5*time.Second) {
		t.Errorf("next at %v", got)
	}
}

// Limits so long that they mean never do not come at once.
func TestForever(t *testing.T) {
	cfg := config("a=1p")
	const never = time.Duration(1<<63 - 1)
	cfg.DeadTime, cfg.LowBattery, cfg.NoCommWarn = never, never, never
	r := newRig(t, cfg)
	r.play("0 a OB LB \n 10 a lost \n 9999")
	if len(r.log) != 3 {
		t.Errorf("got %v", r.log)
	}
}
