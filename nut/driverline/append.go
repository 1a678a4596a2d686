package driverline

import (
	"fmt"
	"strconv"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// MaxValue is the longest value, escapes included, that NUT keeps of a
// variable.
const MaxValue = 255

// Append writes l as a line with its LF. Values are quoted and escaped
// always. A line that would have more than [wire.MaxLine] bytes is not written:
// the error wraps nut.ErrTooLong, and dst comes back as it was.
func (l Line) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	line := append(dst, l.Verb...)
	if l.Name != "" {
		line = wire.AppendWord(append(line, ' '), string(l.Name))
	}
	line = append(l.appendWords(line), '\n')
	if size := len(line) - start; size > wire.MaxLine {
		return dst, fmt.Errorf("%s %.64s has %d bytes: %w", l.Verb, l.Name, size, nut.ErrTooLong)
	}
	return line, nil
}

// appendWords writes what follows the name.
func (l Line) appendWords(dst []byte) []byte {
	switch l.Verb {
	case SetInfo, AddEnum, DelEnum:
		return appendValue(dst, l.Value)
	case Set:
		return l.appendTracking(appendValue(dst, l.Value))
	case InstCmd:
		if l.Value != "" {
			dst = appendValue(dst, l.Value)
		}
		return l.appendTracking(dst)
	case AddRange, DelRange:
		return appendNumber(appendNumber(dst, l.Range.Min), l.Range.Max)
	case SetAux:
		return appendNumber(dst, l.Number)
	case SetFlags:
		return l.Flags.append(dst)
	case Tracking:
		return appendNumber(wire.AppendWord(append(dst, ' '), l.Tracking), l.Number)
	case Broadcast:
		return appendNumber(dst, l.Number)
	case PID, OK:
		return wire.AppendWord(append(dst, ' '), l.Value)
	default:
		return dst
	}
}

func (l Line) appendTracking(dst []byte) []byte {
	if l.Tracking == "" {
		return dst
	}
	return wire.AppendWord(append(dst, " TRACKING "...), l.Tracking)
}

func (f Flags) append(dst []byte) []byte {
	if f.Writable {
		dst = append(dst, " RW"...)
	}
	if f.Text {
		dst = append(dst, " STRING"...)
	}
	if f.Number {
		dst = append(dst, " NUMBER"...)
	}
	return dst
}

func appendValue(dst []byte, value string) []byte {
	return wire.AppendQuoted(append(dst, ' '), value)
}

func appendNumber(dst []byte, n int) []byte {
	return strconv.AppendInt(append(dst, ' '), int64(n), 10)
}

// Cut returns what NUT keeps of a value: as much of it as has at most MaxValue
// bytes when it is escaped.
func Cut(value string) string {
	size := 0
	for i := range len(value) {
		switch value[i] {
		case '"', '\\', '#':
			size++
		}
		if size++; size > MaxValue {
			return value[:i]
		}
	}
	return value
}
