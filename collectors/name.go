package collectors

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wattnut/wattnut/nut"
)

// base says how a unit of NUT's is told in the base unit of its kind.
type base struct {
	suffix string // the base unit, in the plural
	shift  string // a decimal exponent that is put behind the number, so that 16.9 % is just 0.169
	factor float64
	offset float64 // added before the factor is applied
}

// bases has the units. Those without a row are told as they are.
var bases = map[nut.Unit]base{
	nut.Volt:          {suffix: "volts"},
	nut.Ampere:        {suffix: "amperes"},
	nut.Watt:          {suffix: "watts"},
	nut.VoltAmpere:    {suffix: "voltamperes"},
	nut.Hertz:         {suffix: "hertz"},
	nut.Celsius:       {suffix: "celsius"},
	nut.Fahrenheit:    {suffix: "celsius", offset: -32, factor: 5. / 9},
	nut.Second:        {suffix: "seconds"},
	nut.Minute:        {suffix: "seconds", factor: 60},
	nut.Percent:       {suffix: "ratio", shift: "e-2"},
	nut.AmpereHour:    {suffix: "coulombs", factor: 3600},
	nut.Degree:        {suffix: "degrees"},
	nut.Dimensionless: {suffix: "ratio"},
}

// renamed has the few paths whose rule would give a name that Prometheus
// reserves for something else.
var renamed = map[nut.Name]string{
	"device.count":               "devices",
	"ambient.count":              "ambient.sensors",
	"input.count":                "inputs",
	"outlet.count":               "outlets",
	"outlet.group.count":         "outlet.groups",
	"outlet.group.{group}.count": "outlet.group.outlets",
	"driver.reconnect_count":     "driver.reconnect_tries",
}

// silent are the places of templates that need no word in the name, since the
// word before them says it.
var silent = []string{"outlet", "group", "sensor", "contact"}

// path is the name of a variable's family without prefix and unit, with dots
// between its words.
func path(template nut.Name) string {
	if name, ok := renamed[template]; ok {
		return name
	}
	words := strings.Split(string(template), ".")
	if words[0] == "outlet" && words[1] != "{outlet}" && words[1] != "group" {
		words[0] = "outlets" // all together: no total beside its parts
	}
	kept := words[:0]
	for _, word := range words {
		prefix, key, isHole := strings.Cut(word, "{")
		key = strings.TrimSuffix(key, "}")
		switch {
		case !isHole:
			kept = append(kept, sanitise(word))
		case prefix != "":
			kept = append(kept, sanitise(prefix))
		case !slices.Contains(silent, key) && !strings.HasSuffix(key, "*"):
			kept = append(kept, sanitise(key))
		}
	}
	return strings.Join(kept, ".")
}

// sanitise makes any text part of a metric name: small letters, digits, single
// underscores.
func sanitise(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		default:
			c = '_'
		}
		if c != '_' || len(b) > 0 && b[len(b)-1] != '_' {
			b = append(b, c)
		}
	}
	return strings.TrimSuffix(string(b), "_")
}

// reserved are words that promtool takes for a unit or a type, so that they
// may not stand alone in the name of a variable that we know nothing of.
var reserved = strings.Fields("s ms us ns sec b kb mb gb tb pb m h d " +
	"minutes hours days weeks kelvins fahrenheit rankine inches yards miles bits calories pounds ounces " +
	"gauge counter total count sum bucket info")

const maxName = 120 // bytes of a variable's name that go into a metric's

// unmapped is the family name of a variable without a unit that we know. Words
// that are reserved are glued to the word before them.
func unmapped(variable nut.Name) string {
	var name strings.Builder
	name.WriteString("nut_unmapped")
	for word := range strings.FieldsFuncSeq(sanitise(clip(string(variable), maxName)), isUnderscore) {
		if !slices.Contains(reserved, word) && !isPrefixedUnit(word) {
			name.WriteByte('_')
		}
		name.WriteString(word)
	}
	return name.String()
}

func isUnderscore(r rune) bool { return r == '_' }

// isPrefixedUnit tells whether a word is like "milliseconds".
func isPrefixedUnit(word string) bool {
	for _, unit := range []string{"amperes", "bytes", "celsius", "grams", "joules", "kelvin", "meters", "metres", "seconds", "volts"} {
		if strings.HasSuffix(word, unit) && word != unit {
			return true
		}
	}
	return false
}

const maxLabel = 256 // bytes of a label's value

// label makes the value of a label of what a device says.
func label(s string) string { return clip(strings.ToValidUTF8(s, "\uFFFD"), maxLabel) }

// clip cuts s to at most n bytes, between runes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
