package snmp

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
)

// table is what a MIB means: which object is which variable or command. Its
// form is that of the files in tables/, and of those that users write; what the
// keys mean is told in docs/snmp.md.
type table struct {
	Version   string                      `yaml:"version"`
	MIBs      []mib                       `yaml:"mibs"`
	Variables []row                       `yaml:"variables"`
	Commands  []order                     `yaml:"commands"`
	Lookups   map[string]map[int64]string `yaml:"lookups"`
	Alarms    []alarm                     `yaml:"alarms"`
}

// mib is a name for the option mibs, and the sysObjectID of the devices.
type mib struct {
	Name      string `yaml:"name"`
	SysObject string `yaml:"sysoid"`
}

// row is one object, or one for each outlet, group, sensor or chain member, as
// a variable. Without OID it is a constant; with an OID and a Default the object
// is written only, and the default stands for what it does not tell.
type row struct {
	Name    string   `yaml:"name"`
	OID     string   `yaml:"oid"`
	Text    int      `yaml:"text"`  // longest text; 0 for a number
	Scale   float64  `yaml:"scale"` // of a number; 0 is 1
	Lookup  string   `yaml:"lookup"`
	Convert string   `yaml:"convert"`
	Unit    string   `yaml:"unit"` // OID of the unit that the conversion goes by
	Write   bool     `yaml:"write"`
	Read    string   `yaml:"read"`
	Unique  bool     `yaml:"unique"` // the first of its name that can be read is the only one
	Invalid string   `yaml:"invalid"`
	Phases  oneOrAll `yaml:"phases"`
	Default *string  `yaml:"default"`
	Each    string   `yaml:"each"`
	First   bool     `yaml:"first"` // only of the first member of a chain
}

// order is one command: a value that is written to an object.
type order struct {
	Name  string `yaml:"name"`
	OID   string `yaml:"oid"`
	Value string `yaml:"value"` // "" where the client has to give it
	Each  string `yaml:"each"`
}

// alarm is what an entry of the alarm table means.
type alarm struct {
	OID    string `yaml:"oid"`
	Status string `yaml:"status"`
	Text   string `yaml:"text"`
}

// oneOrAll is a list that may be written as its only item.
type oneOrAll []string

// UnmarshalYAML reads either.
func (o *oneOrAll) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*o = oneOrAll{n.Value}
		return nil
	}
	return n.Decode((*[]string)(o))
}

// The words of a table.
const (
	readOnce   = "once"
	readSeldom = "seldom"

	invalidNegative = "negative"
	invalidZero     = "zero"
	invalidNA       = "na"

	holeDevice = "%device" // number of the chain member, as the agent counts
	holeItem   = "%n"      // number of the outlet, group or sensor
	holeAfter  = "%n+1"    // the number after that, for agents that count commands so
)

var (
	reads      = []string{"", readOnce, readSeldom}
	invalids   = []string{"", invalidNegative, invalidZero, invalidNA}
	kinds      = []string{"", kindOutlet, kindGroup, kindAmbient}
	phaseWords = []string{"input-1", "input-3", "output-1", "output-3", "bypass-1", "bypass-3"}
)

// maxTable is the largest file that is taken for a table.
const maxTable = 1 << 20

// decode reads a table, and tells what is wrong with it.
func decode(data []byte) (*table, error) {
	if len(data) > maxTable {
		return nil, fmt.Errorf("larger than %d bytes", maxTable)
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	t := &table{}
	if err := d.Decode(t); err != nil {
		return nil, err
	}
	return t, t.check()
}

func (t *table) check() error {
	var errs []error
	used := make(map[string]bool)
	for i := range t.Variables {
		r := &t.Variables[i]
		used[r.Lookup] = true
		if err := r.check(t); err != nil {
			errs = append(errs, fmt.Errorf("variable %d, %s: %w", i+1, r.Name, err))
		}
	}
	for i, c := range t.Commands {
		if c.Name == "" || !isTemplate(c.OID) || !slices.Contains(kinds, c.Each) {
			errs = append(errs, fmt.Errorf("command %d is not complete, or its oid or each is wrong", i+1))
		}
	}
	for i, a := range t.Alarms {
		if !isTemplate(a.OID) {
			errs = append(errs, fmt.Errorf("alarm %d: %q is no oid", i+1, a.OID))
		}
	}
	for name := range t.Lookups {
		if !used[name] {
			errs = append(errs, fmt.Errorf("lookup %s is not used", name))
		}
	}
	if _, ok := t.model(); len(t.MIBs) == 0 || !ok {
		errs = append(errs, errors.New("needs mibs, and a variable device.model or ups.model with an oid, by which it is recognised"))
	}
	return errors.Join(errs...)
}

func (r *row) check(t *table) error {
	_, known := t.Lookups[r.Lookup]
	switch {
	case r.Name == "":
		return errors.New("has no name")
	case r.OID == "" && r.Default == nil:
		return errors.New("needs an oid or a default")
	case r.OID != "" && !isTemplate(r.OID):
		return fmt.Errorf("%q is no oid", r.OID)
	case r.Unit != "" && !isTemplate(r.Unit):
		return fmt.Errorf("unit: %q is no oid", r.Unit)
	case r.Lookup != "" && !known:
		return fmt.Errorf("there is no lookup %s", r.Lookup)
	case r.Convert != "" && converters[r.Convert] == nil:
		return fmt.Errorf("there is no conversion %s", r.Convert)
	case !slices.Contains(reads, r.Read):
		return fmt.Errorf("read: %s is neither once nor seldom", r.Read)
	case !slices.Contains(invalids, r.Invalid):
		return fmt.Errorf("invalid: %s is none of negative, zero, na", r.Invalid)
	case !slices.Contains(kinds, r.Each):
		return fmt.Errorf("each: %s is none of outlet, outlet.group, ambient", r.Each)
	case r.Each == "" && strings.Contains(r.Name+r.OID, holeItem):
		return errors.New("has a %n, and no each")
	case r.Text < 0 || r.Text > 255:
		return errors.New("text is not from 0 to 255")
	}
	for _, p := range r.Phases {
		if !slices.Contains(phaseWords, p) {
			return fmt.Errorf("phases: %s is none of %s", p, strings.Join(phaseWords, ", "))
		}
	}
	return nil
}

// isTemplate tells whether oid is an OID once its holes are filled.
func isTemplate(oid string) bool {
	_, ok := transport.ParseOID(fill(oid, 1, 1))
	return ok
}

// model is the OID by which a device of this table is recognised.
func (t *table) model() (string, bool) {
	for _, name := range []string{"device.model", "ups.model"} {
		for _, r := range t.named(name) {
			if r.OID != "" {
				return r.OID, true
			}
		}
	}
	return "", false
}
