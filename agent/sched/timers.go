package sched

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What is kept at most. More timers are refused; more events of one shared
// timer are not remembered.
const (
	MaxTimers = 1000
	MaxCauses = 64
)

// Timer is one that runs.
type Timer struct {
	Name   string        `json:"name"`
	End    time.Time     `json:"end"`
	After  time.Duration `json:"after"`            // how long it was to run, in all
	Causes []Event       `json:"causes,omitempty"` // more than one only if it is shared

	kept bool // from the file, and its event was not told again
}

// Timers are those that run. They have no clock: who holds them asks when the
// next one ends, and comes back then. The zero Timers is ready.
type Timers struct {
	list []Timer // in the order of their start
}

// errFull refuses a timer.
var errFull = errors.New("too many timers run")

// Apply carries out an order and returns what is to be run at once. The error
// says that a timer was refused, and why.
func (t *Timers) Apply(now time.Time, o Order) ([]Command, error) {
	o.Cause = o.Cause.clean()
	switch o.Verb {
	case StartTimer:
		return nil, t.start(now, o)
	case StartShared:
		return nil, t.share(now, o)
	case CancelTimer, CancelMatched:
		return t.cancel(o), nil
	case Execute:
		return []Command{{o.Name, []Event{o.Cause}}}, nil
	}
	return nil, fmt.Errorf("order of unknown kind %d", o.Verb)
}

func (t *Timers) start(now time.Time, o Order) error {
	if o.After < 0 {
		return fmt.Errorf("timer %s: its time, %v, is less than none", o.Name, o.After)
	}
	if t.goesOn(o) {
		return nil
	}
	if len(t.list) >= MaxTimers {
		return fmt.Errorf("timer %s: %w", o.Name, errFull)
	}
	t.list = append(t.list, Timer{Name: o.Name, End: now.Add(o.After), After: o.After, Causes: []Event{o.Cause}})
	return nil
}

// goesOn tells whether o would start what runs already, from before this process:
// what lasts is told again at its start.
func (t *Timers) goesOn(o Order) bool {
	for i := range t.list {
		timer := &t.list[i]
		if timer.kept && timer.Name == o.Name && slices.ContainsFunc(timer.Causes, func(e Event) bool { return e.Type == o.Cause.Type && e.UPS == o.Cause.UPS }) {
			timer.kept = false
			return true
		}
	}
	return false
}

func (t *Timers) share(now time.Time, o Order) error {
	i := slices.IndexFunc(t.list, func(timer Timer) bool { return timer.Name == o.Name })
	if i < 0 {
		return t.start(now, o)
	}
	if timer := &t.list[i]; len(timer.Causes) < MaxCauses && !slices.Contains(timer.Causes, o.Cause) {
		timer.Causes = append(timer.Causes, o.Cause)
	}
	return nil
}

// cancel ends the timers that the order means, or else runs its command.
func (t *Timers) cancel(o Order) []Command {
	found := false
	for i := range t.list {
		timer := &t.list[i]
		if timer.Name != o.Name {
			continue
		}
		left := timer.without(o)
		found = found || len(left) < len(timer.Causes)
		timer.Causes = left
	}
	t.list = slices.DeleteFunc(t.list, func(timer Timer) bool { return len(timer.Causes) == 0 })
	if found || o.Command == "" {
		return nil
	}
	return []Command{{o.Command, []Event{o.Cause}}}
}

// without is what is left of the timer's causes when o cancels it. What the
// cancelling event does not know of itself is not compared.
func (t *Timer) without(o Order) (left []Event) {
	if o.Verb == CancelTimer {
		return nil
	}
	for _, e := range t.Causes {
		sameType := o.Cause.Type == "" || strings.EqualFold(e.Type, o.Cause.Type)
		sameUPS := o.Cause.UPS == "" || e.UPS == o.Cause.UPS
		if !sameType || !sameUPS {
			left = append(left, e)
		}
	}
	return left
}

// Expire ends the timers whose time has come, and returns what they run, in
// the order of their ends.
func (t *Timers) Expire(now time.Time) []Command {
	var due []Timer
	t.list = slices.DeleteFunc(t.list, func(timer Timer) bool {
		if timer.End.After(now) {
			return false
		}
		due = append(due, timer)
		return true
	})
	slices.SortStableFunc(due, func(a, b Timer) int { return a.End.Compare(b.End) })
	commands := make([]Command, len(due))
	for i, timer := range due {
		commands[i] = Command{timer.Name, timer.Causes}
	}
	return commands
}

// Next is when the next timer ends; ok is false where none runs.
func (t *Timers) Next() (end time.Time, ok bool) {
	for i, timer := range t.list {
		if i == 0 || timer.End.Before(end) {
			end = timer.End
		}
	}
	return end, len(t.list) > 0
}

// All is a copy of the timers, in the order of their start.
func (t *Timers) All() []Timer { return slices.Clone(t.list) }
