package monitor

import (
	"testing"
	"time"
)

// The end of a primary with no secondaries, at t seconds and t plus FINALDELAY.
const (
	downAt10 = "10 setfsd a; 10 FSD a; 10 SHUTDOWN; 15 POWEROFF; 15 EXIT"
	downAt20 = "20 setfsd a; 20 FSD a; 20 SHUTDOWN; 25 POWEROFF; 25 EXIT"
)

// The rules of NUT-INVENTORY.md 4.3, by their numbers there.
func TestCritical(t *testing.T) {
	alarmOff := func(c *Config) { c.AlarmCritical = false }
	over7 := func(c *Config) { c.Over = 7 * time.Second }
	check(t, []rule{
		{name: "1 FSD in status", upses: "a=1s", story: "0 a OL \n 10 a FSD OL \n 30", want: "10 FSD a; 10 SHUTDOWN; 15 POWEROFF; 15 EXIT", why: "a: forced shutdown"},
		{name: "1 FSD on mains is enough for a primary", story: "0 a OL \n 10 a FSD OL \n 30", want: "10 FSD a; 10 setfsd a; 10 SHUTDOWN; 15 POWEROFF; 15 EXIT"},
		{name: "1 FSD by the latch", upses: "a=1s", story: "0 a OL \n 10 a forced \n 30", want: "10 FSD a; 10 SHUTDOWN; 15 POWEROFF; 15 EXIT"},
		{name: "1 FSD while the server waits for its driver", upses: "a=1s", story: "0 a OL \n 10 a FSD WAIT \n 30", want: "10 FSD a; 10 SHUTDOWN; 15 POWEROFF; 15 EXIT"},
		{name: "1 FSD while waiting", upses: "a=1s", story: "0 a FSD \n 0 a wait \n 10", want: "0 FSD a; 0 SHUTDOWN; 5 POWEROFF; 5 EXIT"},
		{name: "1 FSD in stale facts is old", upses: "a=1s", story: "0 a FSD \n 0 a lost \n 10", want: "0 COMMBAD a"},
		{name: "1 FSD latch of a UPS never reached", upses: "a=1s", story: "0 a forced \n 10", want: "0 FSD a; 0 SHUTDOWN; 5 POWEROFF; 5 EXIT"},
		{name: "2 silence after trim", story: "0 a OL TRIM \n 10 a lost \n 60", want: "0 TRIM a; 10 COMMBAD a"},
		{name: "2 silence after boost", story: "0 a OL BOOST \n 10 a lost \n 60", want: "0 BOOST a; 10 COMMBAD a"},
		{name: "3 silence after overload, off by default", story: "0 a OL OVER \n 10 a lost \n 60", want: "0 OVER a; 10 COMMBAD a"},
		{name: "3 silence after overload", set: over7, story: "0 a OL \n 8 a OL OVER \n 10 a lost \n 60", want: "8 OVER a; 10 COMMBAD a; 15 setfsd a; 15 FSD a; 15 SHUTDOWN; 20 POWEROFF; 20 EXIT", why: "a: silent after overload"},
		{name: "3 silence after overload that ended", set: over7, story: "0 a OL OVER \n 8 a OL \n 10 a lost \n 60", want: "0 OVER a; 8 NOTOVER a; 10 COMMBAD a"},
		{name: "3 overload with contact", set: over7, story: "0 a OL OVER \n 60", want: "0 OVER a"},
		{name: "3 silence after overload at once", set: func(c *Config) { c.Over = 0 }, story: "0 a OL OVER \n 10 a lost \n 60", want: "0 OVER a; 10 COMMBAD a; " + downAt10},
		{name: "4 silence after alarm", story: "0 a OL ALARM \n 10 a lost \n 60", want: "0 ALARM a; 10 COMMBAD a; " + downAt10, why: "a: silent after alarm"},
		{name: "4 silence after alarm, not critical", set: alarmOff, story: "0 a OL ALARM \n 10 a lost \n 60", want: "0 ALARM a; 10 COMMBAD a"},
		{name: "4 alarm with contact", story: "0 a OL ALARM \n 60", want: "0 ALARM a"},
		{name: "4 silence after an alarm that ended", story: "0 a OL ALARM \n 5 a OL \n 10 a lost \n 60", want: "0 ALARM a; 5 NOTALARM a; 10 COMMBAD a"},
		{name: "5 silence while calibrating", story: "0 a OL CAL \n 10 a lost \n 60", want: "0 CAL a; 10 COMMBAD a; " + downAt10, why: "a: silent while calibrating"},
		{name: "6 silence on bypass", story: "0 a OL BYPASS \n 10 a absent \n 60", want: "0 BYPASS a; 10 COMMBAD a; " + downAt10, why: "a: silent on bypass"},
		{name: "7 silence after off", story: "0 a OL OFF \n 10 a lost \n 60", want: "0 OFF a; 10 COMMBAD a; " + downAt10, why: "a: silent after being switched off"},
		{name: "7 and 8 are off with OFFDURATION under zero", set: func(c *Config) { c.Off = -1 }, story: "0 a OL OFF \n 50 a lost \n 90", want: "0 OFF a; 50 COMMBAD a"},
		{name: "7 silence after off, at once", set: func(c *Config) { c.Off = 0 }, story: "0 a OL OFF \n 60", want: "0 OFF a; 0 setfsd a; 0 FSD a; 0 SHUTDOWN; 5 POWEROFF; 5 EXIT"},
		{name: "7 is told apart from 8", upses: "a=1s b=1s", set: func(c *Config) { c.Off = 0 }, story: "0 a OL OFF \n 5 a lost \n 10 b OL OFF \n 12", want: "0 OFF a; 5 COMMBAD a; 10 OFF b; 10 SHUTDOWN", why: "a: silent after being switched off; b: switched off"},
		{name: "8 off for OFFDURATION", story: "0 a OL OFF \n 60", want: "0 OFF a; 30 setfsd a; 30 FSD a; 30 SHUTDOWN; 35 POWEROFF; 35 EXIT", why: "a: switched off"},
		{name: "8 off, and on again in time", story: "0 a OL OFF \n 29 a OL \n 31 a OL OFF \n 50 a OL \n 90", want: "0 OFF a; 29 NOTOFF a; 31 OFF a; 50 NOTOFF a"},
		{name: "9 OB alone", story: "0 a OL \n 5 a OB \n 999", want: "5 ONBATT a"},
		{name: "9 LB alone", story: "0 a OL \n 5 a OL LB \n 999", want: "5 LOWBATT a"},
		{name: "9 LB alone, then silence", story: "0 a OL LB \n 5 a lost \n 99", want: "0 LOWBATT a; 5 COMMBAD a"},
		{name: "10 calibrating", story: "0 a OB LB CAL \n 60", want: "0 ONBATT a; 0 LOWBATT a; 0 CAL a"},
		{name: "10 calibrating ends on battery", story: "0 a OB LB CAL \n 10 a OB LB \n 60", want: "0 ONBATT a; 0 LOWBATT a; 0 CAL a; 10 NOTCAL a; " + downAt10},
		{name: "10 calibrating ends on battery, with OBLBDURATION", set: func(c *Config) { c.LowBattery = 10 * time.Second }, story: "0 a OB LB CAL \n 10 a OB LB \n 60", want: "0 ONBATT a; 0 LOWBATT a; 0 CAL a; 10 NOTCAL a; " + downAt20},
		{name: "11 OBLBDURATION", set: func(c *Config) { c.LowBattery = 12 * time.Second }, story: "0 a OL \n 8 a OB LB \n 60", want: "8 ONBATT a; 8 LOWBATT a; " + downAt20},
		{name: "11 OBLBDURATION starts anew", set: func(c *Config) { c.LowBattery = 10 * time.Second }, story: "0 a OB LB \n 9 a OB \n 10 a OB LB \n 60", want: "0 ONBATT a; 0 LOWBATT a; 10 LOWBATT a; " + downAt20},
		{name: "12 primary", story: "0 a OL \n 10 a OB LB \n 60", want: "10 ONBATT a; 10 LOWBATT a; " + downAt10, why: "a: on battery and low"},
		{name: "13 secondary, and a primary that does nothing", upses: "a=1s", story: "0 a OL \n 10 a OB LB \n 60", want: "10 ONBATT a; 10 LOWBATT a; 25.000000001 SHUTDOWN; 30.000000001 POWEROFF; 30.000000001 EXIT", why: "a: on battery and low, and the primary does nothing"},
		{name: "13 secondary, and FSD comes", upses: "a=1s", story: "0 a OL \n 10 a OB LB \n 13 a FSD OB LB \n 60", want: "10 ONBATT a; 10 LOWBATT a; 13 FSD a; 13 SHUTDOWN; 18 POWEROFF; 18 EXIT"},
		{name: "13 secondary, and power comes back", upses: "a=1s", story: "0 a OL \n 10 a OB LB \n 25 a OL \n 26 a OB LB \n 40 a OL \n 60", want: "10 ONBATT a; 10 LOWBATT a; 25 ONLINE a; 26 ONBATT a; 26 LOWBATT a; 40 ONLINE a"},
		{name: "13 HOSTSYNC and OBLBDURATION run side by side", upses: "a=1s", set: func(c *Config) { c.LowBattery = 20 * time.Second }, story: "0 a OL \n 10 a OB LB \n 60", want: "10 ONBATT a; 10 LOWBATT a; 30 SHUTDOWN; 35 POWEROFF; 35 EXIT"},
		{name: "FSD does not reset the patience of a secondary", upses: "a=1s b=1s", story: "0 a OB LB \n 5 a FSD OL \n 60 a OB LB \n 70 b FSD OL \n 71", want: "0 ONBATT a; 0 LOWBATT a; 5 FSD a; 5 ONLINE a; 60 ONBATT a; 60 LOWBATT a; 70 FSD b"},
	})
}

func TestSilence(t *testing.T) {
	check(t, []rule{
		{name: "on line is no reason", story: "0 a OL \n 10 a lost \n 299", want: "10 COMMBAD a"},
		{name: "on battery, DEADTIME", story: "0 a OL \n 5 a OB \n 10 a lost \n 60", want: "5 ONBATT a; 10 COMMBAD a; 20.000000001 setfsd a; 20.000000001 FSD a; 20.000000001 SHUTDOWN; 25.000000001 POWEROFF; 25.000000001 EXIT", why: "a: on battery and low"},
		{name: "on battery, back within DEADTIME", story: "0 a OB \n 10 a lost \n 20 a OB \n 30 a lost \n 40 a OB \n 60", want: "0 ONBATT a; 10 COMMBAD a; 20 COMMOK a; 30 COMMBAD a; 40 COMMOK a"},
		{name: "on battery, and a poller that hangs", story: "0 a OB \n 10 a mute \n 60", want: "0 ONBATT a; 20.000000001 setfsd a; 20.000000001 FSD a; 20.000000001 SHUTDOWN; 25.000000001 POWEROFF; 25.000000001 EXIT"},
		{name: "on battery, and a driver that never gets ready", story: "0 a OB \n 10 a wait \n 30", want: "0 ONBATT a; 20.000000001 setfsd a; 20.000000001 FSD a; 20.000000001 SHUTDOWN; 25.000000001 POWEROFF; 25.000000001 EXIT"},
		{name: "a secondary waits DEADTIME and HOSTSYNC at once", upses: "a=1s", story: "0 a OB \n 10 a lost \n 99", want: "0 ONBATT a; 10 COMMBAD a; 20.000000001 SHUTDOWN; 25.000000001 POWEROFF; 25.000000001 EXIT"},
		{name: "never seen counts as there", story: "0 a absent \n 299", want: "0 COMMBAD a"},
		{name: "not tried yet is no news", story: "0 a nil \n 299", want: ""},
		{name: "an empty status is silence", story: "0 a OB \n 5 a \"\" \n 8", want: "0 ONBATT a; 5 COMMBAD a"},
		{name: "LostTime", set: func(c *Config) { c.LostTime = 10 * time.Second }, story: "0 a OL BYPASS \n 5 a lost \n 9 a OL BYPASS \n 10 a lost \n 40", want: "0 BYPASS a; 5 COMMBAD a; 9 COMMOK a; 10 COMMBAD a; " + downAt20},
		{name: "a status without OL and OB leaves the power as it was", story: "0 a OB \n 10 a DISCHRG \n 20 a LB \n 25", want: "0 ONBATT a; 20 LOWBATT a; " + downAt20},
		{name: "the last of OL and OB counts", story: "0 a OL OB LB \n 3", want: "0 ONBATT a; 0 LOWBATT a; 0 setfsd a; 0 FSD a; 0 SHUTDOWN"},
		{name: "the last of OB and OL counts", story: "0 a OB OL LB \n 3 a OB OL LB \n 99", want: "0 LOWBATT a"},
	})
}

func TestSupplies(t *testing.T) {
	two := func(c *Config) { c.MinSupplies = 2 }
	down := "10 ONBATT a; 10 LOWBATT a; 10 setfsd a; 10 setfsd b; 10 FSD a; 10 FSD b; 10 SHUTDOWN"
	check(t, []rule{
		{name: "one of two is enough", upses: "a=1p b=1p", story: "0 a OL \n 0 b OL \n 10 a OB LB \n 999", want: "10 ONBATT a; 10 LOWBATT a"},
		{name: "two are needed", upses: "a=1p b=1p", set: two, story: "0 a OL \n 0 b OL \n 10 a OB LB \n 12", want: down},
		{name: "a power value of two is as good", upses: "a=1p b=2p", set: two, story: "0 a OL \n 0 b OL \n 10 a OB LB \n 12", want: "10 ONBATT a; 10 LOWBATT a"},
		{name: "both go", upses: "a=1p b=1p", story: "0 a OL \n 0 b OL \n 5 b OB LB \n 10 a OB LB \n 12", want: "5 ONBATT b; 5 LOWBATT b; " + down, why: "a: on battery and low; b: on battery and low"},
		{name: "one that was never seen counts", upses: "a=1p b=1p", story: "0 a OL \n 0 b absent \n 10 a OB LB \n 99", want: "0 COMMBAD b; 10 ONBATT a; 10 LOWBATT a"},
		{name: "monitor only", upses: "a=1p b=0p", story: "0 a OL \n 0 b OB LB \n 99", want: "0 ONBATT b; 0 LOWBATT b"},
		{name: "monitor only is forced all the same", upses: "a=1p b=0p", story: "0 a OL \n 0 b OL \n 10 a OB LB \n 12", want: down},
		{name: "none are needed", upses: "a=0p", set: func(c *Config) { c.MinSupplies = 0 }, story: "0 a OB LB \n 99", want: "0 ONBATT a; 0 LOWBATT a"},
		{name: "a secondary of one, the primary of the other", upses: "a=1s b=1p", story: "0 b OB LB \n 10 a FSD OB LB \n 12", want: "0 ONBATT b; 0 LOWBATT b; 10 FSD a; 10 ONBATT a; 10 LOWBATT a; 10 setfsd b; 10 FSD b; 10 SHUTDOWN"},
		{name: "FSD ends, where another was enough", upses: "a=1s b=1s", story: "0 a FSD OL \n 10 a OL \n 20 b FSD OL \n 30", want: "0 FSD a; 20 FSD b"},
		{name: "FSD is remembered in silence", upses: "a=1s b=1s", story: "0 a FSD OL \n 10 a lost \n 20 b FSD OL \n 22", want: "0 FSD a; 10 COMMBAD a; 20 FSD b; 20 SHUTDOWN"},
	})
}

func TestLimits(t *testing.T) {
	limit := func(l Limits) func(*Config) {
		return func(c *Config) { c.UPSes[0].Limits = l }
	}
	check(t, []rule{
		{name: "charge", upses: "a=1s", set: limit(Limits{Charge: 40}), story: "0 a battery.charge=41 \n 0 a OB \n 10 a battery.charge=40 \n 12", want: "0 ONBATT a; 10 SHUTDOWN", why: "a: charge at its limit"},
		{name: "charge on line", set: limit(Limits{Charge: 40}), story: "0 a battery.charge=10 \n 0 a OL \n 12", want: ""},
		{name: "charge while calibrating", set: limit(Limits{Charge: 40}), story: "0 a battery.charge=10 \n 0 a OB CAL \n 12", want: "0 ONBATT a; 0 CAL a"},
		{name: "charge unknown", set: limit(Limits{Charge: 40}), story: "0 a OB \n 12", want: "0 ONBATT a"},
		{name: "no limits", story: "0 a OB \n 0 a battery.charge=1 \n 0 a battery.charge.low=10 \n 0 a battery.runtime=1 \n 0 a battery.runtime.low=10 \n 99", want: "0 ONBATT a"},
		{name: "runtime", set: limit(Limits{Runtime: time.Minute}), story: "0 a battery.runtime=61 \n 0 a OB \n 10 a battery.runtime=60 \n 12", want: "0 ONBATT a; 10 setfsd a; 10 FSD a; 10 SHUTDOWN", why: "a: runtime at its limit"},
		{name: "time on battery", set: limit(Limits{OnBattery: 5 * time.Minute}), story: "0 a OB \n 299 a OL \n 300 a OB \n 700", want: "0 ONBATT a; 299 ONLINE a; 300 ONBATT a; 600 setfsd a; 600 FSD a; 600 SHUTDOWN; 605 POWEROFF; 605 EXIT", why: "a: time on battery at its limit"},
	})
}

func TestAgree(t *testing.T) {
	agree := func(a Agree) func(*Config) {
		a.On = true
		return func(c *Config) { c.UPSes[0].Agree = a }
	}
	low := "0 ONBATT a; 0 LOWBATT a"
	check(t, []rule{
		{name: "the charge disagrees", set: agree(Agree{Charge: 20}), story: "0 a battery.charge=90 \n 0 a battery.charge.low=100 \n 0 a OB LB \n 99", want: low},
		{name: "the charge agrees", set: agree(Agree{Charge: 20}), story: "0 a battery.charge=90 \n 0 a OB LB \n 10 a battery.charge=20 \n 60", want: low + "; " + downAt10},
		{name: "the UPS's own threshold", set: agree(Agree{}), story: "0 a battery.charge=21 \n 0 a battery.charge.low=20 \n 0 a OB LB \n 10 a battery.charge=20 \n 60", want: low + "; " + downAt10},
		{name: "the runtime agrees", set: agree(Agree{Runtime: time.Minute}), story: "0 a battery.charge=90 \n 0 a battery.charge.low=20 \n 0 a battery.runtime=99 \n 0 a OB LB \n 10 a battery.runtime=60 \n 60", want: low + "; " + downAt10},
		{name: "a runtime that disagrees, no charge", set: agree(Agree{Runtime: time.Minute}), story: "0 a battery.runtime=99 \n 0 a OB LB \n 60", want: low},
		{name: "nothing to disagree with", set: agree(Agree{Charge: 20}), story: "0 a OB LB \n 10", want: low + "; 0 setfsd a; 0 FSD a; 0 SHUTDOWN; 5 POWEROFF; 5 EXIT"},
		{name: "figures without LB are not enough", set: agree(Agree{Charge: 20}), story: "0 a battery.charge=5 \n 0 a OB \n 60", want: "0 ONBATT a"},
		{name: "for some time", set: agree(Agree{Charge: 20, For: 10 * time.Second}), story: "0 a battery.charge=5 \n 0 a OB LB \n 5 a battery.charge=90 \n 10 a battery.charge=5 \n 60", want: low + "; " + downAt20},
		{name: "the time runs on battery only", set: agree(Agree{Charge: 20, For: 10 * time.Second}), story: "0 a battery.charge=5 \n 0 a OL \n 10 a OB LB \n 60", want: "10 ONBATT a; 10 LOWBATT a; " + downAt20},
		{name: "not asked for", set: func(c *Config) { c.UPSes[0].Agree = Agree{Charge: 20, For: time.Hour} }, story: "0 a battery.charge=90 \n 0 a OB LB \n 3", want: low + "; 0 setfsd a; 0 FSD a; 0 SHUTDOWN"},
		{name: "silence does not wait for it", set: agree(Agree{Charge: 20}), story: "0 a battery.charge=90 \n 0 a OB \n 5 a lost \n 18", want: "0 ONBATT a; 5 COMMBAD a; 15.000000001 setfsd a; 15.000000001 FSD a; 15.000000001 SHUTDOWN"},
		{name: "FSD does not wait for it", set: agree(Agree{Charge: 20}), story: "0 a battery.charge=90 \n 0 a FSD OB LB \n 3", want: "0 FSD a; 0 ONBATT a; 0 LOWBATT a; 0 setfsd a; 0 SHUTDOWN"},
	})
}
