package dummy

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// step is one instruction of a script.
type step struct {
	do    action
	name  nut.Name      // of the variable
	value string        // of the variable, or the alarm's text
	wait  time.Duration // of a pause
}

type action uint8

const (
	set   action = iota // give a variable a value; "" deletes it
	pause               // wait before going on
	alarm               // raise an alarm; "" ends all
)

// fault is what is wrong with one line.
type fault struct {
	line int
	text string
}

// Limits of a script.
const (
	maxFile   = 1 << 20 // bytes of a file
	maxValue  = 127     // bytes of a value; NUT's dummy-ups cuts there too
	maxFaults = 20      // faults told of one file
	maxPause  = 365 * 24 * time.Hour
)

// script is a file being parsed.
type script struct {
	line   int
	steps  []step
	faults []fault
	value  string // of the last variable
}

// parse reads a whole file. A line that makes no sense is a fault and is
// skipped; nothing of the others is lost.
func parse(data []byte) ([]step, []fault) {
	var (
		s       script
		scanner wire.Scanner
		next    = 1
	)
	for len(data) > 0 {
		n, result := scanner.Scan(data)
		if result == wire.More {
			result = scanner.End()
		}
		s.line, next = next, next+bytes.Count(data[:n], []byte{'\n'})
		data = data[n:]
		switch result {
		case wire.Bad:
			s.fault(scanner.Fault().String())
		case wire.Line:
			if words := scanner.Words(); len(words) > 0 {
				s.instruction(string(words[0]), string(bytes.Join(words[1:], []byte{' '})), len(words) > 1)
			}
		case wire.More:
		}
	}
	return s.steps, s.faults
}

func (s *script) instruction(word, rest string, given bool) {
	switch word {
	case "TIMER":
		seconds, err := strconv.ParseUint(rest, 10, 31)
		wait := time.Duration(seconds) * time.Second
		if err != nil || wait > maxPause {
			s.fault(fmt.Sprintf("TIMER needs a number of seconds, not %q", rest))
			return
		}
		s.add(step{do: pause, wait: wait})
	case "ALARM":
		s.add(step{do: alarm, value: rest})
	default:
		s.variable(word, rest, given)
	}
}

// variable takes a "name: value" line. What follows the colon without a blank
// belongs to the value; the colon itself may be missing.
func (s *script) variable(word, rest string, given bool) {
	name, glued, _ := strings.Cut(word, ":")
	switch {
	case name == "":
		s.fault("a variable without a name")
		return
	case strings.HasPrefix(name, "driver."):
		return // the driver has its own
	case glued != "":
		rest, given = strings.TrimSpace(glued+" "+rest), true
	}
	// upsc prints a line without a value for an empty one. What it means is
	// as NUT's dummy-ups has it.
	switch {
	case given:
		s.value = rest[:min(len(rest), maxValue)]
	case name == "ups.status":
		s.value = ""
	default:
		s.fault(name + " has no value, and takes that of the variable before it")
	}
	s.add(step{do: set, name: nut.Name(name), value: s.value})
}

func (s *script) add(next step) { s.steps = append(s.steps, next) }

func (s *script) fault(text string) {
	if len(s.faults) < maxFaults {
		s.faults = append(s.faults, fault{s.line, text})
	}
}
