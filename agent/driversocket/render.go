package driversocket

import (
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/driverline"
)

// appendLine appends a line. One that cannot be written, its name being too
// long for the socket, is left out.
func appendLine(dst []byte, l driverline.Line) []byte {
	dst, _ = l.Append(dst)
	return dst
}

// appendDump writes what answers DUMPALL, in the order of NUT's drivers: for
// each variable its value, values, ranges, length and flags, then the commands.
func appendDump(dst []byte, s *nut.Snapshot) []byte {
	return appendAnswer(dst, s, func(dst []byte) []byte {
		for v := range s.Variables() {
			dst = appendVariable(dst, v)
		}
		for name := range s.Commands() {
			dst = appendLine(dst, driverline.Line{Verb: driverline.AddCmd, Name: name})
		}
		return dst
	})
}

// appendOne writes what answers DUMPVALUE. Of an unknown variable there is only
// the frame.
func appendOne(dst []byte, s *nut.Snapshot, name nut.Name) []byte {
	return appendAnswer(dst, s, func(dst []byte) []byte {
		if v, ok := s.Lookup(name); ok {
			dst = appendVariable(dst, v)
		}
		return dst
	})
}

// appendAnswer puts facts between the lines that tell how good they are.
func appendAnswer(dst []byte, s *nut.Snapshot, facts func([]byte) []byte) []byte {
	if s.Health != nut.Live {
		dst = appendLine(dst, driverline.Line{Verb: driverline.DataStale})
	}
	dst = facts(dst)
	if s.Health == nut.Live {
		dst = appendLine(dst, driverline.Line{Verb: driverline.DataOK})
	}
	return appendLine(dst, driverline.Line{Verb: driverline.DumpDone})
}

// appendVariable writes all of a variable.
func appendVariable(dst []byte, v nut.Variable) []byte {
	return appendAttributes(appendValue(dst, v), nut.Variable{}, v)
}

func appendValue(dst []byte, v nut.Variable) []byte {
	return appendLine(dst, driverline.Line{Verb: driverline.SetInfo, Name: v.Name, Value: driverline.Cut(v.Value)})
}

// appendChanges writes the lines that make next of old.
func appendChanges(dst []byte, old, next *nut.Snapshot) []byte {
	if old.Health == nut.Live && next.Health != nut.Live {
		dst = appendLine(dst, driverline.Line{Verb: driverline.DataStale})
	}
	for v := range old.Variables() {
		if _, ok := next.Lookup(v.Name); !ok {
			dst = appendLine(dst, driverline.Line{Verb: driverline.DelInfo, Name: v.Name})
		}
	}
	for v := range next.Variables() {
		if was, ok := old.Lookup(v.Name); ok {
			if was.Value != v.Value {
				dst = appendValue(dst, v)
			}
			dst = appendAttributes(dst, was, v)
		} else {
			dst = appendVariable(dst, v)
		}
	}
	dst = appendCommandChanges(dst, old, next)
	if old.Health != nut.Live && next.Health == nut.Live {
		dst = appendLine(dst, driverline.Line{Verb: driverline.DataOK})
	}
	return dst
}

func appendCommandChanges(dst []byte, old, next *nut.Snapshot) []byte {
	for name := range old.Commands() {
		if !next.Takes(name) {
			dst = appendLine(dst, driverline.Line{Verb: driverline.DelCmd, Name: name})
		}
	}
	for name := range next.Commands() {
		if !old.Takes(name) {
			dst = appendLine(dst, driverline.Line{Verb: driverline.AddCmd, Name: name})
		}
	}
	return dst
}

// appendAttributes writes the lines that give v's attributes to what has old's.
func appendAttributes(dst []byte, old, v nut.Variable) []byte {
	line := func(l driverline.Line) {
		l.Name = v.Name
		dst = appendLine(dst, l)
	}
	gone, come := apart(old.Enum, v.Enum)
	for _, value := range gone {
		line(driverline.Line{Verb: driverline.DelEnum, Value: driverline.Cut(value)})
	}
	for _, value := range come {
		line(driverline.Line{Verb: driverline.AddEnum, Value: driverline.Cut(value)})
	}
	past, fresh := apart(old.Ranges, v.Ranges)
	for _, r := range past {
		line(driverline.Line{Verb: driverline.DelRange, Range: r})
	}
	for _, r := range fresh {
		line(driverline.Line{Verb: driverline.AddRange, Range: r})
	}
	if old.MaxLen != v.MaxLen {
		line(driverline.Line{Verb: driverline.SetAux, Number: v.MaxLen})
	}
	if old.Writable != v.Writable || old.Text != v.Text {
		line(driverline.Line{Verb: driverline.SetFlags, Flags: driverline.Flags{Writable: v.Writable, Text: v.Text}})
	}
	return dst
}

// apart returns what must go from the end of old, and come after what is left,
// to make next of it: order counts.
func apart[T comparable](old, next []T) (gone, come []T) {
	n := 0
	for n < min(len(old), len(next)) && old[n] == next[n] {
		n++
	}
	return old[n:], next[n:]
}
