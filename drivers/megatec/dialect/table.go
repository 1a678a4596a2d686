// Package dialect is what the UPSes of the Megatec family say and understand:
// short commands in ASCII, each answered by a line that ends with a carriage
// return. Each dialect is a table; the engine asks by it, and knows nothing of
// what carries the bytes.
package dialect

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

// table is one dialect. A name in it is NUT's name of a variable or command.
// Commands are written without their carriage return; lengths count it.
type table struct {
	Name     string            `yaml:"name"`
	Rank     int               `yaml:"rank"`     // when it is tried, the lowest first
	Vendor   string            `yaml:"vendor"`   // tried on this USB vendor only, unless asked for; "" for all
	Accepted string            `yaml:"accepted"` // the answer to an order that is obeyed; "" if there is none
	Rejected string            `yaml:"rejected"` // how the answer to what is not understood begins
	Frame    string            `yaml:"frame"`    // what goes around every command: "", crc, address
	Claim    []claim           `yaml:"claim"`    // what has to be answered for the dialect to be the device's
	Implies  map[string]string `yaml:"implies"`  // facts that need no question
	Queries  []query           `yaml:"queries"`
	Commands []command         `yaml:"commands"`
	Settings []setting         `yaml:"settings"`
	Sets     map[string]set    `yaml:"sets"` // which values a variable may take
}

type claim struct {
	Name    string        `yaml:"name"`    // of a row
	Unless  string        `yaml:"unless"`  // the option that leaves it out
	Again   time.Duration `yaml:"again"`   // asked once more after this, where there was silence
	Refused bool          `yaml:"refused"` // a refusal is as good
}

// query is a question and what its answer holds.
type query struct {
	Ask     string `yaml:"ask"`
	Least   int    `yaml:"least"`   // characters of an answer
	Begins  string `yaml:"begins"`  // the first of them
	Unless  string `yaml:"unless"`  // the option that leaves it out
	Prepare string `yaml:"prepare"` // the function that makes the answer readable
	Rows    []row  `yaml:"rows"`
}

// row is one fact in an answer: the characters from From to To, both counted
// from 0 and included; with To 0, all up to the carriage return.
type row struct {
	Name   string            `yaml:"name"`
	From   int               `yaml:"from"`
	To     int               `yaml:"to"`
	Read   string            `yaml:"read"`   // the function that makes the value; "" for the text, or the number
	Digits *int              `yaml:"digits"` // after the point; without it the value is a text
	Scale  float64           `yaml:"scale"`  // of the number, 1 if 0
	Words  map[string]string `yaml:"words"`  // what a text stands for; others are no value
	Prefix string            `yaml:"prefix"`
	Trim   bool              `yaml:"trim"`   // without # and blanks around it
	Poll   string            `yaml:"poll"`   // once, seldom (after an order), quick (each time), or "" (each full poll)
	Hidden bool              `yaml:"hidden"` // not published
	Asleep bool              `yaml:"asleep"` // not asked until another row wakes it
	Set    string            `yaml:"set"`    // what it may be set to: a name in Sets, or "any"
}

type command struct {
	Name   string `yaml:"name"`
	Send   string `yaml:"send"`
	With   string `yaml:"with"`   // the function that fills in Send
	Before string `yaml:"before"` // what has to be sent and accepted first; "" for nothing
	Least  int    `yaml:"least"`  // characters of the answer; 0 where none is owed
	Begins string `yaml:"begins"`
	From   int    `yaml:"from"`
	To     int    `yaml:"to"`
	Asleep bool   `yaml:"asleep"`
}

// setting is how a variable is changed. Without Send it is kept here.
type setting struct {
	command `yaml:",inline"`
	Initial string `yaml:"initial"`
	Hidden  bool   `yaml:"hidden"` // not to be changed by clients; sent at the start where ups.conf has it
	Set     string `yaml:"set"`    // "" for that of the row of the same name
}

// set is the values that a variable may take: one of some words, or numbers in
// a range, or between the smallest and the largest of the limits that apply.
type set struct {
	One    []string `yaml:"one"`
	Range  []string `yaml:"range"`
	Limits []limit  `yaml:"limits"`
}

// limit is a value that applies to some units only. Zero asks nothing.
type limit struct {
	Value      string  `yaml:"value"`
	Units      []int   `yaml:"units"`       // the numbers of their protocols
	From       float64 `yaml:"from"`        // nominal volts at the input, at least
	Below      float64 `yaml:"below"`       // and less than
	Frequency  float64 `yaml:"frequency"`   // nominal hertz at the output
	WattsFrom  float64 `yaml:"watts-from"`  // nominal volts times amperes, at least
	WattsBelow float64 `yaml:"watts-below"` // and less than
}

//go:embed tables/*.yaml
var files embed.FS

// embedded decodes each table of this build when it is first wanted.
var embedded = sync.OnceValue(func() map[string]func() (*table, error) {
	names, err := fs.Glob(files, "tables/*.yaml")
	all := make(map[string]func() (*table, error), len(names))
	for _, path := range names {
		all[strings.TrimSuffix(filepath.Base(path), ".yaml")] = sync.OnceValues(func() (*table, error) {
			data, err := files.ReadFile(path)
			if err != nil {
				return nil, err
			}
			return parse(data)
		})
	}
	if err != nil { // the pattern is right, so never
		return nil
	}
	return all
})

// load returns the table of that name; one that ends in .yaml is a file in dir,
// or wherever it says.
func load(name, dir string) (*table, error) {
	if strings.HasSuffix(name, ".yaml") {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		t, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return t, nil
	}
	get, ok := embedded()[Canonical(name)]
	if !ok {
		return nil, fmt.Errorf("there is no protocol %s; it is one of %s, or a file that ends in .yaml", name, strings.Join(Names(), ", "))
	}
	return get()
}

// Canonical is the name of a dialect in the form that Names has, from one in
// any of NUT's.
func Canonical(name string) string { return strings.ToLower(strings.ReplaceAll(name, "/", "-")) }

// Names returns the dialects of this build, by name.
func Names() []string {
	var names []string
	for name := range embedded() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ranked returns the tables of this build that are in among, or all if that is
// empty, in the order in which they are tried.
func ranked(among []string) ([]*table, error) {
	var all []*table
	for name, get := range embedded() {
		if len(among) > 0 && !slices.Contains(among, name) {
			continue
		}
		t, err := get()
		if err != nil {
			return nil, fmt.Errorf("protocol %s: %w", name, err)
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *table) int { return a.Rank - b.Rank })
	return all, nil
}

// parse decodes a table, and refuses what it does not know.
func parse(data []byte) (*table, error) {
	t := new(table)
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(t); err != nil {
		return nil, err
	}
	for i := range t.Settings {
		if s := &t.Settings[i]; s.Set == "" {
			if _, r, ok := t.find(s.Name); ok && r.Set != anyValue {
				s.Set = r.Set
			}
		}
	}
	return t, t.check()
}
