package dialect

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// reading is a row met in an answer.
type reading struct {
	row    *row
	text   string // the characters of the row
	answer []byte // all of it
}

// What tables name. A reader makes the value of a row: of ups.status it is
// words, with ! before one that is not so; of ups.alarm a text, "" for none. A
// preparer makes an answer readable. A commander makes the text to send of a
// command; a setter that of a new value, and the value to remember.
type (
	reader    func(*Unit, reading) (string, error)
	preparer  func(*Unit, []byte) ([]byte, error)
	commander func(u *Unit, c *command, arg string) (text string, err error)
	setter    func(u *Unit, s *setting, value string) (text, kept string, err error)
)

var readers = map[string]reader{
	"status-bit": statusBit, "pack-voltage": packVoltage, "percent": percent, "signed": signed,
	"serial-number": serialNumber,
	"ablerex.q5":    ablerexQ5, "ablerex.runtime": ablerexRuntime, "ablerex.test": ablerexTest,
	"ablerex.voltage": ablerexVoltage, "ablerex.charge": ablerexCharge, "ablerex.limit": ablerexLimit, "ablerex.status": ablerexStatus,
	"bestups.packs": bestupsPacks, "bestups.pins": bestupsPins, "bestups.maker": bestupsMaker, "bestups.model": bestupsModel,
	"bestups.status": bestupsStatus, "bestups.transfer": bestupsTransfer,
	"gtec.status": gtecStatus, "hunnox.charge": hunnoxCharge,
	"masterguard.voltage": masterguardVoltage, "masterguard.fault": masterguardFault, "masterguard.minutes": masterguardMinutes,
	"masterguard.days": masterguardDays, "masterguard.model": masterguardModel, "masterguard.power": masterguardPower,
	"masterguard.current": masterguardCurrent, "masterguard.nominal-current": masterguardNominalCurrent,
	"masterguard.voltages": masterguardVoltages, "masterguard.series": masterguardSeries, "masterguard.address": masterguardAddress,
	"masterguard.status": masterguardStatus, "masterguard.load": masterguardLoad,
	"omron.date": omronDate, "omron.firmware": omronFirmware, "omron.rating": omronRating,
	"voltronic.protocol": voltronicProtocol, "voltronic.status": voltronicStatus, "voltronic.mode": voltronicMode,
	"voltronic.fault": voltronicFault, "voltronic.warning": voltronicWarning, "voltronic.capability": voltronicCapability,
	"voltronic.bypass": numberValue, "voltronic.eco-frequency": numberValue, "voltronic.eco-voltage": voltronicEcoVoltage,
	"voltronic.eco-limit": voltronicEcoLimit, "voltronic.outlet": voltronicOutlet, "voltronic.parallel": voltronicParallel,
	"qs-hex.protocol": qsHexProtocol, "qs-hex.voltage": qsHexVoltage, "qs-hex.load": qsHexLoad,
	"qs-hex.frequency": qsHexFrequency, "qs-hex.battery": qsHexBattery,
	"axpert.capability": axpertCapability, "axpert.mode": axpertMode, "axpert.status": axpertStatus, "axpert.warning": axpertWarning,
}

var preparers = map[string]preparer{
	"bestups.identity": bestupsIdentity, "qs-hex.text": qsHexText,
}

var commanders = map[string]commander{
	"delays": delays, "mecer.test": mecerTest, "voltronic.command": voltronicCommand,
	"masterguard.return": masterguardReturn, "masterguard.stayoff": masterguardStayoff, "masterguard.test": masterguardTest,
}

var setters = map[string]setter{
	"delay": setDelay, "number": setNumber, "minutes": setMinutes, "index": setIndex, "switch": setSwitch, "reset": setReset,
	"masterguard.address": masterguardSetAddress, "masterguard.set": masterguardSet,
}

// numberValue is what a row without a function is.
func numberValue(_ *Unit, r reading) (string, error) {
	n, err := number(r.text)
	if err != nil {
		return "", err
	}
	return r.format(n), nil
}

// percent is a number from 0 to 100.
func percent(_ *Unit, r reading) (string, error) {
	n, err := number(r.text)
	if err != nil || n > 100 {
		return "", fmt.Errorf("%w: %q is not a percentage", errNone, r.text)
	}
	return r.format(n), nil
}

// signed is a number that may be less than 0, with one digit.
func signed(_ *Unit, r reading) (string, error) {
	text := strings.TrimSpace(r.text)
	n, err := number(strings.TrimLeft(text, "+-"))
	if err != nil || len(text)-len(strings.TrimLeft(text, "+-")) > 1 {
		return "", fmt.Errorf("%w: %q is not a number", errNone, r.text)
	}
	if strings.HasPrefix(text, "-") {
		n = -n
	}
	return decimal(n, 1), nil
}

// serialNumber is a text; all zeros stand for none.
func serialNumber(_ *Unit, r reading) (string, error) {
	if strings.Trim(r.text, "0") == "" {
		return "", errNone
	}
	return r.text, nil
}

// statusBit is a character of the status that most dialects share. What it is
// about goes by its place in the answer.
func statusBit(u *Unit, r reading) (string, error) {
	return bit(u, r.row.From, r.text)
}

func bit(u *Unit, place int, text string) (string, error) {
	if text != "0" && text != "1" {
		return "", fmt.Errorf("%w: %q is no status", errNone, text)
	}
	on := text == "1"
	switch place {
	case 38:
		return not(on, "OL"), nil
	case 39:
		return not(!on, "LB"), nil
	case 40:
		if !on {
			return "", nil
		}
		return u.adjusting()
	case 41:
		return choose(on, "UPS selftest failed!", ""), nil
	case 42:
		return choose(on, "offline / line interactive", "online"), nil
	case 43:
		return not(!on, "CAL"), nil
	case 44:
		if u.o.Flags[ignoreSAB] {
			return "", nil
		}
		return not(!on, "FSD"), nil
	case 45:
		return choose(on, "enabled", "disabled"), nil
	}
	return "", fmt.Errorf("%w: there is no status bit %d", errNone, place)
}

func not(not bool, word string) string { return choose(not, "!"+word, word) }

func choose(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// adjusting tells by the voltages what a UPS does that does not simply pass
// the mains through.
func (u *Unit) adjusting() (string, error) {
	in, out := u.float("input.voltage"), u.float("output.voltage")
	if in <= 0 {
		return "", nil
	}
	switch ratio := out / in; {
	case ratio < 0.5 || ratio >= 1.5:
		return "", nil // an output that is off, or nonsense: neither is adjusting
	case ratio < 0.95:
		return "TRIM", nil
	case ratio < 1.05:
		return "BYPASS", nil
	}
	return "BOOST", nil
}

// float is a fact as a number, 0 if it is none.
func (u *Unit) float(name string) float64 {
	n, err := strconv.ParseFloat(u.facts[name], 64)
	if err != nil {
		return 0
	}
	return n
}

// packVoltage is the battery's voltage, of all packs where the device tells
// that of one.
func packVoltage(u *Unit, r reading) (string, error) {
	n, err := number(r.text)
	if err != nil {
		return "", err
	}
	packs := u.given("battery.packs")
	if u.o.Flags[onePack] && packs >= 2 {
		n *= packs
	}
	return r.format(n), nil
}

// minutes writes the time until something as the family does: tenths of
// minutes below one, else whole minutes of two digits.
func minutes(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf(".%d", int(d/(6*time.Second)))
	}
	return fmt.Sprintf("%02d", int(d/time.Minute))
}

// seconds is a whole number of seconds.
func seconds(text string) (time.Duration, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number of seconds", text)
	}
	return time.Duration(n) * time.Second, nil
}
