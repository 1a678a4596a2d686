package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	protocolFact = "ups.firmware.aux"
	buzzwords    = "experimental.ups.mode.buzzwords"
)

// voltronicRows are the rows that only units of some protocols have.
var voltronicRows = []struct {
	units []int
	names []string
}{
	{[]int{3, 9, 10}, []string{
		"input.L1-N.voltage", "input.L2-N.voltage", "input.L1-L2.voltage", "input.L1.current", "input.L2.current",
	}},
	{[]int{3, 10}, []string{"input.L3-N.voltage", "input.L2-L3.voltage", "input.L1-L3.voltage", "input.L3.current"}},
	{[]int{9, 10}, []string{
		"output.L1-N.voltage", "output.L2-N.voltage", "output.L1-L2.voltage", "output.L1.current", "output.L2.current",
		"output.L1.power.percent", "output.L2.power.percent",
		"output.bypass.L1-N.voltage", "output.bypass.L2-N.voltage",
	}},
	{[]int{10}, []string{
		"output.L3-N.voltage", "output.L2-L3.voltage", "output.L1-L3.voltage", "output.L3.current", "output.L3.power.percent",
		"output.bypass.L3-N.voltage", "output.bypass.L1-L2.voltage", "output.bypass.L2-L3.voltage", "output.bypass.L1-L3.voltage",
	}},
	{[]int{31}, []string{"battery.type", "work_range_type"}},
	{[]int{1, 2, 3, 9, 10, 13, 14, 99}, []string{"max_bypass_volt", "min_bypass_volt", "max_bypass_freq", "min_bypass_freq"}},
}

// voltronicProtocol reads PI and the number of the protocol, which decides what
// else can be asked.
func voltronicProtocol(u *Unit, r reading) (string, error) {
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(r.text, "PI")))
	if err != nil || !strings.HasPrefix(r.text, "PI") || !oneOf(n, 0, 1, 2, 3, 8, 9, 10, 13, 14, 31, 99) {
		return "", fmt.Errorf("%w: protocol %q", errNone, r.text)
	}
	for _, some := range voltronicRows {
		if oneOf(n, some.units...) {
			u.wake(some.names...)
		}
	}
	return fmt.Sprintf("P%02d", n), nil
}

func oneOf(n int, some ...int) bool {
	return slices.Contains(some, n)
}

// voltronicUnit is the number of the protocol, or -1.
func (u *Unit) voltronicUnit() int {
	n, err := strconv.Atoi(strings.TrimPrefix(u.facts[protocolFact], "P"))
	if err != nil {
		return -1
	}
	return n
}

// voltronicTypes are by two bits.
var voltronicTypes = map[string]string{"00": "offline", "01": "line-interactive", "10": "online"}

// voltronicStatus is a bit of the status, by its place.
func voltronicStatus(u *Unit, r reading) (string, error) {
	if r.text == "" || strings.Trim(r.text, "01") != "" {
		return "", fmt.Errorf("%w: %q is no status", errNone, r.text)
	}
	on := r.text == "1"
	switch r.row.From {
	case 63:
		if kind, ok := voltronicTypes[r.text]; ok {
			return kind, nil
		}
	case 65:
		return not(on, "OL"), nil
	case 66:
		return not(!on, "LB"), nil
	case 67:
		return voltronicAdjusting(u, r.row.Name, on)
	case 68:
		if on {
			u.wakeFault()
		}
		return choose(on, "UPS fault!", ""), nil
	case 70:
		return not(!on, "CAL"), nil
	case 71:
		return not(!on, "FSD"), nil
	case 72:
		return choose(on, "disabled", "enabled"), nil
	}
	return "", fmt.Errorf("%w: status %d is %q", errNone, r.row.From, r.text)
}

// voltronicAdjusting is what a unit does that does not pass the mains through.
// The simple ones have no bypass: with them it is an alarm.
func voltronicAdjusting(u *Unit, name string, on bool) (string, error) {
	if !on {
		return "", nil
	}
	word, err := u.adjusting()
	simple := oneOf(u.voltronicUnit(), 0, 8) && word == "BYPASS"
	switch {
	case name == alarmName:
		return choose(simple, "UPS is in AVR mode!", ""), err
	case simple:
		return "", err
	}
	return word, err
}

// wakeFault has the code of the fault be asked for.
func (u *Unit) wakeFault() {
	for _, q := range u.queries {
		for _, r := range q.rows {
			if r.Read == "voltronic.fault" {
				r.off = false
			}
		}
	}
}

// voltronicFault reads the code of a fault. It is not asked for again until
// there is another.
func voltronicFault(u *Unit, r reading) (string, error) {
	for _, q := range u.queries {
		for _, live := range q.rows {
			if live.row == r.row {
				live.off = r.text == "OK"
			}
		}
	}
	table, err := loadAlarms()
	if err != nil || r.text == "OK" {
		u.state(extra{r.row, 0}, statusName, "")
		return "", err
	}
	faults := table.Faults
	if u.voltronicUnit() == 31 {
		faults = table.P31Faults
	}
	fault, ok := faults[r.text]
	if !ok {
		fault.Text = "code " + r.text
	}
	u.state(extra{r.row, 0}, statusName, fault.Status)
	return "UPS fault: " + fault.Text + "!", nil
}

// voltronicWarning reads a character for each warning.
func voltronicWarning(u *Unit, r reading) (string, error) {
	table, err := loadAlarms()
	if err != nil {
		return "", err
	}
	alarm, words, err := flags(r.text, table.Warnings)
	if err == nil {
		u.state(extra{r.row, 0}, statusName, strings.Join(words, " "))
	}
	return alarm, err
}

// voltronicModes are what the letter of the mode says of the status, of the
// alarms, and to people who want the vendor's words.
var voltronicModes = map[string]struct{ status, alarm, buzzword string }{
	"P": {"", "UPS is going ON!", ""}, "S": {"OFF", "", ""}, "Y": {"BYPASS", "", ""}, "L": {"OL", "", ""}, "B": {"!OL", "", ""},
	"T": {"CAL", "", ""}, "F": {"", "UPS is in fault mode!", ""}, "E": {"", "", "vendor:voltronic:ECO-inverter-on"},
	"C": {"", "", "vendor:voltronic:freq-converter-on"}, "D": {"FSD", "UPS is shutting down!", ""},
}

func voltronicMode(u *Unit, r reading) (string, error) {
	mode, ok := voltronicModes[r.text]
	if !ok {
		return "", fmt.Errorf("%w: mode %q", errNone, r.text)
	}
	if r.row.Name == alarmName {
		if r.text == "F" {
			u.wakeFault()
		}
		return mode.alarm, nil
	}
	if mode.buzzword != "" {
		u.facts[buzzwords] = mode.buzzword
	} else {
		delete(u.facts, buzzwords)
	}
	return mode.status, nil
}

// voltronicParallel tells the master of several units, which is no more than
// worth knowing.
func voltronicParallel(_ *Unit, r reading) (string, error) {
	n, err := number(r.text)
	switch {
	case err != nil:
		return "", err
	case n == 1:
		return "master", nil
	case n == 2 || n == 3:
		return "slave", nil
	}
	return "", fmt.Errorf("%w: %q", errNone, r.text)
}

// voltronicOutlet is whether an outlet can be switched, or whether it is on.
func voltronicOutlet(u *Unit, r reading) (string, error) {
	if r.text != "0" && r.text != "1" {
		return "", fmt.Errorf("%w: outlet %q", errNone, r.text)
	}
	outlet, switchable := strings.CutSuffix(r.row.Name, ".switchable")
	if !switchable {
		return choose(r.text == "1", "on", "off"), nil
	}
	u.wake(outlet+".load.on", outlet+".load.off", outlet+".delay.shutdown")
	return "yes", nil
}

// voltronicEcoVoltage is a limit of the economy mode. What it may be goes by the
// nominal voltage.
func voltronicEcoVoltage(u *Unit, r reading) (string, error) {
	n, err := number(r.text)
	nominal := u.float("output.voltage.nominal")
	if err != nil || nominal == 0 {
		return "", fmt.Errorf("%w: limit %q", errNone, r.text)
	}
	small := nominal < 200
	near, far := choose2(small, 3, 7), choose2(small, 12, 24)
	switch unit := u.voltronicUnit(); {
	case oneOf(unit, 1, 9):
	case oneOf(unit, 2, 3, 10, 13, 14, 99):
		near = choose2(small, 5, 11)
	default:
		return r.format(n), nil
	}
	low, high := nominal+near, nominal+far
	if r.row.Name == "input.transfer.low" {
		low, high = nominal-far, nominal-near
	}
	u.sets[r.row.Set] = set{Range: []string{decimal(low, 0), decimal(high, 0)}}
	u.wake(r.row.Name+".min", r.row.Name+".max")
	return r.format(n), nil
}

func choose2(first bool, a, b float64) float64 {
	if first {
		return a
	}
	return b
}

// voltronicEcoLimit is one end of what such a limit may be.
func voltronicEcoLimit(u *Unit, r reading) (string, error) {
	name, end := r.row.Name[:strings.LastIndex(r.row.Name, ".")], choose(strings.HasSuffix(r.row.Name, ".max"), "max", "min")
	for _, q := range u.queries {
		for _, live := range q.rows {
			if live.Name != name {
				continue
			}
			_, low, high, ok := u.allowed(live.Set)
			if !ok {
				return "", errNone
			}
			return decimal(choose2(end == "max", high, low), 0), nil
		}
	}
	return "", errNone
}

// voltronicCommand fills in times, and the way of the beeper.
func voltronicCommand(u *Unit, c *command, arg string) (string, error) {
	switch c.Name {
	case "beeper.toggle":
		switch u.facts["ups.beeper.status"] {
		case "enabled":
			return fmt.Sprintf(c.Send, "OFF"), noArgument(arg)
		case "disabled", "muted":
			return fmt.Sprintf(c.Send, "ON"), noArgument(arg)
		}
		return "", fmt.Errorf("what the beeper does is not known: %w", errBusy)
	case "test.battery.start":
		d, err := testTime(arg, 12*time.Second)
		return fmt.Sprintf(c.Send, minutes(d)), err
	}
	return delays(u, c, arg)
}
