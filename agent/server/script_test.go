package server

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// dumps is what the scripted drivers of the recorded dialogues say at first, in
// the words of a driver's socket. A UPS with no line here has no driver.
var dumps = map[string]string{
	"fake": `
SETINFO battery.charge "100"
SETINFO battery.charge.low "20"
SETFLAGS battery.charge.low RW NUMBER
SETINFO bad.aux "x"
SETFLAGS bad.aux RW STRING
SETINFO device.mfr "Example Mfg"
SETINFO device.model "Economy \"1600\" \\ rev\#2"
SETINFO device.serial ""
SETINFO driver.name "fakedrv"
SETINFO input.transfer.high "264"
ADDRANGE input.transfer.high 240 250
ADDRANGE input.transfer.high 260 270
SETFLAGS input.transfer.high RW NUMBER
SETINFO input.transfer.low "100"
ADDENUM input.transfer.low "103"
ADDENUM input.transfer.low "100"
ADDENUM input.transfer.low "a b"
ADDENUM input.transfer.low "q\"q"
SETFLAGS input.transfer.low RW
SETINFO input.sensitivity "high"
ADDENUM input.sensitivity "low"
ADDENUM input.sensitivity "high"
SETAUX input.sensitivity 8
SETFLAGS input.sensitivity RW STRING
SETINFO ups.delay.shutdown "020"
SETFLAGS ups.delay.shutdown RW
SETINFO ups.id "My UPS"
SETAUX ups.id 16
SETFLAGS ups.id RW STRING
SETINFO ups.mfr.date "10/17/96"
SETINFO ups.status "OL"
SETINFO ups.test.result "Done \#1"
SETINFO ups.serial "0001"
SETAUX ups.serial 32
SETFLAGS ups.serial STRING
ADDCMD load.off
ADDCMD load.on
ADDCMD test.panel.start
ADDCMD shutdown.return
ADDCMD beeper.mute
ADDCMD test.battery.start
DATAOK`,
	"dummy": `
SETINFO battery.charge "100"
SETFLAGS battery.charge RW NUMBER
SETINFO device.mfr "Dummy Manufacturer"
SETINFO device.model "Dummy UPS"
SETINFO device.type "ups"
SETINFO driver.name "dummy-ups"
SETINFO driver.parameter.mode "dummy-once"
SETINFO driver.parameter.pollinterval "2"
SETINFO driver.parameter.port "/etc/nut/dummy.dev"
SETINFO driver.parameter.synchronous "auto"
SETINFO driver.version "2.8.0"
SETINFO driver.version.internal "0.15"
SETINFO ups.mfr "Dummy Manufacturer"
SETINFO ups.model "Dummy UPS"
SETINFO ups.status "OL"
SETAUX device.mfr 32
SETFLAGS device.mfr RW STRING
SETAUX device.model 32
SETFLAGS device.model RW STRING
SETAUX ups.mfr 32
SETFLAGS ups.mfr RW STRING
SETAUX ups.model 32
SETFLAGS ups.model RW STRING
SETAUX ups.status 32
SETFLAGS ups.status RW STRING
ADDCMD load.off
DATAOK`,
	"nodesc":  "SETINFO ups.status \"OL CHRG\"\nDATAOK",
	"stale":   "SETINFO ups.status \"OL\"\nADDCMD load.off\nDATASTALE",
	"waiting": "",
	"clog":    "SETINFO ups.status \"OL\"\nSETINFO ups.id \"x\"\nSETAUX ups.id 400\nSETFLAGS ups.id RW STRING\nADDCMD load.off\nDATAOK",
	"onbatt":  "SETINFO ups.status \"OB DISCHRG LB\"\nSETINFO ups.id \"x\"\nDATAOK",
	"mute":    "SETINFO ups.status \"OL\"\nDATAOK",
}

// outcomes is the driver's code for a tracked order; no entry is 0, and "" is
// no answer at all.
var outcomes = map[nut.Name]string{
	"input.transfer.low": "1", "input.transfer.high": "2", "input.sensitivity": "3", "ups.delay.shutdown": "",
	"load.on": "1", "test.panel.start": "2", "shutdown.return": "3", "beeper.mute": "4", "test.battery.start": "",
}

// codes is what a driver's code means. 0 is success.
var codes = map[string]error{
	"1": nut.ErrUnknown, "2": nut.ErrInvalidArgument, "3": nut.ErrFailed, "4": nut.ErrUnknown,
}

// scripted is a driver that does what drivers.py of the recorded dialogues
// does, as a device behind the server.
type scripted struct {
	name string
	ups  *state.UPS

	mu     sync.Mutex
	draft  nut.Draft
	health nut.Health
	late   []func(error) // outcomes that the real dummy-ups tells seconds later
	fail   bool
}

func newScripted(name, desc string) *scripted {
	d := &scripted{name: name, health: nut.Absent}
	d.ups = state.NewUPS(name, desc, d)
	if dump, ok := dumps[name]; ok {
		d.health = nut.Waiting
		d.say(strings.Split(dump, "\n")...)
	}
	return d
}

// say takes lines of a driver and publishes what they make.
func (d *scripted) say(lines ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, line := range lines {
		var s wire.Scanner
		if _, r := s.Scan([]byte(line + "\n")); r == wire.Line && len(s.Words()) > 0 {
			var words []string
			for _, w := range s.Words() {
				words = append(words, string(w))
			}
			d.take(words)
		}
	}
	d.ups.Publish(d.draft.Freeze(d.name, d.health, time.Now()))
}

// go dark, or come back.
func (d *scripted) become(h nut.Health) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.health = h
	d.ups.Publish(d.draft.Freeze(d.name, h, time.Now()))
}

func (d *scripted) take(w []string) {
	switch w[0] {
	case "DATAOK":
		d.health = nut.Live
		return
	case "DATASTALE":
		d.health = nut.Stale
		return
	}
	name := nut.Name(w[1])
	edit := func(f func(*nut.Variable)) { d.draft.Edit(name, f) }
	switch w[0] {
	case "SETINFO":
		d.draft.Set(name, w[2])
	case "DELINFO":
		d.draft.Delete(name)
	case "ADDCMD":
		d.draft.AddCommand(name)
	case "DELCMD":
		d.draft.RemoveCommand(name)
	case "SETAUX":
		edit(func(v *nut.Variable) { v.MaxLen, _ = strconv.Atoi(w[2]) })
	case "SETFLAGS":
		edit(func(v *nut.Variable) {
			all := strings.Join(w[2:], " ")
			v.Writable, v.Text = strings.Contains(all, "RW"), strings.Contains(all, "STRING")
		})
	case "ADDENUM":
		edit(func(v *nut.Variable) { v.Enum = append(append([]string(nil), v.Enum...), w[2]) })
	case "DELENUM":
		edit(func(v *nut.Variable) {
			var kept []string
			for _, e := range v.Enum {
				if e != w[2] {
					kept = append(kept, e)
				}
			}
			v.Enum = kept
		})
	case "ADDRANGE":
		low, _ := strconv.Atoi(w[2])
		high, _ := strconv.Atoi(w[3])
		edit(func(v *nut.Variable) {
			v.Ranges = append(append([]nut.Range(nil), v.Ranges...), nut.Range{Min: low, Max: high})
		})
	}
}

// Order is nut.Door.
func (d *scripted) Order(_ context.Context, o nut.Order, done func(error)) error {
	if d.fail {
		return nut.ErrFailed
	}
	if d.name == "dummy" {
		return d.dummyOrder(o, done)
	}
	code, ok := outcomes[o.Name]
	if !o.Tracked || ok && code == "" {
		return nil
	}
	if o.Set && !ok {
		d.say("SETINFO " + string(o.Name) + " " + string(wire.AppendQuoted(nil, o.Value)))
	}
	done(codes[code])
	return nil
}

// dummyOrder does as the real dummy-ups does: it sets, forgets what is set to
// nothing, and knows no command, which it tells late.
func (d *scripted) dummyOrder(o nut.Order, done func(error)) error {
	switch {
	case !o.Set:
		if done != nil {
			d.late = append(d.late, done)
		}
		return nil
	case o.Value == "":
		d.say("DELINFO " + string(o.Name))
	default:
		d.say("SETINFO " + string(o.Name) + " " + string(wire.AppendQuoted(nil, o.Value)))
	}
	if done != nil {
		done(nil)
	}
	return nil
}
