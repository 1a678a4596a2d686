package genericups

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/wattnut/wattnut/drivers/transport/serial"
)

//go:embed types.yaml
var typesYAML []byte

// kind is a type of UPS and cable.
type kind struct {
	Type       int
	Mfr, Model string
	Cable      string
	On         outputs
	Off        *outputs // nil where the power cannot be cut
	Online     inputs
	Low        inputs
	Replace    inputs
	Bypass     inputs
}

// known reads the table once, at first use.
var known = sync.OnceValues(func() ([]kind, error) {
	var all []kind
	d := yaml.NewDecoder(bytes.NewReader(typesYAML))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("types.yaml: %w", err)
	}
	return all, nil
})

// outputs are the levels of the lines that the computer drives. Break is for a
// break instead.
type outputs struct {
	serial.Lines
	Break bool
}

// inputs are lines that the computer reads: which count, and the levels that they
// have to have.
type inputs struct{ mask, want serial.Inputs }

// say tells whether some line counts, and all that do are at their levels.
func (i inputs) say(now serial.Inputs) bool { return i.mask != serial.Inputs{} && i.match(now) }

// match tells whether all lines that count, if any, are at their levels.
func (i inputs) match(now serial.Inputs) bool {
	now.CTS = now.CTS && i.mask.CTS
	now.DCD = now.DCD && i.mask.DCD
	now.DSR = now.DSR && i.mask.DSR
	now.RI = now.RI && i.mask.RI
	return now == i.want
}

// UnmarshalYAML reads lines as settings have them.
func (o *outputs) UnmarshalYAML(node *yaml.Node) (err error) {
	*o, err = parseOutputs(node.Value)
	return err
}

// UnmarshalYAML reads lines as settings have them.
func (i *inputs) UnmarshalYAML(node *yaml.Node) (err error) {
	*i, err = parseInputs(node.Value)
	return err
}

// words are the names in a list of lines; none for "none" and "NULL".
func words(text string) []string {
	all := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return strings.ContainsRune("+,& \t", r) })
	if len(all) == 1 && (all[0] == "NONE" || all[0] == "NULL") {
		return nil
	}
	return all
}

// parseOutputs reads the names of the lines that are to be high.
func parseOutputs(text string) (o outputs, err error) {
	for _, word := range words(text) {
		switch word {
		case "DTR":
			o.DTR = true
		case "RTS":
			o.RTS = true
		case "ST":
			o.Break = true
		default:
			return outputs{}, fmt.Errorf("%s is none of DTR, RTS, ST (a break), none", word)
		}
	}
	if o.Break && (o.DTR || o.RTS) {
		return outputs{}, fmt.Errorf("%s: a break has no lines beside it", text)
	}
	return o, nil
}

// parseInputs reads the names of lines, with a - before those that are to be low.
func parseInputs(text string) (i inputs, err error) {
	for _, word := range words(text) {
		name, low := strings.CutPrefix(word, "-")
		switch name {
		case "CTS":
			i.mask.CTS, i.want.CTS = true, !low
		case "DCD":
			i.mask.DCD, i.want.DCD = true, !low
		case "DSR":
			i.mask.DSR, i.want.DSR = true, !low
		case "RNG":
			i.mask.RI, i.want.RI = true, !low
		default:
			return inputs{}, fmt.Errorf("%s is none of CTS, DCD, DSR, RNG, with or without a -, none", word)
		}
	}
	return i, nil
}
