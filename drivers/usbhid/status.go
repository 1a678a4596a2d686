package usbhid

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// bits are what a device says of its state.
type bits uint32

const (
	online bits = 1 << iota
	offline
	discharging
	charging
	lowBattery
	overload
	replaceBattery
	shutdownImminent
	trim
	boost
	bypassAuto
	bypassManual
	ecoMode
	essMode
	off
	calibrating
	overheat
	commFault
	depleted
	timeLimitExpired
	fullyCharged
	notFullyCharged
	awaitingPower
	fanFail
	noBattery
	voltageLow
	voltageHigh
	chargerFail
	voltageRange
	frequencyRange
)

// bitNames are the words for the bits in the tables; with a "!" in front they
// clear the bit.
var bitNames = map[string]bits{
	"online": online, "offline": offline, "dischrg": discharging, "chrg": charging, "lowbatt": lowBattery,
	"overload": overload, "replacebatt": replaceBattery, "shutdownimm": shutdownImminent, "trim": trim, "boost": boost,
	"bypassauto": bypassAuto, "bypassman": bypassManual, "ecomode": ecoMode, "essmode": essMode, "off": off,
	"cal": calibrating, "overheat": overheat, "commfault": commFault, "depleted": depleted,
	"timelimitexp": timeLimitExpired, "fullycharged": fullyCharged, "notfullycharged": notFullyCharged,
	"awaitingpower": awaitingPower, "fanfail": fanFail, "nobattery": noBattery, "battvoltlo": voltageLow,
	"battvolthi": voltageHigh, "chargerfail": chargerFail, "vrange": voltageRange, "frange": frequencyRange,
}

// bitOf is the bit that a table's word sets or clears.
func bitOf(word string) bits { return bitNames[strings.TrimPrefix(word, "!")] }

// apply sets or clears the bit that a table's word names. Of the bits that exclude
// one another, the other is cleared by setting one.
func (b *bits) apply(word string) {
	word, clears := strings.CutPrefix(word, "!")
	if word == "normal" {
		*b &^= ecoMode | essMode
		return
	}
	bit := bitOf(word)
	if clears {
		*b &^= bit
		return
	}
	*b |= bit
	for _, pair := range [...][2]bits{{online, offline}, {fullyCharged, notFullyCharged}, {ecoMode, essMode}} {
		if bit == pair[0] || bit == pair[1] {
			*b &^= (pair[0] | pair[1]) &^ bit
		}
	}
}

func (b bits) any(of bits) bool { return b&of != 0 }

// synthesis makes ups.status of bits, as the options say.
type synthesis struct {
	onBattery   bool          // OL and DISCHRG at once is being on battery
	calibration bool          // it is a calibration
	delay       time.Duration // how long LB and RB must hold until they are said
	always      bool          // the delay is for when nothing is calibrated, too

	logDelay time.Duration // between two lines of log about OL and DISCHRG; 0 for one each time that begins
	logUnder float64       // the charge above which it is not worth a line

	lowSince, replaceSince time.Time // zero while they do not hold
	told                   time.Time // when OL and DISCHRG was logged; zero since it ended
}

// words are those of ups.status. charge is battery.charge, less than 0 where it is
// not known.
func (s *synthesis) words(b bits, charge float64, now time.Time, log *slog.Logger) []string {
	both := b.any(online) && b.any(discharging)
	calibrates := b.any(calibrating) || both && s.calibration
	s.tell(both && !s.onBattery && !s.calibration, charge, now, log)
	replace := s.held(b.any(replaceBattery|noBattery), &s.replaceSince, calibrates, now)
	low := s.held(b.any(lowBattery|timeLimitExpired|shutdownImminent), &s.lowSince, calibrates, now)
	var words []string
	for _, w := range [...]struct {
		is   bool
		word string
	}{
		{calibrates, nut.StatusCalibrating},
		{b.any(offline) || !b.any(online) && b.any(discharging) || both && s.onBattery, nut.StatusOnBattery},
		{b.any(online) && (!both || !s.onBattery && !s.calibration), nut.StatusOnline},
		{b.any(discharging) && !b.any(depleted), nut.StatusDischarging},
		{b.charges(charge), nut.StatusCharging},
		{low, nut.StatusLowBattery},
		{b.any(overload), nut.StatusOverload},
		{replace, nut.StatusReplace},
		{b.any(trim), nut.StatusTrim},
		{b.any(boost), nut.StatusBoost},
		{b.any(bypassAuto | bypassManual), nut.StatusBypass},
		{b.any(off), nut.StatusOff},
	} {
		if w.is {
			words = append(words, w.word)
		}
	}
	return words
}

// charges tells whether the battery is being charged: some devices say so of a full
// one.
func (b bits) charges(charge float64) bool {
	switch {
	case !b.any(charging):
		return false
	case b.any(fullyCharged):
		return false
	case b.any(notFullyCharged):
		return true
	}
	return charge > 0 && charge < 100
}

// held tells whether what is said has held long enough to be passed on. Without a
// delay, and when it is not wanted for this state, it is passed on at once.
func (s *synthesis) held(is bool, since *time.Time, calibrates bool, now time.Time) bool {
	if !is {
		*since = time.Time{}
		return false
	}
	if since.IsZero() {
		*since = now
	}
	return s.delay == 0 || !calibrates && !s.always || now.Sub(*since) >= s.delay
}

// tell logs that a device is on line and discharging, which may mean several things.
func (s *synthesis) tell(strange bool, charge float64, now time.Time, log *slog.Logger) {
	switch {
	case !strange:
		s.told = time.Time{}
	case charge >= s.logUnder, !s.told.IsZero() && (s.logDelay == 0 || now.Sub(s.told) < s.logDelay):
	default:
		s.told = now
		log.Warn("the device is on line and discharges: see onlinedischarge_onbattery and onlinedischarge_calibration if that is not right", "charge", charge)
	}
}

// alarmTexts are the words of ups.alarm, which are NUT's: people and programs look
// for them.
var alarmTexts = []struct {
	bit  bits
	text string
}{
	{replaceBattery, "Replace battery!"},
	{shutdownImminent, "Shutdown imminent!"},
	{fanFail, "Fan failure!"},
	{noBattery, "No battery installed!"},
	{voltageLow, "Battery voltage too low!"},
	{voltageHigh, "Battery voltage too high!"},
	{chargerFail, "Battery charger fail!"},
	{overheat, "Temperature too high!"},
	{commFault, "Internal UPS fault!"},
	{awaitingPower, "Awaiting power!"},
	{bypassAuto, "Automatic bypass mode!"},
	{bypassManual, "Manual bypass mode!"},
}

// alarms are the words of ups.alarm for the bits, and more.
func (b bits) alarms(more []string) []string {
	var all []string
	for _, a := range alarmTexts {
		if b.any(a.bit) {
			all = append(all, a.text)
		}
	}
	for _, text := range more {
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// transferReason is input.transfer.reason, or "" where there is none.
func (b bits) transferReason() string {
	switch {
	case b.any(voltageRange):
		return "input voltage out of range"
	case b.any(frequencyRange):
		return "input frequency out of range"
	}
	return ""
}

// mode is experimental.ups.mode.buzzwords, or "" where there is none.
func (b bits) mode() string {
	switch {
	case b.any(ecoMode):
		return "vendor:mge-hid:ECO"
	case b.any(essMode):
		return "vendor:mge-hid:ESS"
	}
	return ""
}
