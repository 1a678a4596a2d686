package monitor

import (
	"strings"
)

// Type is a kind of notice, one of the 32 of upsmon.
type Type uint8

// The kinds of notice. A kind and its opposite stand side by side.
const (
	Online Type = iota
	OnBattery
	LowBattery
	Forced
	CommOK
	CommBad
	Shutdown
	ShutdownHostSync
	ReplaceBattery
	NoComm
	NoParent
	Calibrating
	NotCalibrating
	Off
	NotOff
	Overload
	NotOverload
	Trim
	NotTrim
	Boost
	NotBoost
	Bypass
	NotBypass
	Eco
	NotEco
	Alarm
	NotAlarm
	Other
	NotOther
	SuspendStarting
	SuspendFinished
	TimeJump
	typeCount
)

// types names each kind as NOTIFYMSG does, with what it says unless told
// otherwise. Those of NUT 2.8.0 keep its words, which scripts look for.
var types = [typeCount]struct{ name, message string }{
	Online:           {"ONLINE", "UPS %s on line power"},
	OnBattery:        {"ONBATT", "UPS %s on battery"},
	LowBattery:       {"LOWBATT", "UPS %s battery is low"},
	Forced:           {"FSD", "UPS %s: forced shutdown in progress"},
	CommOK:           {"COMMOK", "Communications with UPS %s established"},
	CommBad:          {"COMMBAD", "Communications with UPS %s lost"},
	Shutdown:         {"SHUTDOWN", "Auto logout and shutdown proceeding"},
	ShutdownHostSync: {"SHUTDOWN_HOSTSYNC", "Shutdown waits for the secondaries to leave"},
	ReplaceBattery:   {"REPLBATT", "UPS %s battery needs to be replaced"},
	NoComm:           {"NOCOMM", "UPS %s is unavailable"},
	NoParent:         {"NOPARENT", "upsmon parent process died - shutdown impossible"},
	Calibrating:      {"CAL", "UPS %s: calibration in progress"},
	NotCalibrating:   {"NOTCAL", "UPS %s: calibration has ended"},
	Off:              {"OFF", "UPS %s: output is switched off"},
	NotOff:           {"NOTOFF", "UPS %s: output is no longer switched off"},
	Overload:         {"OVER", "UPS %s: overloaded"},
	NotOverload:      {"NOTOVER", "UPS %s: no longer overloaded"},
	Trim:             {"TRIM", "UPS %s: lowering a high input voltage"},
	NotTrim:          {"NOTTRIM", "UPS %s: no longer lowering the input voltage"},
	Boost:            {"BOOST", "UPS %s: raising a low input voltage"},
	NotBoost:         {"NOTBOOST", "UPS %s: no longer raising the input voltage"},
	Bypass:           {"BYPASS", "UPS %s: on bypass, the load is not protected"},
	NotBypass:        {"NOTBYPASS", "UPS %s: no longer on bypass"},
	Eco:              {"ECO", "UPS %s: in its economy mode"},
	NotEco:           {"NOTECO", "UPS %s: no longer in its economy mode"},
	Alarm:            {"ALARM", "UPS %s: alarm: [%s]"},
	NotAlarm:         {"NOTALARM", "UPS %s: no alarm any more"},
	Other:            {"OTHER", "UPS %s: says what has no notice of its own: [%s]"},
	NotOther:         {"NOTOTHER", "UPS %s: says nothing out of the ordinary any more"},
	SuspendStarting:  {"SUSPEND_STARTING", "This host is going to sleep"},
	SuspendFinished:  {"SUSPEND_FINISHED", "This host woke up; what the UPSes said before is forgotten"},
	TimeJump:         {"SUSPEND_TIMEJUMP_UNEXPECTED", "Time jumped unexpectedly: %s"},
}

// String is the name that NOTIFYMSG and NOTIFYFLAG have for t.
func (t Type) String() string {
	if t >= typeCount {
		return "unknown"
	}
	return types[t].name
}

// Types are all kinds of notice.
func Types() []Type {
	all := make([]Type, typeCount)
	for i := range all {
		all[i] = Type(i)
	}
	return all
}

// ParseType finds the kind of notice by its name, in any case.
func ParseType(name string) (Type, bool) {
	for t := range typeCount {
		if strings.EqualFold(types[t].name, name) {
			return t, true
		}
	}
	return 0, false
}

// Flags says where a notice goes (NOTIFYFLAG). None, which is IGNORE, for nowhere.
type Flags uint8

// Where a notice can go.
const (
	Syslog Flags = 1 << iota
	Wall
	Exec
)

// Notice is how one kind of notice is told: NOTIFYMSG and NOTIFYFLAG.
type Notice struct {
	Message string // "%s" is the UPS, and in a second place the text
	Flags   Flags
}

// DefaultNotice returns how t is told unless the configuration says otherwise.
func DefaultNotice(t Type) Notice { return Notice{types[t].message, Syslog | Wall} }

// message fills in n's template: each argument in the place of one "%s", as
// long as there are arguments. "%%" is a percent sign, and all else stays.
func (n Notice) message(args ...string) string {
	var b strings.Builder
	rest := n.Message
	for {
		before, after, ok := strings.Cut(rest, "%")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		rest = after
		switch {
		case strings.HasPrefix(rest, "%"):
			b.WriteByte('%')
			rest = rest[1:]
		case strings.HasPrefix(rest, "s") && len(args) > 0:
			b.WriteString(args[0])
			rest, args = rest[1:], args[1:]
		default:
			b.WriteByte('%')
		}
	}
}
