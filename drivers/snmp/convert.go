package snmp

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
)

// maxText is the longest value that NUT's programs pass on whole.
const maxText = 255

// converters make what a lookup cannot. unit is what the row's unit object has,
// -1 if it has none.
var converters = map[string]func(v transport.Value, unit int64) (string, bool){
	"count-list":       countList,
	"us-date":          usDate,
	"temperature":      temperature,
	"temperature-unit": func(transport.Value, int64) (string, bool) { return "celsius", true },
	"apc-temperature":  apcTemperature,
}

// render is the value of a variable whose object is v, and whether it has one.
func (r *row) render(v transport.Value, lookups map[int64]string, unit int64) (string, bool) {
	switch {
	case v.Kind == transport.Absent:
		return "", false
	case r.Convert != "":
		return converters[r.Convert](v, unit)
	case r.Text > 0:
		return r.text(v, lookups)
	}
	n, ok := number(v)
	if !ok || r.Invalid == invalidNegative && n < 0 || r.Invalid == invalidZero && n == 0 {
		return "", false
	}
	if word, ok := lookups[int64(n)]; ok {
		return word, word != ""
	}
	if r.Scale != 0 {
		n *= r.Scale
	}
	if r.Name == "ambient.temperature" {
		return strconv.FormatFloat(n, 'f', 1, 64), true
	}
	return decimal(n), true
}

// text renders what NUT has as a string.
func (r *row) text(v transport.Value, lookups map[int64]string) (string, bool) {
	switch v.Kind {
	case transport.Octets:
		text := clean(v.Text)
		return text, r.Invalid != invalidNA || text != "N/A"
	case transport.Ticks:
		return strconv.FormatInt(v.Number/100, 10), true
	case transport.Object:
		n, _ := number(v)
		if word, ok := lookups[int64(n)]; ok {
			return word, word != ""
		}
		return decimal(n), lookups == nil
	default:
	}
	if lookups != nil {
		word, ok := lookups[v.Number]
		return word, ok && word != ""
	}
	return strconv.FormatInt(v.Number, 10), r.Invalid != invalidNegative || v.Number >= 0
}

// number is v as a number: text by its digits, ticks in seconds, an OID by its
// last part.
func number(v transport.Value) (float64, bool) {
	switch v.Kind {
	case transport.Absent:
		return 0, false
	case transport.Octets:
		text := strings.TrimSpace(strings.TrimRight(v.Text, "\x00"))
		if n, err := strconv.ParseInt(text, 0, 64); err == nil {
			return float64(n), true
		}
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
	case transport.Ticks:
		return float64(v.Number / 100), true
	case transport.Object:
		n, err := strconv.ParseUint(v.Text[strings.LastIndexByte(v.Text, '.')+1:], 10, 32)
		return float64(n), err == nil
	default:
		return float64(v.Number), true
	}
}

// decimal writes n whole if it is, else with two places.
func decimal(n float64) string {
	if math.Abs(n-math.Round(n)) < 1e-9 {
		return strconv.FormatFloat(math.Round(n)+0, 'f', 0, 64)
	}
	return strconv.FormatFloat(n, 'f', 2, 64)
}

// clean makes of bytes what the protocol can carry: text as it is, without
// blanks at its end and with ? for other letters than ASCII's; other bytes in
// hexadecimal, as net-snmp writes them.
func clean(text string) string {
	text = strings.TrimRight(text, " \x00\r\n\t")
	if !utf8.ValidString(text) || strings.ContainsFunc(text, isControl) {
		return hexadecimal(text)
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\n' || r == '\t':
			return ' '
		case r > '~':
			return '?'
		}
		return r
	}, text)
	return text[:min(len(text), maxText)]
}

func isControl(r rune) bool {
	return unicode.IsControl(r) && r != '\r' && r != '\n' && r != '\t'
}

func hexadecimal(text string) string {
	const most = (maxText + 1) / 3
	return fmt.Sprintf("% X", text[:min(len(text), most)])
}

// countList counts the items of a list with commas between.
func countList(v transport.Value, _ int64) (string, bool) {
	n := 0
	for item := range strings.SplitSeq(v.Text, ",") {
		if strings.TrimSpace(item) != "" {
			n++
		}
	}
	return strconv.Itoa(n), true
}

// usDate writes month/day/year as ISO 8601 has it.
func usDate(v transport.Value, _ int64) (string, bool) {
	text := clean(v.Text)
	day, err := time.Parse("01/02/2006", text)
	if err != nil {
		return text, text != ""
	}
	return day.Format(time.DateOnly), true
}

// temperature is tenths of a degree in a unit: 0 kelvin, 1 Celsius, 2
// Fahrenheit.
func temperature(v transport.Value, unit int64) (string, bool) {
	n, ok := number(v)
	n /= 10
	switch unit {
	case 0:
		n -= 273.15
	case 1:
	case 2:
		n = (n - 32) / 1.8
	default:
		return "", false
	}
	return strconv.FormatFloat(n, 'f', 1, 64), ok
}

// apcTemperature is degrees of the external probe's unit: 1 Celsius, else
// Fahrenheit (PowerNet-MIB, iemStatusProbeTempUnits).
func apcTemperature(v transport.Value, unit int64) (string, bool) {
	n, ok := number(v)
	if unit != 1 {
		n = (n - 32) / 1.8
	}
	return strconv.FormatFloat(n, 'f', 1, 64), ok
}
