package conf

import (
	"bytes"
	"errors"
	"strings"
)

// shell reads VAR=value lines as a shell would that expands nothing.
func (p *parser) shell(text []byte) {
	unclosed := false // after a quote that nothing closes, each line is on its own
	for number := 1; len(text) > 0; {
		visible := text
		if unclosed {
			visible = text[:lineLen(text)]
		}
		n, err := p.assignment(visible, number)
		unclosed = unclosed || errors.Is(err, errUnclosed)
		number += bytes.Count(text[:n], []byte{'\n'})
		text = text[n:]
	}
}

// errUnclosed tells of a quote that nothing closes.
var errUnclosed = errors.New("a quote is not closed")

// assignment takes what begins text, and returns its length, at least 1. The
// error is reported already.
func (p *parser) assignment(text []byte, number int) (n int, err error) {
	n = lineLen(text)
	body := strings.TrimLeft(string(text[:n]), " \t\r\n")
	if body == "" || body[0] == '#' {
		return n, nil
	}
	body = strings.TrimPrefix(body, "export ")
	start := n - len(body)
	name, _, found := strings.Cut(body, "=")
	if !found || !identifier(name) {
		p.fail(number, "it is no assignment: a shell reads this file, write NAME=value without blanks around the =")
		return n, nil
	}
	w := &shellWord{text: text[start+len(name)+1:]}
	if err := w.read(); err != nil {
		p.fail(number, "%s: %v", name, err)
		return n, err
	}
	end := start + len(name) + 1 + w.taken
	n = end + lineLen(text[end:])
	p.assigned(Directive{Name: name, Args: []string{w.value.String()}, Set: true, Line: number}, w, text[end:n])
	return n, nil
}

// assigned checks and adds an assignment that rest stands behind.
func (p *parser) assigned(d Directive, w *shellWord, rest []byte) {
	if tail := bytes.TrimSpace(rest); len(tail) > 0 && tail[0] != '#' {
		p.fail(d.Line, "%s: more than one word stands behind the =: put quotes around them", d.Name)
		return
	}
	if w.expands {
		p.warn(d.Line, "%s: $ and ` are read as they are: nothing is put in their place here", d.Name)
	}
	switch r := find(p.file.Format.rules, d.Name); {
	case r == nil:
		p.warn(d.Line, "%s is no setting of this file, and is ignored", d.Name)
	case p.fits(r, d):
		p.add(d)
	}
}

// lineLen is the length of the first line of text, with its LF if it has one.
func lineLen(text []byte) int {
	if n := bytes.IndexByte(text, '\n') + 1; n > 0 {
		return n
	}
	return len(text)
}

func identifier(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// shellWord reads one word of a shell, made of bare and quoted parts.
type shellWord struct {
	text    []byte
	taken   int
	value   strings.Builder
	expands bool // there is a $ or ` that a shell would act on
}

func (w *shellWord) read() error {
	for w.taken < len(w.text) {
		c := w.text[w.taken]
		switch c {
		case ' ', '\t', '\r', '\n', ';':
			return nil
		}
		w.taken++
		switch c {
		case '\'', '"':
			if !w.quoted(c) {
				return errUnclosed
			}
		case '\\':
			w.escaped(func(byte) bool { return true })
		default:
			w.plain(c)
		}
	}
	return nil
}

// quoted reads up to the closing quote, and tells whether there is one.
func (w *shellWord) quoted(quote byte) bool {
	for w.taken < len(w.text) {
		c := w.text[w.taken]
		w.taken++
		switch {
		case c == quote:
			return true
		case quote == '\'':
			w.value.WriteByte(c)
		case c == '\\':
			w.escaped(func(c byte) bool { return strings.IndexByte("$`\"\\", c) >= 0 })
		default:
			w.plain(c)
		}
	}
	return false
}

func (w *shellWord) plain(c byte) {
	w.expands = w.expands || c == '$' || c == '`'
	w.value.WriteByte(c)
}

// escaped takes the byte behind a backslash. special tells for which the
// backslash goes away; before an LF both do.
func (w *shellWord) escaped(special func(byte) bool) {
	if w.taken == len(w.text) {
		w.value.WriteByte('\\')
		return
	}
	c := w.text[w.taken]
	w.taken++
	switch {
	case c == '\n':
	case special(c):
		w.value.WriteByte(c)
	default:
		w.value.WriteByte('\\')
		w.value.WriteByte(c)
	}
}
