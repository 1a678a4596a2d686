package apcsmart

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/wattnut/wattnut/nut"
)

//go:embed letters.yaml
var lettersYAML []byte

// letters is what is known of the protocol.
type letters struct {
	Variables []variable
	Commands  []command
	Firmwares []struct {
		Firmware string
		Letters  request
	}
	Never   request
	Reasons map[string]string
}

// request is one letter, two, or a set of them: bytes, which the file has as
// the code points of those numbers.
type request string

// UnmarshalYAML makes bytes of code points.
func (r *request) UnmarshalYAML(node *yaml.Node) error {
	var b []byte
	for _, c := range node.Value {
		if c > 0xff {
			return fmt.Errorf("line %d: %q is no byte", node.Line, c)
		}
		b = append(b, byte(c))
	}
	*r = request(b)
	return nil
}

// has tells whether r as a set has a letter.
func (r request) has(letter request) bool {
	return letter != "" && strings.Contains(string(r), string(letter))
}

// variable is a letter, or two, that asks for a variable.
type variable struct {
	Name   nut.Name
	Ask    request
	As     string
	Poll   bool   // it changes by itself
	Text   bool   // a client may write it
	Packed bool   // up to four answers in one
	Shape  *shape // of the answer; nil for any
}

// command is an instant command.
type command struct {
	Name  nut.Name
	Send  request
	Arg   *shape // of the parameter; nil for none at all
	Again bool   // has to be said again
	Twice bool   // has to be sent twice
}

// shape is a pattern that a text has to match.
type shape struct{ *regexp.Regexp }

// UnmarshalYAML compiles the pattern.
func (s *shape) UnmarshalYAML(node *yaml.Node) (err error) {
	s.Regexp, err = regexp.Compile(node.Value)
	return err
}

// fits tells whether a text has the shape.
func (s *shape) fits(text string) bool {
	if s == nil {
		return true
	}
	return s.MatchString(text)
}

// known reads the table once, at first use.
var known = sync.OnceValues(func() (*letters, error) {
	all := new(letters)
	d := yaml.NewDecoder(bytes.NewReader(lettersYAML))
	d.KnownFields(true)
	if err := d.Decode(all); err != nil {
		return nil, fmt.Errorf("letters.yaml: %w", err)
	}
	return all, nil
})

// set are the letters that a model of that firmware takes. ok is false for one
// that can be asked itself.
func (all *letters) set(firmware string) (set request, ok bool) {
	if veryOld.MatchString(firmware) {
		firmware = "old"
	}
	for _, f := range all.Firmwares {
		if f.Firmware == firmware {
			return f.Letters, true
		}
	}
	return "", false
}

var veryOld = regexp.MustCompile(`^[0-9A-Fa-f]{2}$`)
