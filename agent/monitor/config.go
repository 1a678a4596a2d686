package monitor

import (
	"fmt"
	"time"
)

// Config is what upsmon.conf says about decisions. Start from [Defaults]: the
// zero Config needs no supplies and never shuts down of its own accord.
type Config struct {
	UPSes       []UPS
	MinSupplies int // MINSUPPLIES: the power values that must add up

	PollFreq      time.Duration // POLLFREQ
	PollFreqAlert time.Duration // POLLFREQALERT: while a UPS is on battery

	HostSync   time.Duration // HOSTSYNC: a primary's wait for its secondaries, a secondary's for its primary
	FinalDelay time.Duration // FINALDELAY: from the SHUTDOWN notice to the command
	DeadTime   time.Duration // DEADTIME: silent for longer and last on battery is dead

	ReplaceWarn time.Duration // RBWARNTIME: REPLBATT is told again after this; 0 for once
	NoCommWarn  time.Duration // NOCOMMWARNTIME: NOCOMM comes after this, and again; 0 for never
	LogPollFail int           // POLLFAIL_LOG_THROTTLE_MAX: one of so many; 0 changes only, negative all

	Off           time.Duration // OFFDURATION: OFF for so long is critical; negative for never
	Over          time.Duration // OVERDURATION: silent after OVER for so long is critical; negative for never
	LowBattery    time.Duration // OBLBDURATION: how long OB and LB must last
	AlarmCritical bool          // ALARMCRITICAL: silence after ALARM is critical

	// ShutdownExit is how long to stay after the command was given
	// (SHUTDOWNEXIT): 0 for "yes", negative for "no".
	ShutdownExit time.Duration

	// Notices holds what NOTIFYMSG and NOTIFYFLAG changed; see [DefaultNotice].
	Notices map[Type]Notice

	// LostTime is ours: how long contact must have been lost before silence
	// counts against a UPS that was overloaded, in alarm, calibrating,
	// bypassed or off. 0, as in NUT, for the first poll that fails.
	LostTime time.Duration
}

// UPS is one MONITOR line: a UPS to watch.
type UPS struct {
	Name    string // as in the file, "ups@host": what it is called in every notice
	Value   int    // how many of this host's supplies it feeds; 0 to watch only
	Primary bool   // this host manages the UPS, and goes down last

	Limits Limits // ours: shut down earlier than the UPS asks
	Agree  Agree  // ours: do not believe LB alone
}

// Limits make a UPS critical while it is on battery and not calibrating, with
// or without LB, for primary and secondary at once. Zero fields limit nothing.
type Limits struct {
	Charge    float64       // critical at or under this battery.charge in percent
	Runtime   time.Duration // critical at or under this battery.runtime
	OnBattery time.Duration // critical after so long on battery
}

// Agree makes OB with LB count only while the battery's own figures say so too:
// the charge or the runtime is at or under its threshold, for some time. A
// figure that the UPS does not give cannot disagree. Neither FSD nor the
// silence of a UPS that was on battery waits for it.
type Agree struct {
	On      bool
	Charge  float64       // percent; 0 for battery.charge.low
	Runtime time.Duration // 0 for battery.runtime.low
	For     time.Duration // how long they must have agreed
}

// Defaults returns upsmon's defaults, with no UPS to watch.
func Defaults() Config {
	return Config{
		MinSupplies:   1,
		PollFreq:      5 * time.Second,
		PollFreqAlert: 5 * time.Second,
		HostSync:      15 * time.Second,
		FinalDelay:    5 * time.Second,
		DeadTime:      15 * time.Second,
		ReplaceWarn:   12 * time.Hour,
		NoCommWarn:    5 * time.Minute,
		LogPollFail:   -1,
		Off:           30 * time.Second,
		Over:          -1,
		AlarmCritical: true,
	}
}

// Check tells what makes c impossible to work with. A Machine takes no other.
func (c *Config) Check() error {
	seen := make(map[string]bool, len(c.UPSes))
	total := 0
	for _, u := range c.UPSes {
		switch {
		case u.Name == "":
			return fmt.Errorf("monitor: UPS without a name")
		case seen[u.Name]:
			return fmt.Errorf("monitor %s: UPS is there twice", u.Name)
		case u.Value < 0:
			return fmt.Errorf("monitor %s: power value %d is negative", u.Name, u.Value)
		}
		seen[u.Name] = true
		total += u.Value
	}
	if total < c.MinSupplies {
		return fmt.Errorf("minimum supplies: %d are needed, all UPSes together feed %d", c.MinSupplies, total)
	}
	if c.PollFreq <= 0 || c.PollFreqAlert <= 0 {
		return fmt.Errorf("poll period: %v and %v on battery, both must be above zero", c.PollFreq, c.PollFreqAlert)
	}
	return nil
}
