package sched

import (
	"fmt"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut/conf"
	"github.com/wattnut/wattnut/nut/wire"
)

// Event is something that happened to a UPS.
type Event struct {
	Type    string `json:"type,omitempty"`    // NOTIFYTYPE: "ONBATT"
	UPS     string `json:"ups,omitempty"`     // UPSNAME: "myups@localhost"
	Message string `json:"message,omitempty"` // NOTIFYMSG: what people were told
}

// clean is the event as it can be kept and put into an environment: words of
// at most [wire.MaxWordLen] bytes, without controls.
func (e Event) clean() Event { return Event{clean(e.Type), clean(e.UPS), clean(e.Message)} }

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s[:min(len(s), wire.MaxWordLen)], ""))
}

// Verb is what an [Order] asks for.
type Verb uint8

// The verbs. The name of a timer need not be unique: each StartTimer makes
// another timer, and a cancel ends all that have the name.
const (
	StartTimer Verb = iota
	// StartShared adds its event to the timer of that name, or starts one.
	StartShared
	CancelTimer
	// CancelMatched is CancelTimer for what an event of the same type of the
	// same UPS started. Of a shared timer it takes that event out, and ends it
	// when none is left.
	CancelMatched
	// Execute runs a command at once.
	Execute
)

// verbNames are the words for a Verb in upssched.conf and, where it goes
// there, on the pipe.
type verbNames struct{ conf, pipe string }

var verbs = [...]verbNames{
	StartTimer:    {"START-TIMER", "START"},
	StartShared:   {"START-TIMER-SHARED", "START-SHARED"},
	CancelTimer:   {"CANCEL-TIMER", "CANCEL"},
	CancelMatched: {"CANCEL-TIMER-MATCHED", "CANCEL-MATCHED"},
	Execute:       {"EXECUTE", ""},
}

// String is the word of upssched.conf.
func (v Verb) String() string { return verbs[v].conf }

// Starts tells whether the verb starts a timer.
func (v Verb) Starts() bool { return v == StartTimer || v == StartShared }

// Cancels tells whether the verb ends timers.
func (v Verb) Cancels() bool { return v == CancelTimer || v == CancelMatched }

// Order is one thing to be done because of an event.
type Order struct {
	Verb    Verb
	Name    string        // of the timer; with Execute, the command
	After   time.Duration // how long the timer runs, if the verb starts one
	Command string        // what to run if there is nothing to cancel; often ""
	Cause   Event
}

// newOrder makes an order of its verb and the two words that follow it, in
// upssched.conf as on the pipe; more is "" where the second is missing.
func newOrder(v Verb, name, more string) (Order, error) {
	o := Order{Verb: v, Name: name}
	if !v.Starts() {
		o.Command = more
		return o, nil
	}
	after, _, ok := conf.Seconds(more)
	if !ok {
		return Order{}, fmt.Errorf("%s needs its seconds as a number", v)
	}
	o.After = after
	return o, nil
}

// Command is one call of CMDSCRIPT.
type Command struct {
	Name   string  // the last argument: of the timer, or the command
	Causes []Event // what led to it, at least one; more for a shared timer
}

// Env is what the script's environment has besides ours: UPSNAME and
// NOTIFYTYPE, each value once and joined with commas, and NOTIFYMSG, joined
// with a full stop and a TAB. What is not known is not there.
func (c Command) Env() []string {
	var env []string
	for _, v := range []struct{ name, value string }{
		{"UPSNAME", upses(c.Causes)}, {"NOTIFYTYPE", types(c.Causes)}, {"NOTIFYMSG", messages(c.Causes)},
	} {
		if v.value != "" {
			env = append(env, v.name+"="+v.value)
		}
	}
	return env
}

func upses(causes []Event) string {
	return joined(causes, ",", func(e Event) string { return e.UPS })
}

func types(causes []Event) string {
	return joined(causes, ",", func(e Event) string { return e.Type })
}

func messages(causes []Event) string {
	return joined(causes, ".\t", func(e Event) string { return e.Message })
}

// joined joins the different values of a field, in the order of their coming.
func joined(causes []Event, separator string, field func(Event) string) string {
	seen := make(map[string]bool)
	var values []string
	for _, e := range causes {
		if v := field(e); v != "" && !seen[v] {
			seen[v] = true
			values = append(values, v)
		}
	}
	return strings.Join(values, separator)
}
