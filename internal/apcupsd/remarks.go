package apcupsd

import "strings"

// otherwise is what becomes of the words that no file of NUT's takes over, in the
// order in which it is told. A word that is set to one of its idle values does
// nothing in apcupsd either.
var otherwise = []struct {
	word, text string
	idle       []string
}{
	{"ONBATTERYDELAY", "events are told at once; AT ONBATT * START-TIMER in upssched.conf waits", []string{"0"}},
	{"KILLDELAY", "the UPS cuts the power when the late hook says so, with all disks read-only, not after a time", []string{"0"}},
	{"ANNOY", "nobody is told again and again to log off: NOTIFYFLAG with WALL tells once", []string{"0"}},
	{"NOLOGON", "nobody is kept from logging in before systemd does so at the shutdown", []string{"disable"}},
	{"SCRIPTDIR", "apccontrol and its scripts are not called: NOTIFYCMD is, with UPSNAME and NOTIFYTYPE (ONBATT, ONLINE, LOWBATT, COMMBAD …)", nil},
	{"NETSERVER", "clients of apcupsd's network server (apcaccess, apcupsd on other hosts, exporters of port 3551) find nothing: upsc, MONITOR and /metrics take their place", []string{"off"}},
	{"NISIP", "the address to serve on is LISTEN in upsd.conf; it is this host only", []string{"127.0.0.1"}},
	{"STATTIME", "STATFILE is not written: upsc shows the same", []string{"0"}},
	{"DATATIME", "lines of data are written by upslog", []string{"0"}},
	{"EVENTSFILE", "events are in the system's log", nil},
	{"SELFTEST", "the UPS keeps its own period; ups.test.interval can be set where it has that (upsrw)", []string{"336"}},
	{"BEEPSTATE", "the beeper is ordered: upscmd ups beeper.disable, beeper.mute", nil},
	{"UPSCLASS", "of no effect here", []string{"standalone"}},
	{"UPSMODE", "of no effect here", []string{"disable"}},
	{"SENSITIVITY", "is a setting in the UPS: upsrw -s input.sensitivity", nil},
	{"LOTRANSFER", "is a setting in the UPS: upsrw -s input.transfer.low", nil},
	{"HITRANSFER", "is a setting in the UPS: upsrw -s input.transfer.high", nil},
	{"RETURNCHARGE", "is a setting in the UPS: upsrw -s battery.charge.restart", nil},
	{"WAKEUP", "is a setting in the UPS: upsrw -s ups.delay.start", nil},
	{"SLEEP", "is a setting in the UPS: upsrw -s ups.delay.shutdown", nil},
	{"LOWBATT", "is a setting in the UPS: upsrw -s battery.runtime.low", nil},
	{"OUTPUTVOLTS", "is a setting in the UPS: upsrw -s output.voltage.nominal", nil},
}

// remarks tells of the words that are set and go another way.
func (s Settings) remarks(c *Converted) {
	for _, o := range otherwise {
		value, given := s[o.word]
		if !given || idle(value, o.idle) {
			continue
		}
		c.remark("%s %s: %s", o.word, value, o.text)
	}
}

func idle(value string, values []string) bool {
	for _, v := range values {
		if strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}
