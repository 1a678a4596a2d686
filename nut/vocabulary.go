package nut

import (
	_ "embed"
	"iter"
	"slices"
	"strings"
	"sync"
)

// Entry is what the vocabulary says of a variable, an instant command or a
// word of ups.status. Entries are shared: nobody may write to one.
type Entry struct {
	Name     Name     // the name or, for a family of names, its template: "outlet.{outlet}.status"
	Type     Type     // what the values of a variable mean
	Unit     Unit     // the unit of a variable's number; "" for none
	Values   []string // the values it is known to take, not always all; nil for most
	Standard bool     // whether it is documented, in RFC 9271 or by NUT
	Text     string   // what it is, in one line for people
}

// Type is what the values of a variable mean.
type Type string

// The types of variables. The protocol knows fewer; these are for readers that
// must not mistake a serial number for a quantity.
const (
	Number      Type = "number"   // a plain decimal
	Text        Type = "text"     // words for people
	Identity    Type = "identity" // names and numbers that are compared, never calculated with
	Enumeration Type = "enum"     // one of a few words
	Date        Type = "date"     // a day, written in any manner
	Clock       Type = "clock"    // a time of day
)

// Unit is the unit of a number, as NUT has it.
type Unit string

// The units of the vocabulary.
const (
	Volt          Unit = "V"
	Ampere        Unit = "A"
	Watt          Unit = "W"
	VoltAmpere    Unit = "VA"
	Hertz         Unit = "Hz"
	Celsius       Unit = "degC"
	Fahrenheit    Unit = "degF"
	Second        Unit = "s"
	Minute        Unit = "min"
	Percent       Unit = "%"
	AmpereHour    Unit = "Ah"
	Degree        Unit = "deg" // of an angle
	Dimensionless Unit = "1"   // a ratio of two equal quantities
)

//go:embed vocabulary.tsv
var vocabularyText string

// vocabulary is decoded on first use, as most programs never ask for it.
var vocabulary = sync.OnceValue(func() *lexicon { return decodeVocabulary(vocabularyText) })

// Describe finds the variable of that name, directly, by template, or as a
// variable of one device in a daisy chain. It returns false for a name that
// the vocabulary does not know.
func Describe(variable Name) (*Entry, bool) {
	l := vocabulary()
	e := l.variables.find(string(variable))
	if e == nil {
		if _, rest, ok := Daisy(variable); ok {
			e = l.variables.find(string(rest))
		}
	}
	return e, e != nil
}

// DescribeCommand finds the instant command of that name; see [Describe].
func DescribeCommand(command Name) (*Entry, bool) {
	e := vocabulary().commands.find(string(command))
	return e, e != nil
}

// Variables yields every variable of the vocabulary in the order of the table.
// Templates that differ only in being of the input or the output, the bypass
// or the inverter are there one by one.
func Variables() iter.Seq[*Entry] { return slices.Values(vocabulary().variableList) }

// Commands yields every instant command of the vocabulary.
func Commands() iter.Seq[*Entry] { return slices.Values(vocabulary().commandList) }

// Words yields every word of ups.status, the standard ones first. Those with a
// colon are words of experimental.ups.mode.buzzwords.
func Words() iter.Seq[*Entry] { return slices.Values(vocabulary().words) }

// Daisy splits the name of a variable of one device in a daisy chain:
// "device.2.input.voltage" is input.voltage of device 2, "device.2.uptime" is
// its device.uptime. Device 0 is the chain as a whole.
func Daisy(name Name) (device string, rest Name, ok bool) {
	group, tail, _ := strings.Cut(string(name), ".")
	device, tail, ok = strings.Cut(tail, ".")
	if !ok || !Name(group).Equal("device") || !isNumber(device) {
		return "", "", false
	}
	if vocabulary().variables.find(tail) == nil {
		full := "device." + tail
		if vocabulary().variables.find(full) != nil {
			return device, Name(full), true
		}
	}
	return device, Name(tail), true
}

// Keys yields what name has in the places of e's template, with the names of
// the places: outlet 3 of "outlet.3.status". name must be one that e describes,
// without the part that [Daisy] takes off.
func (e *Entry) Keys(name Name) iter.Seq2[string, string] {
	return func(yield func(place, value string) bool) {
		words := strings.SplitSeq(string(e.Name), ".")
		rest := string(name)
		for word := range words {
			h, isHole := parseHole(word)
			if isHole && h.rest {
				yield(h.key, rest)
				return
			}
			var part string
			part, rest, _ = strings.Cut(rest, ".")
			if isHole && !yield(h.key, part[min(len(h.prefix), len(part)):]) {
				return
			}
		}
	}
}
