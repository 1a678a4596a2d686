package driverline

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// What can be wrong with a line. Its reader ignores the line, as NUT's
// programs do.
var (
	ErrUnknownVerb = errors.New("unknown word")
	ErrMalformed   = errors.New("malformed line")
)

// form is how many words may follow a verb, and what reads them.
type form struct {
	verb     Verb
	min, max int
	read     func(l *Line, words [][]byte) error
}

// forms lists every verb; the frequent ones are first.
var forms = []form{
	{SetInfo, 2, 2, nameValue},
	{Pong, 0, 0, nil},
	{Ping, 0, 0, nil},
	{AddEnum, 2, 2, nameValue},
	{DelEnum, 2, 2, nameValue},
	{AddRange, 3, 3, nameRange},
	{DelRange, 3, 3, nameRange},
	{SetAux, 2, 2, nameNumber},
	{SetFlags, 1, wire.MaxWords, nameFlags},
	{DelInfo, 1, 1, nameOnly},
	{AddCmd, 1, 1, nameOnly},
	{DelCmd, 1, 1, nameOnly},
	{DataOK, 0, 0, nil},
	{DataStale, 0, 0, nil},
	{DumpDone, 0, 0, nil},
	{Tracking, 2, 2, outcome},
	{PID, 1, 1, valueOnly},
	{OK, 0, 1, valueOnly},
	{DumpAll, 0, 0, nil},
	{DumpStatus, 0, 0, nil},
	{DumpValue, 1, 1, nameOnly},
	{Set, 2, 4, setOrder},
	{InstCmd, 1, 4, instCmdOrder},
	{NoBroadcast, 0, 0, nil},
	{Broadcast, 0, 1, onOff},
	{GetPID, 0, 0, nil},
	{Logout, 0, 0, nil},
}

// Parse reads the words of a line as [wire.Scanner.Words] gives them. Verbs and
// keywords are compared without regard to case. Words beyond those that a verb
// takes are ignored, save in orders, which must have just the words that
// PROTOCOL items 177 and 178 of NUT's practice allow. The error is
// ErrUnknownVerb, or wraps ErrMalformed; an empty line is an ErrUnknownVerb.
func Parse(words [][]byte) (Line, error) {
	if len(words) == 0 {
		return Line{}, ErrUnknownVerb
	}
	for i := range forms {
		f := &forms[i]
		if !wire.Is(words[0], string(f.verb)) {
			continue
		}
		rest := words[1:]
		if len(rest) < f.min {
			return Line{}, fmt.Errorf("%w: %s has %d words", ErrMalformed, f.verb, len(words))
		}
		l := Line{Verb: f.verb, Surplus: len(rest) > f.max}
		if f.read == nil {
			return l, nil
		}
		if err := f.read(&l, rest); err != nil {
			return Line{}, fmt.Errorf("%w: %s: %w", ErrMalformed, f.verb, err)
		}
		return l, nil
	}
	return Line{}, ErrUnknownVerb
}

func nameOnly(l *Line, words [][]byte) error {
	if len(words[0]) == 0 {
		return errors.New("no name")
	}
	l.Name = nut.Name(words[0])
	return nil
}

func valueOnly(l *Line, words [][]byte) error {
	if len(words) > 0 {
		l.Value = string(words[0])
	}
	return nil
}

func nameValue(l *Line, words [][]byte) error {
	l.Value = string(words[1])
	return nameOnly(l, words)
}

func nameNumber(l *Line, words [][]byte) (err error) {
	if l.Number, err = whole(words[1]); err != nil {
		return err
	}
	return nameOnly(l, words)
}

func nameRange(l *Line, words [][]byte) (err error) {
	if l.Range.Min, err = whole(words[1]); err != nil {
		return err
	}
	if l.Range.Max, err = whole(words[2]); err != nil {
		return err
	}
	if l.Range.Min > l.Range.Max {
		return fmt.Errorf("%d is more than %d", l.Range.Min, l.Range.Max)
	}
	return nameOnly(l, words)
}

func nameFlags(l *Line, words [][]byte) error {
	for _, w := range words[1:] {
		switch {
		case wire.Is(w, "RW"):
			l.Flags.Writable = true
		case wire.Is(w, "STRING"):
			l.Flags.Text = true
		case wire.Is(w, "NUMBER"):
			l.Flags.Number = true
		}
	}
	return nameOnly(l, words)
}

func outcome(l *Line, words [][]byte) (err error) {
	l.Tracking = string(words[0])
	l.Number, err = whole(words[1])
	return err
}

func onOff(l *Line, words [][]byte) (err error) {
	l.Number = 1
	if len(words) > 0 {
		l.Number, err = whole(words[0])
	}
	return err
}

// setOrder reads "name value", with the pair "TRACKING id" behind it or any one
// word, which NUT ignores.
func setOrder(l *Line, words [][]byte) error {
	if len(words) >= 4 {
		if err := l.track(words[2:]); err != nil {
			return err
		}
	}
	return nameValue(l, words)
}

// instCmdOrder reads "name [value] [TRACKING id]". "name TRACKING" has a value.
func instCmdOrder(l *Line, words [][]byte) error {
	switch len(words) {
	case 1:
	case 2:
		l.Value = string(words[1])
	case 3:
		if err := l.track(words[1:]); err != nil {
			return err
		}
	default:
		if err := l.track(words[2:]); err != nil {
			return err
		}
		l.Value = string(words[1])
	}
	return nameOnly(l, words)
}

func (l *Line) track(words [][]byte) error {
	if len(words) != 2 || !wire.Is(words[0], string(Tracking)) || len(words[1]) == 0 {
		return errors.New("words that belong to nothing")
	}
	l.Tracking = string(words[1])
	return nil
}

// whole reads an integer and cuts a fraction off, as C's strtol does for NUT.
func whole(word []byte) (int, error) {
	digits := bytes.TrimLeft(word, " ")
	negative := len(digits) > 0 && digits[0] == '-'
	if negative || len(digits) > 0 && digits[0] == '+' {
		digits = digits[1:]
	}
	n, i := int64(0), 0
	for ; i < len(digits) && '0' <= digits[i] && digits[i] <= '9'; i++ {
		if n = n*10 + int64(digits[i]-'0'); n > math.MaxInt32 {
			return 0, fmt.Errorf("%q is too large", word)
		}
	}
	if i == 0 {
		return 0, fmt.Errorf("%q is not a number", word)
	}
	if negative {
		n = -n
	}
	return int(n), nil
}
