package nutsocket

import (
	"slices"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/driverline"
)

// How much a driver may say. NUT's own largest have some hundred variables.
const (
	maxVariables = 4096
	maxCommands  = 1024
	maxEnum      = 512
	maxRanges    = 64
)

// facts is what a driver has said so far. The zero facts are ready.
type facts struct {
	dumped bool // DUMPDONE came
	fresh  bool // the last word about it was DATAOK
	full   bool // something was left out, being too much

	vars     map[nut.Name]nut.Variable // by folded name
	commands map[nut.Name]nut.Name
	// What changed since the last merge, by folded name. Names that came and
	// went are among them, so these too are bounded.
	newVars, newCommands map[nut.Name]struct{}
}

// apply takes in one line, and tells whether it was one that says something of
// the device. What does not fit, or belongs to nothing, is ignored as upsd does.
func (f *facts) apply(l driverline.Line) bool {
	key := l.Name.Fold()
	switch l.Verb {
	case driverline.SetInfo:
		f.setInfo(key, l)
	case driverline.DelInfo:
		f.delete(key)
	case driverline.AddCmd:
		f.addCommand(key, l.Name)
	case driverline.DelCmd:
		f.deleteCommand(key)
	case driverline.DataOK:
		f.fresh = true
	case driverline.DataStale:
		f.fresh = false
	case driverline.DumpDone:
		f.dumped = true
	default:
		return f.edit(key, l)
	}
	return true
}

// setInfo gives a variable a value; its spelling is that of the first time.
func (f *facts) setInfo(key nut.Name, l driverline.Line) {
	v, ok := f.vars[key]
	if !ok {
		if len(f.vars) == maxVariables || len(f.newVars) >= 2*maxVariables {
			f.full = true
			return
		}
		v.Name = l.Name
	}
	v.Value = driverline.Cut(l.Value)
	f.put(key, v)
}

func (f *facts) put(key nut.Name, v nut.Variable) {
	if f.vars == nil {
		f.vars, f.newVars = make(map[nut.Name]nut.Variable), make(map[nut.Name]struct{})
	}
	f.vars[key] = v
	f.newVars[key] = struct{}{}
}

func (f *facts) delete(key nut.Name) {
	if _, ok := f.vars[key]; ok {
		delete(f.vars, key)
		f.newVars[key] = struct{}{}
	}
}

// edit changes the attributes of a variable, which must be there. Slices are
// never written into: snapshots share them.
func (f *facts) edit(key nut.Name, l driverline.Line) bool {
	v, ok := f.vars[key]
	switch l.Verb {
	case driverline.AddEnum:
		v.Enum = f.add(v.Enum, driverline.Cut(l.Value))
	case driverline.DelEnum:
		v.Enum = without(v.Enum, driverline.Cut(l.Value))
	case driverline.AddRange:
		v.Ranges = f.addRange(v.Ranges, l.Range)
	case driverline.DelRange:
		v.Ranges = without(v.Ranges, l.Range)
	case driverline.SetAux:
		v.MaxLen = max(l.Number, 0)
	case driverline.SetFlags:
		v.Writable, v.Text = l.Flags.Writable, l.Flags.Text
	default:
		return false
	}
	if ok {
		f.put(key, v)
	}
	return true
}

func (f *facts) add(list []string, value string) []string {
	if slices.Contains(list, value) {
		return list
	}
	if len(list) >= maxEnum {
		f.full = true
		return list
	}
	return append(slices.Clip(list), value)
}

// addRange adds a range that is not there yet. One that shares a bound with
// another is another: NUT up to 2.8.5 loses it.
func (f *facts) addRange(list []nut.Range, r nut.Range) []nut.Range {
	if slices.Contains(list, r) {
		return list
	}
	if len(list) >= maxRanges {
		f.full = true
		return list
	}
	return append(slices.Clip(list), r)
}

func without[T comparable](list []T, value T) []T {
	i := slices.Index(list, value)
	if i < 0 {
		return list
	}
	return slices.Concat(list[:i], list[i+1:])
}

func (f *facts) addCommand(key, name nut.Name) {
	if _, ok := f.commands[key]; ok {
		return
	}
	if len(f.commands) == maxCommands || len(f.newCommands) >= 2*maxCommands {
		f.full = true
		return
	}
	if f.commands == nil {
		f.commands, f.newCommands = make(map[nut.Name]nut.Name), make(map[nut.Name]struct{})
	}
	f.commands[key] = name
	f.newCommands[key] = struct{}{}
}

func (f *facts) deleteCommand(key nut.Name) {
	if _, ok := f.commands[key]; ok {
		delete(f.commands, key)
		f.newCommands[key] = struct{}{}
	}
}

// merge writes into d what changed since the last merge.
func (f *facts) merge(d *nut.Draft) {
	for key := range f.newVars {
		if v, ok := f.vars[key]; ok {
			d.Put(v)
		} else {
			d.Delete(key)
		}
	}
	for key := range f.newCommands {
		if name, ok := f.commands[key]; ok {
			d.AddCommand(name)
		} else {
			d.RemoveCommand(key)
		}
	}
	clear(f.newVars)
	clear(f.newCommands)
}
