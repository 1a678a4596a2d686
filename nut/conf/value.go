package conf

import (
	"strconv"
	"strings"
	"time"
)

// MaxNumber is the largest number that a setting may have, so that seconds
// and products of numbers stay far from overflow.
const MaxNumber = 1_000_000_000

// Number reads a whole number as NUT does: decimal digits, and whatever is
// behind them is rest, which NUT ignores. ok is false where there is no digit,
// or where the number is beyond MaxNumber.
func Number(s string) (n int, rest string, ok bool) {
	digits := strings.TrimLeft(s, "0123456789")
	n, err := strconv.Atoi(s[:len(s)-len(digits)])
	return n, digits, err == nil && n <= MaxNumber
}

// Integer is Number with a sign before it.
func Integer(s string) (n int, rest string, ok bool) {
	if after, negative := strings.CutPrefix(s, "-"); negative {
		n, rest, ok = Number(after)
		return -n, rest, ok
	}
	return Number(strings.TrimPrefix(s, "+"))
}

// Seconds reads a duration in seconds. Unlike NUT it takes a fraction: "0.5".
func Seconds(s string) (d time.Duration, rest string, ok bool) {
	n, rest, ok := Number(s)
	d = time.Duration(n) * time.Second
	fraction, has := strings.CutPrefix(rest, ".")
	if !ok || !has {
		return d, rest, ok
	}
	rest = strings.TrimLeft(fraction, "0123456789")
	part, err := strconv.ParseFloat("0."+fraction[:len(fraction)-len(rest)]+"0", 64)
	return d + time.Duration(part*float64(time.Second)), rest, err == nil
}

// Bool reads yes, on, true and 1, no, off, false and 0, in any case.
func Bool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "1", "yes", "true", "on":
		return true, true
	case "0", "no", "false", "off":
		return false, true
	}
	return false, false
}
