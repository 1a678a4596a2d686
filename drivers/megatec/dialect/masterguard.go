package dialect

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	unitID      = "ups.id"
	cellsFact   = "experimental.number_of_battery_cells"
	nominalVA   = "ups.power.nominal"
	voltagesSet = "voltages"
)

// masterguardCommands are the words that each series understands.
var masterguardCommands = map[string]string{
	"A": " Q Q1 Q3 T TL S C CT WH M N O DECO DRC SRC FLT FCLR G SS GS MSO PNV FOFF FON TUD GBS SSN GSN ",
	"E": " Q Q1 Q3 PSR T TL S C CT WH DRC SRC FLT FCLR SS GS MSO PNV FOFF FON TUD GBS SSN GSN BUS V INVDC BUSP BUSN ",
}

// masterguardSeries leaves out what the series does not understand.
func masterguardSeries(u *Unit, r reading) (string, error) {
	words, ok := masterguardCommands[r.text]
	if !ok {
		return "", fmt.Errorf("%w: series %q", errNone, r.text)
	}
	if want := u.o.Values["series"]; want != "" && !strings.EqualFold(want, r.text) {
		return "", fmt.Errorf("%w: series %s, not %s", errNone, r.text, want)
	}
	foreign := func(text string) bool {
		word := text[:len(text)-len(strings.TrimLeft(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
		if digit := strings.TrimPrefix(text, word); word == "Q" && digit != "" {
			word = text
		}
		return word != "" && !strings.Contains(words, " "+word+" ")
	}
	for _, q := range u.queries {
		for _, live := range q.rows {
			live.off = live.off || foreign(q.Ask)
		}
	}
	for _, c := range u.commands {
		c.off = c.off || foreign(c.Send)
	}
	for _, s := range u.settings {
		s.off = s.off || foreign(s.Send)
	}
	return r.text, nil
}

// masterguardModels are the models by their names in an answer, with what they
// carry and how many battery packs they take.
var masterguardModels = map[string]struct {
	name      string
	va, packs int
}{
	"A  700": {"A700", 700, 0}, "A 1000": {"A1000", 1000, 2}, "A 2000": {"A2000", 2000, 4}, "A 3000": {"A3000", 3000, 4},
	"E 60": {"E60", 6000, 9}, "E100": {"E100", 10000, 9}, "E200": {"E200", 20000, 9},
}

func masterguardModel(u *Unit, r reading) (string, error) {
	for key, m := range masterguardModels {
		if !strings.HasPrefix(r.text, key) {
			continue
		}
		u.sets["batpacks"] = set{Range: []string{"0", strconv.Itoa(m.packs)}}
		if strings.Contains(r.text, "-19") || strings.Contains(r.text, "19\"") {
			return m.name + "-19", nil
		}
		return m.name, nil
	}
	return "", fmt.Errorf("%w: model %q", errNone, r.text)
}

func masterguardPower(_ *Unit, r reading) (string, error) {
	for key, m := range masterguardModels {
		if strings.HasPrefix(r.text, key) {
			return strconv.Itoa(m.va), nil
		}
	}
	return "", fmt.Errorf("%w: model %q", errNone, r.text)
}

// masterguardAddress reads the number of the unit, which commands carry.
func masterguardAddress(u *Unit, r reading) (string, error) {
	if len(r.text) != 2 || strings.Trim(r.text, "0123456789") != "" {
		return "", fmt.Errorf("%w: %q is no address", errNone, r.text)
	}
	if want := u.o.Values["slave_address"]; want != "" && strings.TrimLeft(want, "0") != strings.TrimLeft(r.text, "0") {
		return "", fmt.Errorf("%w: address %s, not %s", errNone, r.text, want)
	}
	return wholeNumber(r.text)
}

// masterguardVoltage is that of all cells, from that of one.
func masterguardVoltage(u *Unit, r reading) (string, error) {
	n, err := number(r.text)
	return decimal(n*u.float(cellsFact), 2), err
}

// masterguardMinutes reads mmm.ss as seconds.
func masterguardMinutes(_ *Unit, r reading) (string, error) {
	m, s, ok := strings.Cut(strings.TrimSpace(r.text), ".")
	mins, err1 := number(m)
	secs, err2 := number(s)
	if !ok || err1 != nil || err2 != nil {
		return "", fmt.Errorf("%w: %q is no time", errNone, r.text)
	}
	return decimal(60*mins+secs, 0), nil
}

// masterguardDays reads days:hours:minutes:seconds as seconds.
func masterguardDays(_ *Unit, r reading) (string, error) {
	parts := strings.Split(r.text, ":")
	if len(parts) != 4 {
		return "", fmt.Errorf("%w: %q is no time", errNone, r.text)
	}
	total := 0.0
	for i, factor := range []float64{86400, 3600, 60, 1} {
		n, err := number(parts[i])
		if err != nil {
			return "", err
		}
		total += factor * n
	}
	return decimal(total, 0), nil
}

func masterguardLoad(u *Unit, r reading) (string, error) {
	n, err := number(r.text)
	return decimal(math.Round(n/100*u.float(nominalVA)), 0), err
}

func masterguardCurrent(u *Unit, r reading) (string, error) {
	n, err := number(r.text)
	if err != nil {
		return "", err
	}
	return u.perVolt(n/100, "output.voltage")
}

func masterguardNominalCurrent(u *Unit, r reading) (string, error) {
	n, err := number(r.text)
	if err != nil || n == 0 {
		return "", fmt.Errorf("%w: %q is no voltage", errNone, r.text)
	}
	return decimal(u.float(nominalVA)/n, 2), nil
}

// perVolt is the current of a part of the nominal power.
func (u *Unit) perVolt(part float64, voltage string) (string, error) {
	volts := u.float(voltage)
	if volts == 0 {
		return "", errNone
	}
	return decimal(part*u.float(nominalVA)/volts, 2), nil
}

// masterguardVoltages reads the voltages that the output may have.
func masterguardVoltages(u *Unit, r reading) (string, error) {
	words := strings.Fields(r.text)
	if len(words) == 0 || len(words) > 16 {
		return "", fmt.Errorf("%w: %q are no voltages", errNone, r.text)
	}
	var list []string
	for _, word := range words {
		v, err := wholeNumber(word)
		if err != nil {
			return "", err
		}
		list = append(list, v)
	}
	u.sets[voltagesSet] = set{One: list}
	return strings.Join(list, " "), nil
}

// masterguardResults are by three characters.
var masterguardResults = map[string]string{
	"000": "No test initiated", "001": "In progress", "010": "Done and passed", "011": "Done and error",
	"100": "Not possible", "101": "Aborted", "110": "Autonomy time calibration in progress", "111": "Unknown",
}

// masterguardStatus is a character of the status, by its place.
func masterguardStatus(_ *Unit, r reading) (string, error) {
	if r.text == "" || strings.Trim(r.text, "01") != "" {
		return "", fmt.Errorf("%w: %q is no status", errNone, r.text)
	}
	on := r.text == "1"
	switch r.row.From {
	case 53:
		return not(on, "OL"), nil
	case 54:
		return not(!on, "LB"), nil
	case 55:
		return not(!on, "BYPASS"), nil
	case 56:
		return choose(on, "UPS failed!", ""), nil
	case 57:
		return choose(on, "offline", "online"), nil
	case 58:
		return not(!on, "CAL"), nil
	case 59:
		return not(!on, "FSD"), nil
	case 63:
		return choose(on, "Problem in parallel operation mode!", ""), nil
	case 65:
		return not(!on, "RB"), nil
	case 66:
		return choose(on, "No battery installed!", ""), nil
	case 67:
		return masterguardResults[r.text], nil
	}
	return "", fmt.Errorf("%w: there is no status %d", errNone, r.row.From)
}

// masterguardFaults are by their code, with the unit of their value.
var masterguardFaults = map[byte][2]string{
	'0': {"none", ""}, '1': {"bus fault", " V"}, '2': {"inverter fault", " V"}, '3': {"overheat", " C"},
	'4': {"battery overvoltage", " V"}, '5': {"overload on battery", " %"}, '6': {"overload on bypass", " %"},
	'7': {"output short circuit", " V"}, '8': {"fan locked", ""}, '9': {"battery fault", " V"},
	'A': {"charger fault", ""}, 'B': {"emergency power off", ""}, 'C': {"parallel fault", ""}, 'D': {"controller communication fault", ""},
}

// masterguardFault reads a record of a fault: code, value, and when.
func masterguardFault(_ *Unit, r reading) (string, error) {
	parts := strings.Fields(r.text)
	if len(parts) != 3 || len(parts[0]) != 1 {
		return "", fmt.Errorf("%w: %q is no record", errNone, r.text)
	}
	fault, ok := masterguardFaults[parts[0][0]]
	switch {
	case !ok:
		return "", fmt.Errorf("%w: there is no fault %s", errNone, parts[0])
	case parts[0] == "0":
		return fault[0], nil
	case fault[1] == "":
		return parts[2] + " " + fault[0], nil
	}
	return parts[2] + " " + fault[0] + " " + parts[1] + fault[1], nil
}

// masterguardReturn and masterguardStayoff switch off, for a while or for good.
func masterguardReturn(u *Unit, _ *command, _ string) (string, error) {
	off, on, err := u.waits()
	return fmt.Sprintf("S%sR%04d", minutes(off), int(on/time.Minute)), err
}

func masterguardStayoff(u *Unit, _ *command, _ string) (string, error) {
	off, _, err := u.waits()
	return "S" + minutes(off), err
}

// masterguardTest tests for ten seconds, or for minutes.
func masterguardTest(_ *Unit, _ *command, arg string) (string, error) {
	if arg == "" || arg == "10" {
		return "T", nil
	}
	d, err := testTime(arg, time.Minute)
	return "T" + minutes(d), err
}

// masterguardSetAddress gives the unit another number.
func masterguardSetAddress(_ *Unit, s *setting, value string) (text, kept string, err error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > 99 {
		return "", "", fmt.Errorf("%q is no number of a unit, which goes from 0 to 99", value)
	}
	return fmt.Sprintf(s.Send, n), strconv.Itoa(n), nil
}

// masterguardSet sends a number, or a time as days:hours:minutes:seconds.
func masterguardSet(_ *Unit, s *setting, value string) (text, kept string, err error) {
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31)
	if err != nil {
		return "", "", fmt.Errorf("%q is not a whole number", value)
	}
	if strings.Contains(s.Send, "%s") {
		days := fmt.Sprintf("%04d:%02d:%02d:%02d", n/86400, n/3600%24, n/60%60, n%60)
		return fmt.Sprintf(s.Send, days), value, nil
	}
	return fmt.Sprintf(s.Send, n), value, nil
}
