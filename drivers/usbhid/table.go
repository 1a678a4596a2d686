package usbhid

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/wattnut/wattnut/drivers/usbhid/report"
	"github.com/wattnut/wattnut/nut"
)

// Table says what the usages of one vendor's devices mean: a file of
// drivers/usbhid/tables, or a user's own.
type Table struct {
	Name  string   `yaml:"name"`
	Label string   `yaml:"label"` // driver.version.data
	IDs   []string `yaml:"ids"`   // "051d:0002"; of a user's table only, ours are in ids.tsv
	// Usages are the vendor's own, by name; they come before the standard ones.
	Usages  map[string]string `yaml:"usages"`
	Lookups map[string]Lookup `yaml:"lookups"`
	// Rows are in the order of preference: of several rows for one variable the
	// first counts that the device has and that makes sense.
	Rows     []Row     `yaml:"rows"`
	Commands []Command `yaml:"commands"`
	// What the device is called comes from these strings, where it has them.
	ModelPath  string `yaml:"model_path"`
	SerialPath string `yaml:"serial_path"`
	Vendor     string `yaml:"vendor"` // for a device that does not name its maker
	// Naming is how the product's name is taken apart: "", "apc" or "mge".
	Naming string `yaml:"naming"`
}

// Row says what one usage means. One of Var, Status and Alarm is given: Status and
// Alarm name a lookup.
type Row struct {
	Var    nut.Name `yaml:"var"`
	Status string   `yaml:"status"` // a lookup to bits of the status
	Alarm  string   `yaml:"alarm"`  // a lookup to words of ups.alarm
	Path   string   `yaml:"path"`

	Convert string `yaml:"convert"` // a lookup; "" for the number itself
	Digits  int    `yaml:"digits"`  // of that number behind the point
	Poll    Poll   `yaml:"poll"`

	Write int `yaml:"write"` // longest value that a client may set; 0 for read-only

	// Local is the value of a variable that the device does not have, though its
	// path must exist; Setting names the option that it is taken from.
	Local   *string `yaml:"local"`
	Setting string  `yaml:"setting"`
}

// Command says how an instant command is given.
type Command struct {
	Name    nut.Name `yaml:"cmd"`
	Path    string   `yaml:"path"`
	Value   string   `yaml:"value"`   // where the client gives none
	Setting string   `yaml:"setting"` // the option that Value is replaced by
	Convert string   `yaml:"convert"` // a lookup, in reverse
	// First are variables that are set before, those that the device has.
	First map[nut.Name]string `yaml:"first"`
}

// Lookup says how a number is written. All its parts are optional; they are taken
// in the order of the fields.
type Lookup struct {
	Func   string           `yaml:"func"` // a conversion in Go, which has Values to look at
	Mask   int64            `yaml:"mask"`
	Shift  uint             `yaml:"shift"`
	Values map[int64]string `yaml:"values"`
	Else   string           `yaml:"else"`   // for a number that is not in Values
	Factor string           `yaml:"factor"` // the quirk that has the factor; 1 where there is none
	Scale  float64          `yaml:"scale"`
	Most   float64          `yaml:"most"`
	Digits *int             `yaml:"digits"` // write the number, with so many digits behind the point
	Suffix string           `yaml:"suffix"`
}

// Poll is when a row is read.
type Poll string

// When rows are read.
const (
	Full   Poll = ""       // at each full poll
	Quick  Poll = "quick"  // at each poll
	Seldom Poll = "seldom" // at first, and after an order
	Static Poll = "static" // at first
)

// maxTable is the longest table that is read.
const maxTable = 1 << 20

// Decode reads a table strictly and checks it: every path resolves, every lookup is
// there, every conversion is known.
func Decode(text []byte) (*Table, error) {
	if len(text) > maxTable {
		return nil, fmt.Errorf("longer than %d bytes", maxTable)
	}
	t := new(Table)
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(t); err != nil {
		return nil, err
	}
	common, err := commonLookups()
	if err != nil {
		return nil, err
	}
	for name, l := range common {
		if _, own := t.Lookups[name]; !own {
			if t.Lookups == nil {
				t.Lookups = make(map[string]Lookup)
			}
			t.Lookups[name] = l
		}
	}
	return t, t.check()
}

// check tells all that is wrong with a table.
func (t *Table) check() error {
	var errs []error
	complain := func(what string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
		}
	}
	if t.Name == "" {
		errs = append(errs, errors.New("it has no name"))
	}
	for _, id := range t.IDs {
		_, err := parseID(id)
		complain("ids", err)
	}
	for name, code := range t.Usages {
		_, err := parseUsage(code)
		complain("usage "+name, err)
		if name == "" || strings.ContainsAny(name, ".[") {
			errs = append(errs, fmt.Errorf("usage %q: no path can have such a name", name))
		}
	}
	for name, l := range t.Lookups {
		complain("lookup "+name, l.check())
	}
	for i := range t.Rows {
		complain(fmt.Sprintf("row %d, %s", i+1, t.Rows[i].Path), t.checkRow(&t.Rows[i]))
	}
	for _, c := range t.Commands {
		_, err := t.Resolve(c.Path)
		complain("command "+string(c.Name), errors.Join(err, t.checkLookup(c.Convert)))
	}
	return errors.Join(errs...)
}

func (t *Table) checkRow(r *Row) error {
	given := 0
	for _, s := range []string{string(r.Var), r.Status, r.Alarm} {
		if s != "" {
			given++
		}
	}
	var errs []error
	if given != 1 {
		errs = append(errs, errors.New("it wants one of var, status and alarm"))
	}
	if !slices.Contains([]Poll{Full, Quick, Seldom, Static}, r.Poll) {
		errs = append(errs, fmt.Errorf("poll cannot be %q", r.Poll))
	}
	_, err := t.Resolve(r.Path)
	return errors.Join(append(errs, err, t.checkLookup(r.lookup()))...)
}

// lookup is the name of the lookup that a row uses, or "".
func (r *Row) lookup() string { return r.Status + r.Alarm + r.Convert }

func (t *Table) checkLookup(name string) error {
	if _, ok := t.Lookups[name]; !ok && name != "" {
		return fmt.Errorf("there is no lookup %q", name)
	}
	return nil
}

func (l *Lookup) check() error {
	if l.Func == "" {
		return nil
	}
	if _, ok := conversions[l.Func]; !ok {
		return fmt.Errorf("there is no conversion %q", l.Func)
	}
	return nil
}

// Resolve turns the names of a path into usages: "UPS.Flow.[4].ConfigVoltage". A
// part is a usage of the table, a standard one, eight hexadecimal digits, or the
// number of a collection in brackets. Names are compared without regard to case.
func (t *Table) Resolve(path string) (report.Path, error) {
	var p report.Path
	for part := range strings.SplitSeq(path, ".") {
		u, err := t.usage(part)
		if err != nil {
			return nil, err
		}
		p = append(p, u)
	}
	return p, nil
}

func (t *Table) usage(name string) (report.Usage, error) {
	if number, ok := strings.CutPrefix(name, "["); ok {
		n, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 7)
		if err != nil {
			return 0, fmt.Errorf("%q is not the number of a collection", name)
		}
		return report.Index(uint8(n)), nil
	}
	if code, ok := t.Usages[name]; ok {
		return parseUsage(code)
	}
	for own, code := range t.Usages {
		if strings.EqualFold(own, name) {
			return parseUsage(code)
		}
	}
	byName, _, err := standardUsages()
	if err != nil {
		return 0, err
	}
	if u, ok := byName[strings.ToLower(name)]; ok {
		return u, nil
	}
	return parseUsage(name)
}

// parseUsage reads eight hexadecimal digits: the page, and the usage in it.
func parseUsage(code string) (report.Usage, error) {
	n, err := strconv.ParseUint(code, 16, 32)
	if err != nil || len(code) != 8 {
		return 0, fmt.Errorf("%q is no usage: neither a name nor eight hexadecimal digits", code)
	}
	return report.Usage(n), nil
}

// PathName writes a path in names, as far as there are any, so that Resolve brings it
// back.
func (t *Table) PathName(p report.Path) string {
	_, names, _ := standardUsages()
	var parts []string
	for _, u := range p {
		parts = append(parts, t.usageName(u, names))
	}
	return strings.Join(parts, ".")
}

func (t *Table) usageName(u report.Usage, standard map[report.Usage]string) string {
	if n, ok := u.Index(); ok {
		return fmt.Sprintf("[%d]", n)
	}
	best := ""
	code := fmt.Sprintf("%08x", uint32(u))
	for name, c := range t.Usages {
		if c == code && (best == "" || name < best) {
			best = name
		}
	}
	if best != "" {
		return best
	}
	if name, ok := standard[u]; ok {
		if back, err := t.usage(name); err == nil && back == u {
			return name
		}
	}
	return code
}
