package server

import (
	"errors"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// maxValue is how many bytes of a value reach a client, escaped, as in upsd.
const maxValue = 255

// errTooLong is the answer where names are so long that the line that repeats
// them would not be read whole by NUT's clients.
var errTooLong error = nut.ErrInvalidArgument

type text interface{ string | []byte }

// errorWord is what stands behind ERR for err.
func errorWord(err error) nut.Error {
	if e, ok := errors.AsType[nut.Error](err); ok {
		return e
	}
	return nut.ErrFailed
}

// say appends a line of words that need no quotes.
func (s *session) say(words ...string) error {
	start := len(s.out)
	for i, w := range words {
		if i > 0 {
			s.out = append(s.out, ' ')
		}
		s.out = append(s.out, w...)
	}
	s.out = append(s.out, '\n')
	return fits(s.out, start)
}

// fits tells whether the line that begins at start is short enough.
func fits(line []byte, start int) error {
	if len(line)-start > wire.MaxLine {
		return errTooLong
	}
	return nil
}

// appendNames appends words as they are, and a blank behind each.
func appendNames[T text](dst []byte, word string, names ...T) []byte {
	dst = append(append(dst, word...), ' ')
	for _, n := range names {
		dst = append(append(dst, n...), ' ')
	}
	return dst
}

// appendFact appends `word ups name "value"` and an LF. A value is cut at
// maxValue bytes. What would be too long for a line even so is left out, and
// told.
func appendFact[T, U text](dst []byte, word string, ups T, name U, prefix, value string) ([]byte, error) {
	start := len(dst)
	dst = append(append(dst, word...), ' ')
	dst = append(append(dst, ups...), ' ')
	dst = append(append(dst, name...), " \""...)
	open := len(dst)
	dst = wire.AppendEscaped(append(dst, prefix...), value)
	dst = append(cut(dst, open, maxValue), "\"\n"...)
	if err := fits(dst, start); err != nil {
		return dst[:start], err
	}
	return dst, nil
}

// appendText appends text in quotes and an LF, and cuts it so that the line
// that begins at start fits.
func appendText(dst []byte, start int, text string) ([]byte, error) {
	dst = append(dst, '"')
	room := wire.MaxLine - len("\"\n") - (len(dst) - start)
	if room < 0 {
		return dst, errTooLong
	}
	open := len(dst)
	dst = wire.AppendEscaped(dst, text)
	return append(cut(dst, open, room), "\"\n"...), nil
}

// cut shortens the escaped text from open on to size bytes, and never between
// a backslash and what it escapes.
func cut(dst []byte, open, size int) []byte {
	if len(dst)-open <= size {
		return dst
	}
	dst = dst[:open+size]
	slashes := 0
	for i := len(dst) - 1; i >= open && dst[i] == '\\'; i-- {
		slashes++
	}
	return dst[:len(dst)-slashes%2]
}
