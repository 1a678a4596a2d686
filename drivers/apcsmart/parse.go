package apcsmart

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// notAvailable is what a UPS answers to a letter that it does not have.
const notAvailable = "NA"

// maxValue is the longest value of a variable.
const maxValue = 64

// parseSet reads the answer to "a": which letters a UPS takes, and which pairs
// of letters. It has the form version.alerts.letters, and perhaps a point, the
// first letter of all pairs, a colon, and their second letters.
func parseSet(answer string) (set request, pairs []request, err error) {
	parts := strings.SplitN(answer, ".", 4)
	if len(parts) < 3 || len(parts[0]) != 1 || parts[0] < "0" || parts[0] > "9" || parts[2] == "" {
		return "", nil, fmt.Errorf("%q is no set of letters", answer)
	}
	if len(parts) == 4 && len(parts[3]) > 2 && parts[3][1] == ':' {
		for _, second := range []byte(parts[3][2:]) {
			pairs = append(pairs, request([]byte{parts[3][0], second}))
		}
	}
	return request(parts[2]), pairs, nil
}

// capability is what a UPS says that a variable may be set to.
type capability struct {
	ask    request
	region byte // last letter of the firmware it is for; '4' for all
	values []string
}

// parseCapabilities reads the answer to Control-Z: entries of a letter, a region,
// the number of values, the length of each, and the values. A Matrix-UPS has ##
// before each entry, others have # before the first. Where an entry is not whole,
// what came before it is returned beside the error.
func parseCapabilities(answer string) ([]capability, error) {
	rest, ok := strings.CutPrefix(answer, "#")
	if !ok {
		return nil, errors.New("capabilities do not begin with #")
	}
	matrix := strings.HasPrefix(rest, "#")
	if matrix {
		rest = answer
	}
	var all []capability
	for rest != "" {
		if matrix {
			rest = rest[min(2, len(rest)):]
		}
		if len(rest) < 4 {
			return all, fmt.Errorf("capabilities end within an entry: %q", rest)
		}
		c := capability{ask: request(rest[:1]), region: rest[1]}
		count, length := max(int(rest[2])-'0', 0), max(int(rest[3])-'0', 0)
		rest = rest[4:]
		if count*length > len(rest) {
			return all, fmt.Errorf("capabilities end within the values of %q", c.ask)
		}
		for i := range count {
			c.values = append(c.values, rest[i*length:(i+1)*length])
		}
		rest = rest[count*length:]
		all = append(all, c)
	}
	return all, nil
}

// parseStatus reads the answer to "Q": a byte in hexadecimal digits.
func parseStatus(answer string) (status, bool) {
	if len(answer) != 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(answer, 16, 8)
	return status(n), err == nil
}

// status is the byte that says how a UPS is.
type status uint8

// The bits that decide what may be done.
const (
	calibrating status = 0x01
	onBattery   status = 0x10
	batteryLow  status = 0x40
)

// critical tells whether the status has hosts shut down.
func (s status) critical() bool { return s&onBattery != 0 && s&batteryLow != 0 }

// words are the status in words, in the order of the bits.
func (s status) words() []string {
	if s == 0 {
		return []string{nut.StatusOff}
	}
	var all []string
	for i, word := range []string{
		nut.StatusCalibrating, nut.StatusTrim, nut.StatusBoost, nut.StatusOnline,
		nut.StatusOnBattery, nut.StatusOverload, nut.StatusLowBattery, nut.StatusReplace,
	} {
		if s&(1<<i) != 0 {
			all = append(all, word)
		}
	}
	return all
}

// value makes the value of a variable of what a UPS answers; ok is false for
// what is no such value.
func (v variable) value(answer string, reasons map[string]string) (value string, ok bool) {
	if !sound(answer) || !v.Shape.fits(answer) {
		return "", false
	}
	switch v.As {
	case "text":
		return answer, true
	case "reason":
		value, ok = reasons[answer]
		return value, ok
	case "minutes":
		return times(answer, 60)
	case "hours":
		if t := strings.TrimSpace(answer); t == "ON" || t == "OFF" { // at each start, and never
			return "0", true
		}
		return times(answer, 3600)
	}
	_, ok = nut.ParseNumber(answer)
	return answer, ok
}

// sound tells whether an answer can have a value in it.
func sound(answer string) bool {
	return answer != notAvailable && len(answer) <= maxValue && wire.Clean(answer)
}

// times multiplies the whole number that a text begins with.
func times(text string, by int) (string, bool) {
	digits := strings.TrimSpace(text)
	if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = digits[:end]
	}
	n, err := strconv.ParseUint(digits, 10, 24)
	return strconv.FormatUint(n*uint64(by), 10), err == nil
}

// names are those of the variables that an answer may have.
func (v variable) names() []nut.Name {
	if !v.Packed {
		return []nut.Name{v.Name}
	}
	all := make([]nut.Name, maxPacked)
	for i := range all {
		all[i] = nut.Name(strings.Replace(string(v.Name), ".0.", "."+strconv.Itoa(i+1)+".", 1))
	}
	return all
}

// maxPacked is how many values an answer may have.
const maxPacked = 4

// values makes the variables of an answer. Those of a packed one are numbered by
// their place, and a place may be empty.
func (v variable) values(answer string, reasons map[string]string) map[nut.Name]string {
	if !v.Packed {
		if value, ok := v.value(answer, reasons); ok {
			return map[nut.Name]string{v.Name: value}
		}
		return nil
	}
	fields := strings.Split(answer, ",")
	if !sound(answer) || len(fields) > maxPacked || !slices.ContainsFunc(fields, v.Shape.fits) {
		return nil
	}
	all := make(map[nut.Name]string)
	for i, field := range fields {
		name := v.names()[i]
		if field == "" {
			all[name] = "N/A"
		} else if _, ok := nut.ParseNumber(field); ok {
			all[name] = field
		} else {
			return nil
		}
	}
	return all
}
