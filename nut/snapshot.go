package nut

import (
	"iter"
	"slices"
	"sort"
	"sync"
	"time"
)

// Snapshot is what one UPS said at one moment. It never changes, and any number
// of goroutines may read it. Make one with [Draft.Freeze].
type Snapshot struct {
	UPS    string    // the configured name
	Health Health    // how far the facts can be trusted
	Time   time.Time // when it was frozen; facts may have been confirmed since

	vars     []Variable // sorted by name
	commands []Name     // sorted
	status   Status
	memo     memo
}

// Lookup returns the variable of that name, compared without regard to case.
// The caller must not write to its Enum and Ranges.
func (s *Snapshot) Lookup(name Name) (Variable, bool) {
	i, ok := sort.Find(len(s.vars), func(i int) int { return name.Compare(s.vars[i].Name) })
	if !ok {
		return Variable{}, false
	}
	return s.vars[i], true
}

// Value returns the value of the variable of that name, or "" if there is none.
func (s *Snapshot) Value(name Name) string {
	v, _ := s.Lookup(name)
	return v.Value
}

// Number returns the value of the variable of that name as a number, and
// whether it is there and is one.
func (s *Snapshot) Number(name Name) (float64, bool) {
	v, ok := s.Lookup(name)
	if !ok {
		return 0, false
	}
	return v.Number()
}

// Variables yields all variables in the order of their names.
func (s *Snapshot) Variables() iter.Seq[Variable] { return slices.Values(s.vars) }

// Len is how many variables there are.
func (s *Snapshot) Len() int { return len(s.vars) }

// Commands yields the instant commands the device takes, in order.
func (s *Snapshot) Commands() iter.Seq[Name] { return slices.Values(s.commands) }

// Takes tells whether the device takes that instant command.
func (s *Snapshot) Takes(command Name) bool {
	_, ok := slices.BinarySearchFunc(s.commands, command, Name.Compare)
	return ok
}

// Status is the words of ups.status; nil if the device has not said any. The
// caller must not write to it.
func (s *Snapshot) Status() Status { return s.status }

// Same tells whether s and t say the same about the same UPS, whenever they
// said it.
func (s *Snapshot) Same(t *Snapshot) bool {
	return s.UPS == t.UPS && s.Health == t.Health &&
		slices.EqualFunc(s.vars, t.vars, Variable.Equal) && slices.Equal(s.commands, t.commands)
}

// With returns a copy of s of another health, frozen at the time now.
func (s *Snapshot) With(health Health, now time.Time) *Snapshot {
	return &Snapshot{UPS: s.UPS, Health: health, Time: now, vars: s.vars, commands: s.commands, status: s.status}
}

// Memo is something worked out from a snapshot that is worth keeping with it:
// the bytes of an answer, the metrics of a UPS. It is worked out once for each
// snapshot, whoever asks first, and goes when the snapshot goes.
//
// A Memo must be made by [NewMemo] and live as long as its snapshots.
type Memo[T any] struct{ build func(*Snapshot) T }

// NewMemo returns a Memo worked out by build, which must depend on nothing but
// the snapshot it is given.
func NewMemo[T any](build func(*Snapshot) T) *Memo[T] { return &Memo[T]{build} }

// Of returns what m makes of s.
func (m *Memo[T]) Of(s *Snapshot) T {
	s.memo.mu.Lock()
	defer s.memo.mu.Unlock()
	for _, e := range s.memo.kept {
		if e.key == any(m) {
			return e.value.(T)
		}
	}
	value := m.build(s)
	s.memo.kept = append(s.memo.kept, kept{m, value})
	return value
}

type memo struct {
	mu   sync.Mutex
	kept []kept // a handful: one for each Memo of the program
}

type kept struct{ key, value any }
