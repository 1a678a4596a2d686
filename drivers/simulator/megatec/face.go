// Package megatec is a face of the simulated UPS: it answers in the protocol of
// Megatec and those that grew from it, as such a UPS does on its serial line.
package megatec

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// Config is what a UPS says about itself. The zero Config is a nameless UPS that
// speaks plain Megatec.
type Config struct {
	Protocol string // one of Protocols; "" is megatec
	Mfr      string
	Model    string
	Firmware string
	Serial   string // digits
}

// Protocols are those that a Face can speak.
func Protocols() []string {
	return []string{"bestups", "mecer", "megatec", "megatec-old", "mustek", "q1", "voltronic", "voltronic-qs", "zinto"}
}

// Face speaks for a simulated UPS. It belongs to one goroutine, which also lets
// the time of the UPS pass.
type Face struct {
	Config
	ups   *model.UPS
	quiet bool          // the beeper is off
	fault float64       // volts of the mains when it last was not good
	flags map[byte]bool // by a letter, whether something is enabled
	packs int           // battery packs, as the unit was told
}

// New returns the face of a UPS, or an error where it cannot speak that
// protocol.
func New(ups *model.UPS, c Config) (*Face, error) {
	if c.Protocol == "" {
		c.Protocol = "megatec"
	}
	if !slices.Contains(Protocols(), c.Protocol) {
		return nil, fmt.Errorf("there is no simulated protocol %s; there are %s", c.Protocol, strings.Join(Protocols(), ", "))
	}
	f := &Face{Config: c, ups: ups, fault: ups.Mains.Voltage, flags: make(map[byte]bool), packs: 1}
	for _, letter := range "parsgj" {
		f.flags[byte(letter)] = true
	}
	for _, letter := range "bocvedflnqw" {
		f.flags[byte(letter)] = false
	}
	return f, nil
}

// Answer answers a command, both without their carriage returns. ok is false
// where the UPS says nothing, which is how most of them obey.
func (f *Face) Answer(command string) (answer string, ok bool) {
	r := f.ups.Reading()
	if !r.State.Mains {
		f.fault = r.Input.Volts
	}
	if f.Protocol == "voltronic" {
		return f.voltronic(command, r), true
	}
	if answer, ok := f.question(command, r); ok {
		return answer, true
	}
	obeyed, known := f.order(command)
	switch {
	case f.Protocol == "mecer":
		return acknowledge(obeyed), true
	case known:
		return "", false
	}
	return command, true // said again: not understood
}

func acknowledge(obeyed bool) string {
	if obeyed {
		return "(ACK"
	}
	return "(NAK"
}

// questions are what each protocol understands.
var questions = map[string]string{
	"bestups": " Q1 ID RT SS? M ", "mecer": " Q1 F I QPI ", "megatec": " Q1 F I ", "megatec-old": " D F I ", "mustek": " QS F I ",
	"q1": " Q1 ", "voltronic-qs": " M QS F QI ", "zinto": " Q1 F FW? ",
}

func (f *Face) question(command string, r model.Reading) (string, bool) {
	if !strings.Contains(questions[f.Protocol], " "+command+" ") {
		return "", false
	}
	switch command {
	case "Q1", "QS", "D":
		return f.status(r), true
	case "F":
		return f.rating(), true
	case "I", "FW?":
		return fmt.Sprintf("#%-15.15s %-10.10s %-10.10s", f.Mfr, f.Model, f.Firmware), true
	case "QPI":
		return "(PI98", true
	case "M":
		if f.Protocol == "voltronic-qs" {
			return "V", true
		}
		return "5", true
	case "QI":
		return fmt.Sprintf("(%03.0f %05.0f %04.1f %05.1f %03.0f %03.0f 0 00000000000000000",
			100*r.Charge, capped(r.Runtime.Seconds(), 99999), r.Input.Hertz, r.Output.Amps, f.ups.TransferLow, f.ups.TransferHigh), true
	case "ID":
		b := f.ups.Battery.Voltage
		return fmt.Sprintf("FOR,%.0f,%03.0f,%03.0f,%04.1f,%04.1f",
			capped(f.ups.Power, 9999), f.ups.Mains.Voltage, f.ups.Mains.Voltage, 0.8*b, 1.13*b), true
	case "RT":
		return fmt.Sprintf("%03.0f", capped(r.Runtime.Minutes(), 999)), true
	}
	return "0", true // SS?
}

// status is the line that nearly all have: voltages, load, frequency, battery,
// temperature and eight bits.
func (f *Face) status(r model.Reading) string {
	return fmt.Sprintf("(%05.1f %05.1f %05.1f %03.0f %04.1f %s %04.1f %s", r.Input.Volts, f.fault, r.Output.Volts,
		capped(100*r.Load, 999), r.Input.Hertz, f.battery(r), r.Temperature,
		bits(!r.State.Mains, r.State.Low, r.State.Boost || r.State.Trim || r.State.Bypass, false, !f.ups.Online,
			r.State.Testing || r.State.Calibrating, r.ShutdownIn >= 0, !f.quiet))
}

// battery is its voltage in four characters: of one cell where that of all has
// no room.
func (f *Face) battery(r model.Reading) string {
	if r.Battery.Volts < 99.95 {
		return fmt.Sprintf("%04.1f", r.Battery.Volts)
	}
	const cell = 2
	return fmt.Sprintf("%04.2f", r.Battery.Volts/(f.ups.Battery.Voltage/cell))
}

func (f *Face) rating() string {
	form := "%05.2f"
	if f.ups.Battery.Voltage >= 100 {
		form = "%05.1f"
	}
	return fmt.Sprintf("#%05.1f %03.0f "+form+" %04.1f", f.ups.Mains.Voltage, f.ups.Power/f.ups.Mains.Voltage,
		f.ups.Battery.Voltage, f.ups.Mains.Frequency)
}

func bits(all ...bool) string {
	var b strings.Builder
	for _, on := range all {
		if on {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}

func capped(x, most float64) float64 { return math.Min(x, most) }

// order obeys a command that asks for nothing. known is false for what the
// family does not have, obeyed where it cannot be done now.
func (f *Face) order(command string) (obeyed, known bool) {
	switch command {
	case "Q":
		f.quiet = !f.quiet
		return true, true
	case "T":
		return f.ups.Test(false), true
	case "TL":
		return f.ups.Test(true), true
	case "CT":
		return f.ups.StopTest(), true
	case "C":
		if !f.ups.StopShutdown() {
			return f.ups.SwitchOn(), true
		}
		return true, true
	}
	switch {
	case strings.HasPrefix(command, "S"):
		return f.shutdown(command[1:]), true
	case strings.HasPrefix(command, "T"):
		if _, ok := minutes(command[1:]); ok {
			return f.ups.Test(true), true
		}
	}
	return false, false
}

// shutdown is S, minutes, and how many minutes later to start again: after R,
// R0000 for never, nothing for when the mains is back.
func (f *Face) shutdown(text string) bool {
	text, back, returns := strings.Cut(text, "R")
	off, ok := minutes(text)
	on, good := minutes(back)
	if !ok || returns && !good {
		return false
	}
	f.ups.Shutdown, f.ups.Start = off, max(on, time.Second)
	f.ups.SwitchOffSoon(!returns || on > 0)
	return true
}

// minutes reads a number of minutes: .5 is half of one.
func minutes(text string) (time.Duration, bool) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "0123456789.") != "" || n > 9999 {
		return 0, false
	}
	return time.Duration(n * float64(time.Minute)), true
}
