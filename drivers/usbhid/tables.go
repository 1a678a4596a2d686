package usbhid

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/drivers/usbhid/report"
)

//go:embed tables
var files embed.FS

// generic is the table for devices that no other has.
const generic = "generic"

// refused is the table of devices that another driver has.
const refused = "-"

// ID is a device that is known, by its USB ids.
type ID struct {
	Vendor, Product uint16
	Table           string // whose device it is; "-" for another driver's
	Models          string // some of them; "" where none are known
	match           *regexp.Regexp
	quirks          quirks
}

// quirks are what is odd about a device: names with or without values.
type quirks map[string]string

func (q quirks) has(name string) bool { _, ok := q[name]; return ok }

// number is the value of a quirk, or 0.
func (q quirks) number(name string) float64 {
	if n, err := strconv.ParseFloat(q[name], 64); err == nil {
		return n
	}
	n, _ := strconv.ParseInt(q[name], 0, 32)
	return float64(n)
}

// index reads ids.tsv, once.
var index = sync.OnceValues(func() ([]ID, error) {
	var all []ID
	err := eachLine("ids.tsv", func(cells []string) error {
		cells = append(cells, "", "", "", "")
		id, err := parseID(cells[0])
		if err != nil {
			return err
		}
		id.Table, id.quirks, id.Models = cells[1], parseQuirks(cells[3]), cells[4]
		if cells[2] != "" {
			if id.match, err = regexp.Compile(cells[2]); err != nil {
				return err
			}
		}
		all = append(all, id)
		return nil
	})
	return all, err
})

// eachLine calls f with the cells of each line of an embedded TSV file.
func eachLine(name string, f func(cells []string) error) error {
	text, err := files.ReadFile("tables/" + name)
	if err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if line = strings.TrimRight(line, "\n"); line != "" && line[0] != '#' {
			if err := f(strings.Split(line, "\t")); err != nil {
				return fmt.Errorf("%s, line %d: %w", name, n, err)
			}
		}
	}
	return nil
}

func parseID(s string) (ID, error) {
	vendor, product, _ := strings.Cut(s, ":")
	v, err := strconv.ParseUint(vendor, 16, 16)
	p, err2 := strconv.ParseUint(product, 16, 16)
	if err != nil || err2 != nil {
		return ID{}, fmt.Errorf("%q is no id like 051d:0002", s)
	}
	return ID{Vendor: uint16(v), Product: uint16(p)}, nil
}

func parseQuirks(s string) quirks {
	q := make(quirks)
	for word := range strings.FieldsSeq(s) {
		name, value, _ := strings.Cut(word, "=")
		q[name] = value
	}
	return q
}

// IDs yields the devices that the tables claim, for udev rules and the like. An id
// that several tables claim, by what the device calls itself, comes several times.
func IDs() iter.Seq[ID] {
	return func(yield func(ID) bool) {
		all, _ := index() // a test decodes it
		for _, id := range all {
			if id.Table != refused && !yield(id) {
				return
			}
		}
	}
}

// claim finds the row of ids.tsv for a device: nil where there is none, or another
// driver has it.
func claim(i usbdev.Info) (*ID, error) {
	all, err := index()
	if err != nil {
		return nil, err
	}
	text := i.Vendor + "|" + i.Product
	for n := range all {
		id := &all[n]
		if id.Vendor == i.VendorID && id.Product == i.ProductID && (id.match == nil || id.match.MatchString(text)) {
			return id, nil
		}
	}
	return nil, nil
}

// ofVendor finds a table of a vendor's, for a product that is not listed.
func ofVendor(vendor uint16) *ID {
	all, _ := index()
	for n := range all {
		if all[n].Vendor == vendor && all[n].Table != refused {
			return &ID{Vendor: vendor, Table: all[n].Table}
		}
	}
	return nil
}

// standardUsages reads usages.tsv, once: by name in lower case, and by number. Of two
// usages of one name, it is the later one's.
func standardUsages() (map[string]report.Usage, map[report.Usage]string, error) {
	s, err := readUsages()
	return s.byName, s.names, err
}

// namesake is the other standard usage of the name that u has, such as
// VoltageOutOfRange, which is on both pages; 0 where there is none.
func namesake(u report.Usage) report.Usage {
	s, _ := readUsages() // a table was resolved by it
	return s.namesakes[u]
}

type usageNames struct {
	byName    map[string]report.Usage
	names     map[report.Usage]string
	namesakes map[report.Usage]report.Usage
}

var readUsages = sync.OnceValues(func() (usageNames, error) {
	s := usageNames{make(map[string]report.Usage), make(map[report.Usage]string), make(map[report.Usage]report.Usage)}
	err := eachLine("usages.tsv", func(cells []string) error {
		if len(cells) != 2 {
			return errors.New("not a usage and its name")
		}
		u, err := parseUsage(cells[0])
		if other, ok := s.byName[strings.ToLower(cells[1])]; ok {
			s.namesakes[u] = other
		}
		s.byName[strings.ToLower(cells[1])], s.names[u] = u, cells[1]
		return err
	})
	return s, err
})

// commonLookups reads common.yaml, once.
var commonLookups = sync.OnceValues(func() (map[string]Lookup, error) {
	text, err := files.ReadFile("tables/common.yaml")
	if err != nil {
		return nil, err
	}
	var common struct {
		Lookups map[string]Lookup `yaml:"lookups"`
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	err = d.Decode(&common)
	return common.Lookups, err
})

// load decodes the table of that name.
func load(name string) (*Table, error) {
	return decodeFile(files, "tables/"+name+".yaml")
}

func decodeFile(fsys fs.FS, name string) (*Table, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	t, err := Decode(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// ownTables decodes the tables of the user, in the folder usbhid of the
// configuration. Those that are right are returned even where others are not. No such
// folder is no error.
func ownTables(confDir string) ([]*Table, error) {
	folder := filepath.Join(confDir, "usbhid")
	names, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || confDir == "" {
		return nil, err
	}
	var all []*Table
	var errs []error
	for _, name := range names {
		t, err := decodeFile(os.DirFS(folder), filepath.Base(name))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", folder, err))
			continue
		}
		all = append(all, t)
	}
	return all, errors.Join(errs...)
}

// tableNames are the names of the embedded tables.
func tableNames() ([]string, error) {
	entries, err := files.ReadDir("tables")
	var all []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok && name != "common" {
			all = append(all, name)
		}
	}
	return all, err
}
