package nut

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Draft is where a driver writes what its device says. It keeps what was
// written before, so a driver may write only what changed; it remembers
// whether anything did. The zero Draft is empty and ready.
//
// A Draft belongs to one goroutine.
type Draft struct {
	vars     map[Name]*Variable // by folded name
	commands map[Name]Name      // folded name to spelling
	alarms   []string
	changed  bool
}

// Set gives the variable of that name a value, creating it read-only where it
// is new. Its attributes and its spelling stay.
func (d *Draft) Set(name Name, value string) {
	if v := d.vars[name.Fold()]; v != nil {
		if v.Value != value {
			v.Value, d.changed = value, true
		}
		return
	}
	d.Put(Variable{Name: name, Value: value})
}

// Put writes a variable with all its attributes, in place of one of that name.
// The Draft takes over v's slices.
func (d *Draft) Put(v Variable) {
	key := v.Name.Fold()
	if old := d.vars[key]; old != nil {
		if !old.Equal(v) {
			*old, d.changed = v, true
		}
		return
	}
	if d.vars == nil {
		d.vars = make(map[Name]*Variable)
	}
	d.vars[key], d.changed = &v, true
}

// Edit changes the attributes or the value of a variable through edit, and
// tells whether the variable is there. edit must give Enum and Ranges new
// slices rather than write into the old ones: a Snapshot may share them.
func (d *Draft) Edit(name Name, edit func(*Variable)) bool {
	v := d.vars[name.Fold()]
	if v == nil {
		return false
	}
	was := *v
	edit(v)
	if !v.Equal(was) {
		d.changed = true
	}
	return true
}

// Delete removes a variable; one that is not there is no error.
func (d *Draft) Delete(name Name) {
	key := name.Fold()
	if _, ok := d.vars[key]; ok {
		delete(d.vars, key)
		d.changed = true
	}
}

// Lookup returns what was written of a variable.
func (d *Draft) Lookup(name Name) (Variable, bool) {
	if v := d.vars[name.Fold()]; v != nil {
		return *v, true
	}
	return Variable{}, false
}

// Value returns the value of a variable, or "" if there is none.
func (d *Draft) Value(name Name) string {
	v, _ := d.Lookup(name)
	return v.Value
}

// Names returns the names of all variables, in no order.
func (d *Draft) Names() []Name {
	names := make([]Name, 0, len(d.vars))
	for _, v := range d.vars {
		names = append(names, v.Name)
	}
	return names
}

// SetStatus writes ups.status from its words; empty words and repeated ones
// are left out.
func (d *Draft) SetStatus(words ...string) {
	d.Set("ups.status", ParseStatus(strings.Join(words, " ")).String())
}

// SetAlarms says which alarms are active, in words for people. While there are
// any, the Snapshot has them as ups.alarm and ALARM as the first status word,
// as NUT's driver core does.
func (d *Draft) SetAlarms(texts ...string) {
	if !slices.Equal(d.alarms, texts) {
		d.alarms, d.changed = slices.Clone(texts), true
	}
}

// AddCommand adds an instant command that the device takes.
func (d *Draft) AddCommand(name Name) {
	key := name.Fold()
	if _, ok := d.commands[key]; ok {
		return
	}
	if d.commands == nil {
		d.commands = make(map[Name]Name)
	}
	d.commands[key], d.changed = name, true
}

// RemoveCommand removes an instant command; one that is not there is no error.
func (d *Draft) RemoveCommand(name Name) {
	key := name.Fold()
	if _, ok := d.commands[key]; ok {
		delete(d.commands, key)
		d.changed = true
	}
}

// Reset forgets everything that was written.
func (d *Draft) Reset() {
	if len(d.vars)+len(d.commands)+len(d.alarms) > 0 {
		*d = Draft{changed: true}
	}
}

// Changed tells whether anything was changed since the last Freeze.
func (d *Draft) Changed() bool { return d.changed }

// Settle takes the draft as unchanged from here on.
func (d *Draft) Settle() { d.changed = false }

// Clone returns an independent copy, so that what is laid over the device's
// facts does not get among them.
func (d *Draft) Clone() *Draft {
	c := &Draft{
		vars:     make(map[Name]*Variable, len(d.vars)),
		commands: maps.Clone(d.commands),
		alarms:   slices.Clone(d.alarms),
		changed:  d.changed,
	}
	for key, v := range d.vars {
		c.vars[key] = &Variable{}
		*c.vars[key] = *v
	}
	return c
}

// Freeze makes a Snapshot of the draft as it stands, and takes the draft as
// unchanged from here on. The draft can be written on.
func (d *Draft) Freeze(ups string, health Health, now time.Time) *Snapshot {
	s := &Snapshot{
		UPS: ups, Health: health, Time: now,
		vars:     make([]Variable, 0, len(d.vars)+1),
		commands: slices.SortedFunc(maps.Values(d.commands), Name.Compare),
	}
	for _, v := range d.vars {
		s.vars = append(s.vars, *v)
	}
	if len(d.alarms) > 0 {
		s.raise(strings.Join(d.alarms, " "))
	}
	slices.SortFunc(s.vars, func(a, b Variable) int { return a.Name.Compare(b.Name) })
	s.status = ParseStatus(s.Value("ups.status"))
	d.Settle()
	return s
}

// raise lays an alarm over the still unsorted facts.
func (s *Snapshot) raise(alarm string) {
	s.vars = slices.DeleteFunc(s.vars, func(v Variable) bool { return v.Name.Equal("ups.alarm") })
	s.vars = append(s.vars, Variable{Name: "ups.alarm", Value: alarm})
	for i := range s.vars {
		if s.vars[i].Name.Equal("ups.status") {
			s.vars[i].Value = ParseStatus(StatusAlarm + " " + s.vars[i].Value).String()
			return
		}
	}
	s.vars = append(s.vars, Variable{Name: "ups.status", Value: StatusAlarm})
}
