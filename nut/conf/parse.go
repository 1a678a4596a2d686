package conf

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/nut/wire"
)

// What is read of one file.
const (
	MaxSize     = 1 << 20 // bytes
	MaxProblems = 1000    // what is more is counted, and told in one sentence
)

// Parse reads a file. The error tells that it could not be read, or is larger
// than MaxSize; what is wrong in it is in File.Problems.
func Parse(f *Format, r io.Reader) (*File, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	if len(text) > MaxSize {
		return nil, fmt.Errorf("%s: it is larger than 1 MiB, which is no configuration file", f.Name)
	}
	p := newParser(f, f.Name)
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if f.Style == Shell {
		p.shell(text)
	} else {
		p.lines(text)
	}
	return p.finish(), nil
}

// ParseSettings reads the settings of one section from text that has no
// header, with any number of settings on a line: "driver=dummy-ups port=a.dev".
// source names the text in problems.
func ParseSettings(f *Format, source, section, text string) *File {
	p := newParser(f, source)
	p.section = &Section{Name: section, Line: 1}
	p.file.Sections = append(p.file.Sections, p.section)
	l := lines{format: f, text: []byte(text[:min(len(text), MaxSize)]), number: 1}
	for found, ok := l.next(); ok; found, ok = l.next() {
		if p.sound(found) {
			p.inline(found)
		}
	}
	return p.finish()
}

type parser struct {
	file    *File
	name    string   // of the file, in problems
	section *Section // what the lines belong to now
	named   map[string]*Section
	more    int      // problems beyond MaxProblems
	worst   Severity // of those
}

func newParser(f *Format, name string) *parser {
	first := &Section{}
	return &parser{file: &File{Format: f, Sections: []*Section{first}}, name: name, section: first, named: make(map[string]*Section)}
}

func (p *parser) finish() *File {
	if p.more > 0 {
		p.file.Problems = append(p.file.Problems, Problem{
			File: p.name, Severity: p.worst, Text: fmt.Sprintf("there are %d problems more", p.more),
		})
	}
	slices.SortStableFunc(p.file.Problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return p.file
}

// warn and fail report a problem of the section being read; fail marks the
// section as broken.
func (p *parser) warn(number int, format string, args ...any) {
	p.report(Warning, number, fmt.Sprintf(format, args...))
}

func (p *parser) fail(number int, format string, args ...any) {
	p.section.Broken = true
	p.report(Error, number, fmt.Sprintf(format, args...))
}

func (p *parser) report(s Severity, number int, text string) {
	if len(p.file.Problems) == MaxProblems {
		p.more++
		p.worst = max(p.worst, s)
		return
	}
	p.file.Problems = append(p.file.Problems, Problem{
		File: p.name, Line: number, Severity: s, Section: p.section.Name, Text: text,
	})
}

// lines reads the two grammars that are made of words.
func (p *parser) lines(text []byte) {
	l := lines{format: p.file.Format, text: text, number: 1}
	for found, ok := l.next(); ok; found, ok = l.next() {
		if !p.sound(found) {
			continue
		}
		switch {
		case p.file.Format.Style == Lines:
			p.directive(found.number, found.words)
		case strings.HasPrefix(found.words[0], "["):
			p.header(found)
		default:
			p.setting(found.number, found.words)
		}
	}
}

// sound reports what is wrong with the line as a whole, and tells whether it
// has words to be used.
func (p *parser) sound(l line) bool {
	if l.fault != wire.NoFault {
		p.fail(l.number, "%s; the line is left out", l.fault)
		return false
	}
	for _, note := range l.notes {
		p.warn(l.number, "%s", note)
	}
	return len(l.words) > 0
}
