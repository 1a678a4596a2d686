package nut

import (
	"slices"
	"strconv"
	"strings"
)

// Variable is one fact about a device and what a client may ask of it. The
// zero attributes mean a read-only value of no declared type, which the
// protocol reports as NUMBER (RFC 9271 section 4.2.4.4: no type means number).
type Variable struct {
	Name  Name
	Value string

	Writable bool     // RW: SET VAR may change it
	Text     bool     // STRING: any text of at most MaxLen bytes
	MaxLen   int      // the n of STRING:n; 0 where the driver never said
	Enum     []string // ENUM: the values it may take, in the driver's order
	Ranges   []Range  // RANGE: the intervals it may lie in
}

// Range is one closed interval of allowed integer values, Min <= Max.
type Range struct{ Min, Max int }

// Number reads the value as the plain decimal of RFC 9271 section 4.2.4.4: an
// optional sign, digits, and a dot. Exponents, hexadecimal forms, infinities
// and trailing text are not numbers.
func (v Variable) Number() (float64, bool) { return ParseNumber(v.Value) }

// Equal tells whether v and w are the same fact with the same attributes.
// Names are compared by their spelling.
func (v Variable) Equal(w Variable) bool {
	return v.Name == w.Name && v.Value == w.Value &&
		v.Writable == w.Writable && v.Text == w.Text && v.MaxLen == w.MaxLen &&
		slices.Equal(v.Enum, w.Enum) && slices.Equal(v.Ranges, w.Ranges)
}

// ParseNumber reads s as a plain decimal; blanks around it are ignored, as
// some devices pad their numbers.
func ParseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	digits := false
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits = true
		case c == '.':
		case (c == '-' || c == '+') && i == 0:
		default:
			return 0, false
		}
	}
	if !digits {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
