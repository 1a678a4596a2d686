package dialect

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
)

// maxAnswer is the longest answer that is looked at.
const maxAnswer = 512

// ask sends a question and returns its answer, without the carriage return, if
// it has the form that was asked for.
func (u *Unit) ask(ctx context.Context, q *query) ([]byte, error) {
	raw, err := u.exchange(ctx, q.Ask)
	if err != nil {
		return nil, err
	}
	return u.judge(q, raw)
}

// exchange sends a command and returns the first line of what is answered.
func (u *Unit) exchange(ctx context.Context, text string) ([]byte, error) {
	command := u.frame(text)
	raw, err := u.ex.Exchange(ctx, command)
	if err != nil {
		return nil, err
	}
	answer := line(raw)
	if len(answer) == 0 {
		return nil, ErrSilent
	}
	if bytes.Equal(answer, line(command)) {
		return nil, errEcho
	}
	return answer, nil
}

// judge tells whether an answer is of the form that q wants, and makes it
// readable.
func (u *Unit) judge(q *query, raw []byte) ([]byte, error) {
	if u.refuses(raw) {
		return nil, errRefused
	}
	answer, err := u.unframe(raw)
	if err != nil {
		return nil, err
	}
	if q.Prepare != "" {
		if answer, err = preparers[q.Prepare](u, answer); err != nil {
			return nil, err
		}
	}
	switch {
	case len(answer)+1 < q.Least:
		return nil, fmt.Errorf("%w: %d characters are too few", errNone, len(answer))
	case !bytes.HasPrefix(answer, []byte(q.Begins)):
		return nil, fmt.Errorf("%w: does not begin with %s", errNone, q.Begins)
	}
	return answer, nil
}

func (u *Unit) refuses(answer []byte) bool {
	return u.t.Rejected != "" && strings.EqualFold(string(answer[:min(len(answer), len(u.t.Rejected))]), u.t.Rejected) &&
		(len(u.t.Rejected) > 1 || len(answer) == 1)
}

// line is the first line of what came, bounded.
func line(raw []byte) []byte {
	raw = raw[:min(len(raw), maxAnswer)]
	if i := bytes.IndexByte(raw, '\r'); i >= 0 {
		raw = raw[:i]
	}
	return raw
}

// learn reads a row from an answer and remembers its value.
func (u *Unit) learn(r *liveRow, answer []byte) error {
	text, err := cut(answer, r.From, r.To)
	if err != nil {
		return err
	}
	value, err := u.value(reading{row: r.row, text: text, answer: answer})
	if err != nil {
		return err
	}
	if !printable(value) || value == "" && !r.isNews() {
		return fmt.Errorf("%w: %q", errNone, value)
	}
	if r.isNews() {
		u.state(r, r.Name, value)
		return nil
	}
	u.facts[r.Name] = value
	u.hidden[r.Name] = r.Hidden
	for _, s := range u.settings {
		if s.Name == r.Name {
			s.off = false // what can be read can be set
		}
	}
	return nil
}

func (u *Unit) forget(r *liveRow) {
	if r.isNews() {
		u.state(r, r.Name, "")
		return
	}
	delete(u.facts, r.Name)
}

// cut returns the characters from one to another, both included; with 0 for
// the other, all that is left.
func cut(answer []byte, from, to int) (string, error) {
	if to == 0 {
		to = len(answer) - 1
	}
	if from > len(answer) || to >= len(answer) {
		return "", fmt.Errorf("%w: too short", errNone)
	}
	return string(answer[from : to+1]), nil
}

// value is what a text means in a row.
func (u *Unit) value(r reading) (string, error) {
	switch {
	case r.row.Read != "":
		return readers[r.row.Read](u, r)
	case r.row.Words != nil:
		word, ok := r.row.Words[strings.TrimSpace(r.text)]
		if !ok {
			return "", fmt.Errorf("%w: %q has no meaning", errNone, r.text)
		}
		return word, nil
	case r.row.Digits != nil:
		n, err := number(r.text)
		if err != nil {
			return "", err
		}
		return r.format(n), nil
	}
	text := r.text
	if r.row.Trim {
		text = strings.Trim(text, "# \x00")
	}
	if text == "" {
		return "", errNone
	}
	return r.row.Prefix + text, nil
}

// format writes a number as the row wants it.
func (r reading) format(n float64) string {
	digits := 0
	if r.row.Digits != nil {
		digits = *r.row.Digits
	}
	if r.row.Scale != 0 {
		n *= r.row.Scale
	}
	return decimal(n, digits)
}

func decimal(n float64, digits int) string {
	return strconv.FormatFloat(n+0, 'f', digits, 64)
}

// number reads digits, with a point perhaps and blanks around them. Anything
// else is none, such as the dashes that devices give for what they do not know.
func number(text string) (float64, error) {
	text = strings.Trim(text, " ")
	if text == "" || strings.Trim(text, "0123456789.") != "" {
		return 0, fmt.Errorf("%w: %q is not a number", errNone, text)
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not a number", errNone, text)
	}
	return n, nil
}

func printable(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return len(text) <= 255
}
