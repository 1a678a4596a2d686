package monitor

import (
	"strings"
	"testing"
	"time"
)

// The forced shutdown of NUT-INVENTORY.md 4.5.
func TestShutdown(t *testing.T) {
	exit := func(d time.Duration) func(*Config) { return func(c *Config) { c.ShutdownExit = d } }
	check(t, []rule{
		{name: "by the operator, primary", upses: "a=1p b=1p c=1s", story: "0 a OL \n 0 b OL \n 0 c OL \n 10 force \n 60", want: "10 setfsd a; 10 setfsd b; 10 FSD a; 10 FSD b; 10 SHUTDOWN; 15 POWEROFF; 15 EXIT", why: "forced by the operator"},
		{name: "by the operator, secondary", upses: "a=1s", story: "0 a OL \n 10 force \n 60", want: "10 SHUTDOWN; 15 POWEROFF; 15 EXIT"},
		{name: "by the operator, at once and with nothing known", story: "0 force \n 60", want: "0 setfsd a; 0 FSD a; 0 SHUTDOWN; 5 POWEROFF; 5 EXIT"},
		{name: "by the operator, twice", story: "0 a OL \n 10 force \n 12 force \n 60", want: "10 setfsd a; 10 FSD a; 10 SHUTDOWN; 15 POWEROFF; 15 EXIT"},
		{name: "power that comes back does not end it", upses: "a=1p b=1s", set: func(c *Config) { c.MinSupplies = 2 }, story: "0 b OL \n 0 a OB LB \n 1 a OL \n 2 b lost \n 60", want: "0 ONBATT a; 0 LOWBATT a; 0 setfsd a; 0 FSD a; 0 SHUTDOWN; 5 POWEROFF; 5 EXIT"},
		{name: "secondaries leave", story: "0 a OL \n 0 a logins 3 \n 10 force \n 14 a logins 2 \n 17 a logins 1 \n 60", want: "10 setfsd a; 10 FSD a; 10 SHUTDOWN_HOSTSYNC; 17 SHUTDOWN; 22 POWEROFF; 22 EXIT"},
		{name: "secondaries never leave", story: "0 a OL \n 0 a logins 2 \n 10 force \n 60", want: "10 setfsd a; 10 FSD a; 10 SHUTDOWN_HOSTSYNC; 25 SHUTDOWN; 30 POWEROFF; 30 EXIT"},
		{name: "the most of all primaries counts", upses: "a=1p b=1p c=1s", story: "0 a logins 1 \n 0 b logins 2 \n 0 c logins 9 \n 10 force \n 15 b logins 1 \n 60", want: "10 setfsd a; 10 setfsd b; 10 FSD a; 10 FSD b; 10 SHUTDOWN_HOSTSYNC; 15 SHUTDOWN; 20 POWEROFF; 20 EXIT"},
		{name: "the answer is not in yet", story: "0 a logins 0 \n 10 force \n 12 a logins 1 \n 60", want: "10 setfsd a; 10 FSD a; 12 SHUTDOWN; 17 POWEROFF; 17 EXIT"},
		{name: "one answer is not in yet", upses: "a=1p b=1p", story: "0 b logins 0 \n 10 force \n 12 b logins 2 \n 14 b logins 1 \n 60", want: "10 setfsd a; 10 setfsd b; 10 FSD a; 10 FSD b; 12 SHUTDOWN_HOSTSYNC; 14 SHUTDOWN; 19 POWEROFF; 19 EXIT"},
		{name: "the answer never comes", story: "0 a logins 0 \n 10 force \n 60", want: "10 setfsd a; 10 FSD a; 25 SHUTDOWN; 30 POWEROFF; 30 EXIT"},
		{name: "HOSTSYNC and FINALDELAY of 0", set: func(c *Config) { c.HostSync, c.FinalDelay = 0, 0 }, story: "0 a logins 2 \n 10 force \n 60", want: "10 setfsd a; 10 FSD a; 10 SHUTDOWN; 10 POWEROFF; 10 EXIT"},
		{name: "SHUTDOWNEXIT no", set: exit(-1), story: "0 a OL \n 10 force \n 9999", want: "10 setfsd a; 10 FSD a; 10 SHUTDOWN; 15 POWEROFF"},
		{name: "SHUTDOWNEXIT 30", set: exit(30 * time.Second), story: "0 a OL \n 10 force \n 60", want: "10 setfsd a; 10 FSD a; 10 SHUTDOWN; 15 POWEROFF; 45 EXIT"},
		{name: "nobody is told of UPSes any more", set: exit(-1), story: "0 a OL \n 10 force \n 11 a fail 1 gone \n 12 a OB LB \n 13 a lost \n 400", want: "10 setfsd a; 10 FSD a; 10 SHUTDOWN; 15 POWEROFF"},
		{name: "FSD that the server has already is not told twice", story: "0 a OL \n 10 a FSD OL \n 11", want: "10 FSD a; 10 setfsd a; 10 SHUTDOWN"},
		{name: "a jump does not stop it", story: "0 a logins 2 \n 10 force \n 12 late 3600 \n 3650", want: "10 setfsd a; 10 FSD a; 10 SHUTDOWN_HOSTSYNC; 3612 SUSPEND_TIMEJUMP_UNEXPECTED [1h0m0s]; 3624.75 SHUTDOWN; 3629.75 POWEROFF; 3629.75 EXIT"},
		{name: "a sleep does not stop it", story: "0 a logins 2 \n 10 force \n 12 sleep \n 12 late 3600 \n 3613 wake \n 3650", want: "10 setfsd a; 10 FSD a; 10 SHUTDOWN_HOSTSYNC; 12 SUSPEND_STARTING; 3613 SUSPEND_FINISHED; 3624.75 SHUTDOWN; 3629.75 POWEROFF; 3629.75 EXIT"},
	})
}

// The number of logins is asked for each 250 ms, however often the Machine is stepped.
func TestQueryLogins(t *testing.T) {
	r := newRig(t, config("a=1p b=1p c=1s"))
	r.play("0 a logins 2 \n 10 force \n 10.1 a OL \n 10.2 a OL \n 10.3 a OL \n 11.1 a OL")
	if want := 2 * 5; r.asked != want {
		t.Errorf("asked %d times, want %d", r.asked, want)
	}
}

func TestAfterExit(t *testing.T) {
	r := newRig(t, config("a=1p"))
	r.play("0 force \n 6")
	r.in.Force, r.in.Wake, r.orphan = true, true, true
	if got := r.step(); got != nil || !r.m.Next().IsZero() {
		t.Errorf("after Exit: %v, next at %v", got, r.m.Next())
	}
}

func TestReload(t *testing.T) {
	check(t, []rule{
		{name: "UPSes that stay are remembered", upses: "a=1p b=1p", reload: func(c *Config) {
			c.UPSes = []UPS{c.UPSes[1], {Name: "c", Value: 1}}
		}, story: "0 a OL \n 0 b OB \n 5 reload \n 6 b OB LB \n 7 c OL \n 8 a OB \n 9 c OB", want: "0 ONBATT b; 6 LOWBATT b; 9 ONBATT c"},
		{name: "times go on", upses: "a=1p", reload: func(c *Config) { c.FinalDelay = time.Second }, story: "0 a OL OFF \n 20 reload \n 60", want: "0 OFF a; 30 setfsd a; 30 FSD a; 30 SHUTDOWN; 31 POWEROFF; 31 EXIT"},
		{name: "a UPS that was dropped and comes back is new", upses: "a=1p b=1p", reload: func(c *Config) {
			c.UPSes = append(c.UPSes[:1:1], config("b=1p").UPSes[len(c.UPSes)-1:]...)
		}, story: "0 b OB \n 5 reload \n 6 reload \n 7", want: "0 ONBATT b; 6 ONBATT b"},
		{name: "a power value that changes counts at once", reload: func(c *Config) {
			c.UPSes[0].Value, c.UPSes[1].Value = 0, 1
		}, upses: "a=1p b=0p", story: "0 a OL \n 0 b OB LB \n 5 reload \n 6", want: "0 ONBATT b; 0 LOWBATT b; 5 setfsd a; 5 setfsd b; 5 FSD a; 5 FSD b; 5 SHUTDOWN"},
		{name: "silence of a UPS that is new starts then", reload: func(c *Config) {
			c.UPSes = append(c.UPSes, UPS{Name: "c"})
		}, story: "0 a OL \n 290 reload \n 290 c absent \n 591", want: "290 COMMBAD c; 585 NOCOMM c"},
		{name: "what would shut down for want of UPSes is refused", reload: func(c *Config) { c.UPSes = nil }, story: "0 a OL \n 5 reload \n 60", want: "5 minimum supplies: 1 are needed, all UPSes together feed 0"},
		{name: "not during a shutdown", reload: func(*Config) {}, story: "0 a logins 2 \n 5 force \n 6 reload \n 7", want: "5 setfsd a; 5 FSD a; 5 SHUTDOWN_HOSTSYNC; 6 reload: shutdown is under way"},
	})
}

func TestConfigCheck(t *testing.T) {
	for _, tt := range []struct {
		upses string
		set   func(*Config)
		want  string
	}{
		{"a=1p", func(*Config) {}, ""},
		{"a=1p b=0s", func(*Config) {}, ""},
		{"", func(c *Config) { c.MinSupplies = 0 }, ""},
		{"", func(*Config) {}, "minimum supplies"},
		{"a=0p", func(*Config) {}, "minimum supplies"},
		{"a=1p a=1s", func(*Config) {}, "monitor a: UPS is there twice"},
		{"=1p", func(*Config) {}, "without a name"},
		{"a=1p b=-1p", func(*Config) {}, "negative"},
		{"a=1p", func(c *Config) { c.PollFreq = 0 }, "poll period"},
		{"a=1p", func(c *Config) { c.PollFreqAlert = 0 }, "poll period"},
	} {
		cfg := config(tt.upses)
		tt.set(&cfg)
		m, err := New(cfg)
		switch {
		case tt.want == "" && (err != nil || m == nil):
			t.Errorf("%q: %v", tt.upses, err)
		case tt.want != "" && (err == nil || m != nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%q: %v, want %q", tt.upses, err, tt.want)
		}
	}
}
