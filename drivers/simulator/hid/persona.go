package hid

import (
	"bytes"
	"embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed personas
var files embed.FS

// persona is a device of one maker: a file of personas.
type persona struct {
	Vendor  uint16            `yaml:"vendor"`
	Product uint16            `yaml:"product"`
	Release uint16            `yaml:"release"`
	Strings map[int]string    `yaml:"strings"` // 1 manufacturer, 2 product, 3 serial number, others as fields say
	Usages  map[string]uint32 `yaml:"usages"`  // the maker's own
	Fields  []field           `yaml:"fields"`  // in the order of the descriptor
}

// field is one value in a report.
type field struct {
	Path   string `yaml:"path"`   // "UPS.Flow.[4].ConfigVoltage"
	Report byte   `yaml:"report"` // its id
	Bits   int    `yaml:"bits"`
	Min    int64  `yaml:"min"` // logical
	Max    int64  `yaml:"max"` // logical; 0 for all that the bits can hold
	Unit   string `yaml:"unit"`
	// Places is how many digits behind the point the number has: 23.4 V with one
	// place is 234. Less than 0 is for thousands and the like.
	Places int    `yaml:"places"`
	Input  bool   `yaml:"input"` // it is in an input report, too
	Only   bool   `yaml:"only"`  // it is in an input report only
	Value  string `yaml:"value"` // a gauge, or a number
	Set    string `yaml:"set"`   // a sink; "" for read-only
}

// Personas are the names that New takes.
func Personas() []string {
	entries, _ := files.ReadDir("personas")
	var all []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok && name != "usages" {
			all = append(all, name)
		}
	}
	return all
}

func load(name string) (*persona, error) {
	if !slices.Contains(Personas(), name) {
		return nil, fmt.Errorf("there is no persona %q; there are %s", name, strings.Join(Personas(), ", "))
	}
	p := new(persona)
	if err := decode(name, p); err != nil {
		return nil, err
	}
	standard := make(map[string]uint32)
	if err := decode("usages", &standard); err != nil {
		return nil, err
	}
	if p.Usages == nil {
		p.Usages = make(map[string]uint32)
	}
	for usage, code := range standard {
		if _, own := p.Usages[usage]; !own {
			p.Usages[usage] = code
		}
	}
	return p, p.check()
}

func decode(name string, into any) error {
	text, err := files.ReadFile("personas/" + name + ".yaml")
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("persona %s: %w", name, err)
	}
	return nil
}

func (p *persona) check() error {
	for i := range p.Fields {
		f := &p.Fields[i]
		if f.Max == 0 {
			f.Max = int64(1)<<f.Bits - 1
			if f.Min < 0 {
				f.Max >>= 1
			}
		}
		for part := range strings.SplitSeq(f.Path, ".") {
			if _, ok := p.Usages[part]; !ok && part[0] != '[' {
				return fmt.Errorf("%s: there is no usage %s", f.Path, part)
			}
		}
		if _, ok := units[f.Unit]; !ok {
			return fmt.Errorf("%s: there is no unit %s", f.Path, f.Unit)
		}
		if f.Bits < 1 || f.Bits > 32 {
			return fmt.Errorf("%s: %d bits", f.Path, f.Bits)
		}
		if !isGauge(f.Value) {
			return fmt.Errorf("%s: there is no gauge %s", f.Path, f.Value)
		}
		if _, ok := sinks[f.Set]; !ok && f.Set != "" {
			return fmt.Errorf("%s: there is no sink %s", f.Path, f.Set)
		}
	}
	return nil
}

// raw is the number for what a gauge shows.
func (f *field) raw(now view) int64 {
	x := math.Round(now.gauge(f.Value) * math.Pow10(f.Places))
	return int64(max(float64(f.Min), min(float64(f.Max), x)))
}

func (f *field) quantity(raw int64) float64 { return float64(raw) * math.Pow10(-f.Places) }
