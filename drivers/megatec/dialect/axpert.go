package dialect

import (
	"fmt"
	"strings"
)

// axpertModes are what the letter of the mode says.
var axpertModes = map[string]struct{ status, alarm string }{
	"P": {"", "UPS is going ON!"}, "S": {"OFF", ""}, "L": {"OL !OFF", ""}, "B": {"!OL !OFF", ""}, "F": {"", "UPS is in fault mode!"}, "H": {"ECO", ""},
}

func axpertMode(_ *Unit, r reading) (string, error) {
	mode, ok := axpertModes[r.text]
	if !ok {
		return "", fmt.Errorf("%w: mode %q", errNone, r.text)
	}
	return choose(r.row.Name == alarmName, mode.alarm, mode.status), nil
}

// axpertStatus is a bit of the status, by its place: the load is fed, the
// battery is charged.
func axpertStatus(_ *Unit, r reading) (string, error) {
	if r.text != "0" && r.text != "1" {
		return "", fmt.Errorf("%w: %q is no status", errNone, r.text)
	}
	if r.row.From == 86 {
		return not(r.text == "1", "OFF"), nil
	}
	return not(r.text == "0", "CHRG"), nil
}

func axpertWarning(u *Unit, r reading) (string, error) {
	table, err := loadAlarms()
	if err != nil {
		return "", err
	}
	alarm, words, err := flags(r.text, table.AxpertWarnings)
	if err == nil {
		u.state(extra{r.row, 0}, statusName, strings.Join(words, " "))
	}
	return alarm, err
}
