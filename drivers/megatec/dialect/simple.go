package dialect

import (
	"fmt"
	"strconv"
	"strings"
)

// hunnoxCharge reads BL and a percentage.
func hunnoxCharge(u *Unit, r reading) (string, error) {
	text, ok := strings.CutPrefix(r.text, "BL")
	if !ok {
		return "", errNone
	}
	r.text = text
	return percent(u, r)
}

// gtecStatus reads a letter for each thing that is so.
func gtecStatus(u *Unit, r reading) (string, error) {
	is := func(letter string) bool { return strings.Contains(r.text, letter) }
	if strings.Trim(r.text, "ABCDEFGHIJKLMNOP ") != "" {
		return "", fmt.Errorf("%w: %q is no status", errNone, r.text)
	}
	words := []string{not(is("A"), "OL")}
	for letter, word := range map[string]string{"B": "LB", "C": "BYPASS", "F": "FSD", "N": "OVER", "J": "RB"} {
		words = append(words, not(!is(letter), word))
	}
	words = append(words, not(is("A") || is("C") || is("M"), "OFF"))
	for _, result := range []struct{ letter, text string }{
		{"E", "In progress"}, {"I", "Done and passed"}, {"J", "Done and error"}, {"K", "Battery disconnected"}, {"L", "Unknown"},
	} {
		if is(result.letter) {
			u.facts["ups.test.result"] = result.text
		}
	}
	u.extraAlarms(r.row, []alarm{
		{is("D"), "UPS failed!"}, {is("G"), "Site fault!"}, {is("H"), "EEPROM failed!"}, {is("P"), "Battery disconnected!"},
	})
	return strings.Join(words, " "), nil
}

type alarm struct {
	on   bool
	text string
}

// extra is who says an alarm that has no row of its own.
type extra struct {
	of *row
	i  int
}

// extraAlarms are those that a row of ups.status brings beside its words.
func (u *Unit) extraAlarms(of *row, alarms []alarm) {
	for i, a := range alarms {
		u.state(extra{of, i}, alarmName, choose(a.on, a.text, ""))
	}
}

// omronDate reads YYYYMMDD.
func omronDate(_ *Unit, r reading) (string, error) {
	text := strings.TrimSpace(r.text)
	if len(text) != 8 || strings.Trim(text, "0123456789") != "" || text[4:6] < "01" || text[4:6] > "12" || text[6:] < "01" || text[6:] > "31" {
		return "", fmt.Errorf("%w: %q is not a date", errNone, r.text)
	}
	return text[:4] + "-" + text[4:6] + "-" + text[6:], nil
}

// omronFirmware reads M:1.00(S:1.00): the versions of two processors.
func omronFirmware(u *Unit, r reading) (string, error) {
	var main, second float64
	if n, err := fmt.Sscanf(r.text, "M:%f(S:%f)", &main, &second); err != nil || n != 2 {
		return "", fmt.Errorf("%w: %q is not two versions", errNone, r.text)
	}
	u.facts["ups.firmware.aux"] = decimal(second, 2)
	return decimal(main, 2), nil
}

// omronRating reads a number of ddddW/ddddVA/dddV/dddW/dddW.
func omronRating(u *Unit, r reading) (string, error) {
	parts := strings.Split(strings.TrimSpace(string(r.answer)), "/")
	units := []string{"W", "VA", "V", "W", "W"}
	if len(parts) != len(units) {
		return "", fmt.Errorf("%w: %q are not ratings", errNone, r.answer)
	}
	for i, unit := range units {
		digits, ok := strings.CutSuffix(parts[i], unit)
		if _, err := strconv.Atoi(digits); !ok || err != nil {
			return "", fmt.Errorf("%w: %q is not a rating", errNone, parts[i])
		}
	}
	return numberValue(u, r)
}
