package dialect

import (
	"fmt"
	"strings"
)

// What goes around the commands of a dialect.
const (
	frameCRC     = "crc"     // Voltronic's check of both directions
	frameAddress = "address" // XX stands for the number of the unit
)

// frame makes the bytes of a command.
func (u *Unit) frame(text string) []byte {
	b := []byte(text)
	switch u.t.Frame {
	case frameCRC:
		check := crc(b)
		b = append(b, check[:]...)
	case frameAddress:
		if head, ok := strings.CutSuffix(text, ",XX"); ok {
			b = fmt.Appendf(nil, "%s,%02.0f", head, u.float(unitID))
		}
	}
	return append(b, '\r')
}

// unframe takes off and checks what a dialect has around its answers.
func (u *Unit) unframe(answer []byte) ([]byte, error) {
	if u.t.Frame != frameCRC {
		return answer, nil
	}
	n := len(answer) - 2
	if n < 1 {
		return nil, fmt.Errorf("%w: too short for a check", errNone)
	}
	if want := crc(answer[:n]); string(want[:]) != string(answer[n:]) {
		return nil, fmt.Errorf("%w: the check is %x, not %x", errNone, answer[n:], want)
	}
	return answer[:n], nil
}

// crc is the CRC-16 of polynomial 0x1021 that starts with 0. Where one of its
// bytes would be a line feed, a carriage return or a parenthesis, it is one more.
func crc(b []byte) [2]byte {
	var sum uint16
	for _, c := range b {
		sum ^= uint16(c) << 8
		for range 8 {
			top := sum & 0x8000
			sum <<= 1
			if top != 0 {
				sum ^= 0x1021
			}
		}
	}
	check := [2]byte{byte(sum >> 8), byte(sum)}
	for i, c := range check {
		if c == '\n' || c == '\r' || c == '(' {
			check[i]++
		}
	}
	return check
}
