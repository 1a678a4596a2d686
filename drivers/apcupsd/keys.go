package apcupsd

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

//go:embed keys.yaml
var keysYAML []byte

// keys is what apcupsd's keys mean.
type keys struct {
	Variables []variable
	Words     map[string]string // of STATUS, and those of ups.status
}

// variable is what a key says, or a part of it.
type variable struct {
	Name   nut.Name
	Key    string // "" for what no key says
	Number bool
	Digits int     // of a number, after the point
	Times  float64 // what a number is multiplied by; 0 means 1
	Max    int     // bytes of a text
	Part   string  // of a text; "" for all of it
	Begins string  // the value before the key has said one; "" for none
	Kept   bool    // stays when the key is not said any more
}

// known reads the table once, at first use.
var known = sync.OnceValues(func() (*keys, error) {
	all := new(keys)
	d := yaml.NewDecoder(bytes.NewReader(keysYAML))
	d.KnownFields(true)
	if err := d.Decode(all); err != nil {
		return nil, fmt.Errorf("keys.yaml: %w", err)
	}
	return all, nil
})

// value makes the value of the variable of what its key says; ok is false where
// that is none.
func (v variable) value(text string) (value string, ok bool) {
	if v.Number {
		n, ok := leading(text)
		if v.Times != 0 {
			n *= v.Times
		}
		return strconv.FormatFloat(n, 'f', v.Digits, 64), ok
	}
	text = part(text, v.Part)
	text = strings.TrimSpace(text[:min(len(text), v.Max)])
	return text, text != "" && wire.Clean(text)
}

// leading is the number that a text begins with.
func leading(text string) (float64, bool) {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return nut.ParseNumber(word)
}

// part is the part of a text that counts.
func part(text, which string) string {
	var first, second string
	switch which {
	case "date", "time":
		first, second, _ = strings.Cut(text, " ")
		second, _, _ = strings.Cut(strings.TrimLeft(second, " "), " ")
	case "firmware", "aux":
		first, second, _ = strings.Cut(text, "/")
	default:
		return text
	}
	if which == "time" || which == "aux" {
		return strings.TrimLeft(second, " ")
	}
	return strings.TrimRight(first, " ")
}

// errNoStatus is what apcupsd says of a UPS that it knows nothing of now.
var errNoStatus = errors.New("apcupsd has no contact with its UPS")

// status makes the words of ups.status of STATUS. Where apcupsd has lost its UPS,
// what else it says is old.
func (k *keys) status(text string) ([]string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "SELFTEST":
		return []string{nut.StatusOnBattery}, nil
	case strings.Contains(text, "COMMLOST"), text == "NETWORK ERROR", text == "ERROR", text == "":
		return nil, fmt.Errorf("%w (STATUS %q): %w", errNoStatus, text, drivers.ErrStale)
	}
	var all []string
	for word := range strings.FieldsSeq(text) {
		if mapped, ok := k.Words[word]; ok {
			all = append(all, mapped)
		}
	}
	if strings.Contains(text, "SHUTTING DOWN") { // which apcupsd says in place of all else
		all = append(all, nut.StatusOnBattery, nut.StatusLowBattery)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("STATUS %q says nothing of the power: %w", text, drivers.ErrStale)
	}
	return all, nil
}
