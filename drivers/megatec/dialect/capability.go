package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/nut"
)

// errBusy: the order is right, and not possible now.
var errBusy = fmt.Errorf("not in this state: %w", nut.ErrFailed)

// The letters by which Voltronic's units tell and are told what is enabled.
var (
	voltronicLetters = map[string]string{
		"bypass_alarm": "P", "battery_alarm": "B", "bypass_when_off": "O", "alarm_control": "A", "converter_mode": "V",
		"eco_mode": "E", "battery_open_status_check": "D", "bypass_forbidding": "F", "site_fault_detection": "L",
		"advanced_eco_mode": "N", "constant_phase_angle": "Q", "limited_runtime_on_battery": "W",
		"ups.start.auto": "R", "battery.protection": "S", "battery.energysave": "G", "ups.start.battery": "C", "outlet.0.switchable": "J",
	}
	axpertLetters = map[string]string{"battery.energysave": "J", "ups.beeper.status": "A"}
)

// voltronicWakes are what can be used while a letter is enabled.
var voltronicWakes = map[string][]string{
	"E": {"bypass.start", "bypass.stop", "input.transfer.high", "input.transfer.low", "input.frequency.high", "input.frequency.low"},
	"J": {
		"outlet.1.switchable", "outlet.1.status", "outlet.2.switchable", "outlet.2.status",
		"outlet.3.switchable", "outlet.3.status", "outlet.4.switchable", "outlet.4.status",
	},
	"A": {"beeper.enable", "beeper.disable"},
}

// voltronicCapability reads E and the letters of what is enabled, D and those of
// what is not.
func voltronicCapability(u *Unit, r reading) (string, error) {
	letter := voltronicLetters[r.row.Name]
	on, err := enabled(r.text, letter)
	if err != nil {
		return "", err
	}
	u.switchOff(!on, voltronicWakes[letter]...)
	if r.row.Hidden {
		return choose(on, "enabled", "disabled"), nil
	}
	return choose(on, "yes", "no"), nil
}

func axpertCapability(_ *Unit, r reading) (string, error) {
	on, err := enabled(r.text, axpertLetters[r.row.Name])
	if err != nil {
		return "", err
	}
	if r.row.Name == "ups.beeper.status" {
		return choose(on, "enabled", "disabled"), nil
	}
	return choose(on, "yes", "no"), nil
}

// enabled looks for a letter in E…D…. A D that is a letter of its own comes
// with the E ones, so the last D but one may be it.
func enabled(text, letter string) (bool, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(text), "E")
	i := strings.IndexByte(text, 'D')
	if !ok || i < 0 {
		return false, fmt.Errorf("%w: %q are no capabilities", errNone, text)
	}
	lower := strings.ToLower(letter)
	switch on, off := text[:i], text[i+1:]; {
	case strings.Contains(on, lower):
		return true, nil
	case strings.Contains(off, lower):
		return false, nil
	}
	return false, fmt.Errorf("%w: the device knows no %s", errNone, letter)
}

// setSwitch enables or disables something.
func setSwitch(u *Unit, s *setting, value string) (text, kept string, err error) {
	if s.Hidden && u.facts[s.Name] == value {
		return "", "", errUnchanged
	}
	on := value == "yes" || value == "enabled"
	return fmt.Sprintf(s.Send, choose(on, "E", "D")), value, nil
}

// errUnchanged: a setting of ups.conf is what the device has already.
var errUnchanged = errors.New("is so already")

// setReset brings a unit back to what it was delivered with, which it does only
// while it is off.
func setReset(u *Unit, s *setting, _ string) (text, kept string, err error) {
	if !slices.Contains(u.status(), nut.StatusOff) {
		return "", "", errBusy
	}
	return s.Send, "", nil
}
