package server

import (
	"math"
	"slices"

	"github.com/wattnut/wattnut/nut"
)

// takes tells whether a variable may be given a value, as upsd judges it. A
// number's syntax is not looked at: devices take what they take.
func takes(v nut.Variable, value string) error {
	switch {
	case !v.Writable:
		return nut.ErrReadonly
	case v.Text && v.MaxLen < 1:
		return nut.ErrSetFailed
	case v.Text && len(value) > v.MaxLen, escaped(value) > maxValue:
		return nut.ErrTooLong
	case len(v.Enum) > 0 && !slices.Contains(v.Enum, value):
		return nut.ErrInvalidValue
	case len(v.Ranges) > 0 && !within(v.Ranges, leadingInt(value)):
		return nut.ErrInvalidValue
	}
	return nil
}

func within(ranges []nut.Range, n int) bool {
	return slices.ContainsFunc(ranges, func(r nut.Range) bool { return r.Min <= n && n <= r.Max })
}

// leadingInt reads the whole number that s begins with, 0 if there is none, as
// upsd reads what it compares with a RANGE: "250.9" and "250V" are 250.
func leadingInt(s string) int {
	const most = math.MaxInt32 // no device has a larger bound, and it fits any int
	i := 0
	for i < len(s) && (s[i] == ' ' || '\t' <= s[i] && s[i] <= '\r') {
		i++
	}
	negative := i < len(s) && s[i] == '-'
	if negative || i < len(s) && s[i] == '+' {
		i++
	}
	n := int64(0)
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		n = min(n*10+int64(s[i]-'0'), most)
	}
	if negative {
		n = -n
	}
	return int(n)
}
