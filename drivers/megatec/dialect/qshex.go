package dialect

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// qsHexEscapes are the bytes that a device cannot send as they are.
var qsHexEscapes = []byte{'\r', 0x11, 0x13, '\n', ' '}

// qsHexText writes a binary answer as a text: two hexadecimal digits a byte,
// and blanks between the numbers. The two last are bits.
func qsHexText(_ *Unit, answer []byte) ([]byte, error) {
	if len(answer) == 0 || answer[0] != '#' {
		return nil, fmt.Errorf("%w: %q is no status", errNone, answer)
	}
	tokens := []string{""}
	for i := 1; i < len(answer); i++ {
		c := answer[i]
		if c == ' ' {
			tokens = append(tokens, "")
			continue
		}
		if c == '(' {
			if i++; i >= len(answer) || int(answer[i]) >= len(qsHexEscapes) {
				return nil, fmt.Errorf("%w: an escape of nothing", errNone)
			}
			c = qsHexEscapes[answer[i]]
		}
		form := "%02x"
		if len(tokens) >= 10 {
			form = "%08b"
		}
		tokens[len(tokens)-1] += fmt.Sprintf(form, c)
	}
	text := "#" + strings.Join(tokens, " ")
	if n := len(tokens); (n != 10 || len(text) != 46) && (n != 11 || len(text) != 55) {
		return nil, fmt.Errorf("%w: %d numbers of %d characters are no status", errNone, n, len(text))
	}
	return []byte(text), nil
}

// qsHexProtocol is P or T; only T says and does all.
func qsHexProtocol(u *Unit, r reading) (string, error) {
	switch r.text {
	case "T":
		u.wake("output.frequency.nominal", "battery.voltage.nominal", "output.voltage.nominal", "test.battery.start.quick")
	case "P":
	default:
		return "", fmt.Errorf("%w: protocol %q", errNone, r.text)
	}
	return "PM-" + r.text, nil
}

// pair reads two hexadecimal numbers.
func pair(text string) (a, b float64, err error) {
	parts := strings.Fields(text)
	if len(parts) != 2 {
		return 0, 0, fmt.Errorf("%w: %q are not two numbers", errNone, text)
	}
	x, err1 := strconv.ParseUint(parts[0], 16, 32)
	y, err2 := strconv.ParseUint(parts[1], 16, 32)
	if err1 != nil || err2 != nil {
		return 0, 0, fmt.Errorf("%w: %q are not two numbers", errNone, text)
	}
	return float64(x), float64(y), nil
}

func qsHexVoltage(_ *Unit, r reading) (string, error) {
	a, b, err := pair(r.text)
	return r.format(math.Floor(a*b/51) / 256), err
}

func qsHexBattery(_ *Unit, r reading) (string, error) {
	a, b, err := pair(r.text)
	return r.format(a * b / 510), err
}

func qsHexFrequency(_ *Unit, r reading) (string, error) {
	a, b, err := pair(r.text)
	if err == nil && a == 0 {
		err = fmt.Errorf("%w: %q is no frequency", errNone, r.text)
	}
	return r.format(min(b/max(a, 1), 99.9)), err
}

func qsHexLoad(_ *Unit, r reading) (string, error) {
	n, err := strconv.ParseUint(r.text, 16, 16)
	if err != nil {
		return "", fmt.Errorf("%w: %q is no load", errNone, r.text)
	}
	return strconv.FormatUint(n, 10), nil
}
