package conf

import (
	"bytes"
	"slices"

	"github.com/wattnut/wattnut/nut/wire"
)

// line is one line of words, which may span lines of text.
type line struct {
	number int // of the text's line where it begins
	words  []string
	fault  wire.Fault
	notes  []string // what a person should know of how it was read
}

// lines cuts a text into lines of words.
type lines struct {
	format *Format
	text   []byte
	number int // of the line that text begins with
	// unclosed is how much of text was searched in vain for the end of a
	// quote. No quote that opens there may span lines of text: what would
	// close it belongs to another.
	unclosed int
}

// next returns the next line, which may have no words. ok is false at the end.
func (l *lines) next() (found line, ok bool) {
	if len(l.text) == 0 {
		return line{}, false
	}
	found = line{number: l.number}
	var s wire.Scanner
	n, r := scan(&s, l.text)
	if r == wire.Bad && s.Fault() == wire.OpenQuote && l.unclosed == 0 {
		m, words, closed := spanning(l.format, l.text)
		if closed {
			found.words = words
			found.notes = append(found.notes, "the quotes that open here close only on a later line: is one missing?")
			return l.took(found, m), true
		}
		l.unclosed = m
	}
	if r == wire.Bad {
		found.fault = s.Fault()
	} else {
		found.words = toStrings(s.Words())
	}
	return l.took(found, n), true
}

// took completes a line that is the first n bytes of the text.
func (l *lines) took(found line, n int) line {
	raw := l.text[:n]
	l.text = l.text[n:]
	l.unclosed = max(0, l.unclosed-n)
	l.number += bytes.Count(raw, []byte{'\n'})
	if found.fault != wire.NoFault {
		return found
	}
	if losesBytes(raw, found.words) {
		found.notes = append(found.notes, "only ASCII is read: other characters are left out")
	}
	if len(found.words) == wire.MaxWords {
		found.notes = append(found.notes, "it has 32 words or more, and no more than that are read")
	}
	if slices.ContainsFunc(found.words, func(w string) bool { return len(w) == wire.MaxWordLen }) {
		found.notes = append(found.notes, "a word of it has 512 characters or more, and no more than that are read")
	}
	return found
}

// scan reads one line, or what there is where no LF ends it.
func scan(s *wire.Scanner, text []byte) (int, wire.Result) {
	n, r := s.Scan(text)
	if r == wire.More {
		r = s.End()
	}
	return n, r
}

// spanning reads a line whose quotes do not close on their own line of text,
// as NUT does. closed is false where they do not close before a line that
// begins as one of this file would, or at all: then a quote was forgotten, and
// the lines below are not its to swallow. n is how much was read.
func spanning(f *Format, text []byte) (n int, words []string, closed bool) {
	s := wire.Scanner{Multiline: true}
	for n < len(text) {
		rest := text[n:]
		if lf := bytes.IndexByte(rest, '\n'); lf >= 0 {
			rest = rest[:lf+1]
		}
		if n > 0 && f.begins(string(rest)) {
			return n, nil, false
		}
		taken, r := s.Scan(rest)
		n += taken
		if r == wire.More && n == len(text) {
			r = s.End()
		}
		switch r {
		case wire.Line:
			return n, toStrings(s.Words()), true
		case wire.Bad:
			return n, nil, false
		case wire.More:
		}
	}
	return n, nil, false
}

// losesBytes tells whether bytes of raw that the grammar cannot carry stood in
// words, rather than in a comment.
func losesBytes(raw []byte, words []string) bool {
	lost := func(c byte) bool { return c > 0x7f || c < ' ' && bytes.IndexByte([]byte("\t\n\v\f\r"), c) < 0 }
	if !slices.ContainsFunc(raw, lost) {
		return false
	}
	kept := slices.Clone(raw)
	for i, c := range kept {
		if lost(c) {
			kept[i] = 'x'
		}
	}
	s := wire.Scanner{Multiline: true}
	scan(&s, kept)
	return !slices.Equal(toStrings(s.Words()), words)
}

func toStrings(words [][]byte) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return all
}
