package megatec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// voltronic answers as a unit of Voltronic's protocol P01 does.
func (f *Face) voltronic(command string, r model.Reading) string {
	volts, hertz := f.ups.Mains.Voltage, f.ups.Mains.Frequency
	b := f.ups.Battery
	switch command {
	case "QPI":
		return "(PI01"
	case "QRI":
		return fmt.Sprintf("(%05.1f %03.0f %05.1f %04.1f", volts, f.ups.Power/volts, b.Voltage, hertz)
	case "QMD":
		return fmt.Sprintf("(%s %s %02.0f 1/1 %03.0f %03.0f %02.0f 12.0", pad(f.Model, 15), pad(fmt.Sprintf("%.0f", f.ups.Power), 7),
			100*f.ups.RealPower/f.ups.Power, volts, volts, b.Voltage/12)
	case "QMF":
		return "(" + pad(f.Mfr, 15)
	case "QVFW":
		return fmt.Sprintf("(VERFW:%-8.8s", f.Firmware)
	case "QID":
		return "(" + f.Serial
	case "QGS":
		return f.general(r)
	case "QMOD":
		return "(" + mode(r.State)
	case "QFS":
		return "(OK"
	case "QWS":
		return "(" + f.warnings(r.State)
	case "QBV":
		return fmt.Sprintf("(%05.1f %02.0f %02d %03.0f %03.0f", r.Battery.Volts, b.Voltage/12, f.packs, 100*r.Charge, capped(r.Runtime.Minutes(), 999))
	case "QBYV":
		return fmt.Sprintf("(%03.0f %03.0f", f.ups.TransferHigh, f.ups.TransferLow)
	case "QBYF":
		return fmt.Sprintf("(%04.1f %04.1f", hertz+4, hertz-4)
	case "QFLAG":
		return "(E" + f.letters(true) + "D" + f.letters(false)
	}
	return acknowledge(f.voltronicOrder(command, r))
}

// pad fills up from the left, as these units do.
func pad(text string, n int) string {
	text = text[:min(len(text), n)]
	return strings.Repeat("#", n-len(text)) + text
}

func (f *Face) general(r model.Reading) string {
	kind := "01"
	if f.ups.Online {
		kind = "10"
	}
	return fmt.Sprintf("(%05.1f %04.1f %05.1f %04.1f %05.1f %03.0f ---.- ---.- %05.1f ---.- %05.1f %s%s0%s00", r.Input.Volts, r.Input.Hertz,
		r.Output.Volts, r.Output.Hertz, r.Output.Amps, capped(100*r.Load, 999), r.Battery.Volts, r.Temperature,
		kind, bits(!r.State.Mains, r.State.Low, r.State.Boost || r.State.Trim || r.State.Bypass, false),
		bits(r.State.Testing || r.State.Calibrating, r.ShutdownIn >= 0, f.quiet))
}

func mode(s model.State) string {
	switch {
	case s.Off:
		return "S"
	case s.Testing || s.Calibrating:
		return "T"
	case s.Battery:
		return "B"
	case s.Bypass:
		return "Y"
	}
	return "L"
}

// The bits of the warnings that a simulated UPS can have.
const (
	warnings       = 64
	warnLow        = 7
	warnOverloaded = 8
	warnReplace    = 55
)

func (f *Face) warnings(s model.State) string {
	text := []byte(strings.Repeat("0", warnings))
	for bit, on := range map[int]bool{warnLow: s.Low, warnOverloaded: s.Overloaded, warnReplace: s.Replace} {
		if on {
			text[bit] = '1'
		}
	}
	return string(text)
}

func (f *Face) letters(on bool) string {
	var all []byte
	for _, letter := range slices.Sorted(maps.Keys(f.flags)) {
		if f.flags[letter] == on {
			all = append(all, letter)
		}
	}
	return string(all)
}

// voltronicOrder obeys, and tells whether it did.
func (f *Face) voltronicOrder(command string, r model.Reading) bool {
	switch command {
	case "SOFF":
		f.ups.SwitchOff()
		return true
	case "SON":
		return f.ups.SwitchOn()
	case "CS":
		return f.ups.StopShutdown()
	case "BZOFF", "BZON":
		f.quiet = command == "BZOFF"
		return true
	case "PF":
		return r.State.Off
	case "C", "Q":
		return false // other protocols' words
	}
	if packs, ok := strings.CutPrefix(command, "BATGN"); ok && len(packs) == 2 && packs != "00" {
		n, err := strconv.Atoi(packs)
		if err == nil {
			f.packs = n
		}
		return err == nil
	}
	if len(command) == 3 && (command[:2] == "PE" || command[:2] == "PD") {
		letter := strings.ToLower(command[2:])[0]
		if _, known := f.flags[letter]; !known {
			return false
		}
		f.flags[letter] = command[1] == 'E'
		return true
	}
	obeyed, known := f.order(command)
	return obeyed && known
}
