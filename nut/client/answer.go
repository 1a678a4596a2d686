package client

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/nut/wire"
)

// readText takes any line as it is.
func readText(_ *reader, first line) (string, error) { return first.text(), nil }

// readOK takes OK, and returns what stands behind it.
func readOK(in *reader, first line) (string, error) {
	words, err := in.words(first)
	if err != nil {
		return "", err
	}
	if len(words) == 0 || !wire.Is(words[0], "OK") {
		return "", in.violation("neither OK nor an error")
	}
	return string(bytes.Join(words[1:], []byte(" "))), nil
}

// readValue takes a line that echoes the words of the request, and gives parse
// what stands behind them.
func readValue[T any](parse func(rest [][]byte) (T, bool), echo ...string) func(*reader, line) (T, error) {
	return func(in *reader, first line) (T, error) {
		var none T
		words, err := in.words(first)
		if err != nil {
			return none, err
		}
		rest, ok := cutEcho(words, echo)
		if !ok {
			return none, in.violation("not the answer to this request")
		}
		value, ok := parse(rest)
		if !ok {
			return none, in.violation("malformed answer")
		}
		return value, nil
	}
}

// readList takes BEGIN LIST with the words of the request, rows that begin with
// them, and END LIST with them. parse gets what stands behind them in a row.
func readList[T any](parse func(rest [][]byte) (T, bool), echo ...string) func(*reader, line) ([]T, error) {
	begin, end := append([]string{"BEGIN", "LIST"}, echo...), append([]string{"END", "LIST"}, echo...)
	return func(in *reader, next line) ([]T, error) {
		words, err := in.words(next)
		if err != nil {
			return nil, err
		}
		if !isAll(words, begin) {
			return nil, in.violation("not the beginning of this list")
		}
		var list []T
		for {
			if words, err = in.row(len(list)); err != nil {
				return nil, err
			}
			if isAll(words, end) {
				return list, nil
			}
			rest, ok := cutEcho(words, echo)
			if !ok {
				return nil, in.violation("not a row of this list")
			}
			value, ok := parse(rest)
			if !ok {
				return nil, in.violation("malformed row")
			}
			list = append(list, value)
		}
	}
}

// row reads the next line of a list that has n rows so far.
func (r *reader) row(n int) ([][]byte, error) {
	l, err := r.next()
	if err != nil {
		return nil, err
	}
	if n > r.opts.MaxRows {
		return nil, r.violation(fmt.Sprintf("list is longer than %d rows", r.opts.MaxRows))
	}
	if r.size > r.opts.MaxList {
		return nil, r.violation(fmt.Sprintf("list is longer than %d bytes", r.opts.MaxList))
	}
	refused, err := r.refusal(l)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		violation := r.violation("an error inside a list")
		violation.Err = refused
		return nil, violation
	}
	return r.words(l)
}

// isAll tells whether words are those of the request, and no more.
func isAll(words [][]byte, echo []string) bool {
	rest, ok := cutEcho(words, echo)
	return ok && len(rest) == 0
}

// cutEcho takes the echoed words of the request off, without regard to case. A
// server may echo a name that holds blanks without quotes, as NUT's does.
func cutEcho(words [][]byte, echo []string) (rest [][]byte, ok bool) {
	for _, want := range echo {
		n := 1
		if len(words) == 0 {
			return nil, false
		}
		if !strings.EqualFold(string(words[0]), want) {
			n = strings.Count(want, " ") + 1
			if n > len(words) || !strings.EqualFold(string(bytes.Join(words[:n], []byte(" "))), want) {
				return nil, false
			}
		}
		words = words[n:]
	}
	return words, true
}
