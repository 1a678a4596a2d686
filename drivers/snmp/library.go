package snmp

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

//go:embed tables
var embedded embed.FS

// decoded has the embedded tables, by name, each made at its first use.
var decoded sync.Map

// entry is one way in which a device may be recognised.
type entry struct {
	mib, sysObject string
	model          string // OID that must be there
	name           string // of the table
	table          func() (*table, error)
}

// library is the tables that a device may be of, in the order in which they
// are tried: the user's own, then the embedded ones.
type library []entry

// folder is where a user's own tables are, in the configuration folder.
const folder = "snmp"

// openLibrary makes a library. Only the user's tables are decoded. What is wrong
// with some of those is the error; the library has all others.
func openLibrary(confDir string) (library, error) {
	own, err := userTables(confDir)
	ours, failed := embeddedTables()
	return append(own, ours...), errors.Join(err, failed)
}

// embeddedTables reads the index: a test keeps it true to the tables.
func embeddedTables() (library, error) {
	index, err := embedded.ReadFile("tables/index.tsv")
	if err != nil {
		return nil, err
	}
	var all library
	for line := range strings.Lines(string(index)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(columns) != 4 {
			return nil, fmt.Errorf("tables/index.tsv: %q has not four columns", line)
		}
		all = append(all, entry{
			name: columns[0], mib: columns[1], sysObject: columns[2], model: columns[3],
			table: func() (*table, error) { return embeddedTable(columns[0]) },
		})
	}
	return all, nil
}

// embeddedTable decodes a table of ours, once.
func embeddedTable(name string) (*table, error) {
	once, _ := decoded.LoadOrStore(name, sync.OnceValues(func() (*table, error) {
		data, err := embedded.ReadFile("tables/" + name + ".yaml")
		if err != nil {
			return nil, err
		}
		t, err := decode(data)
		if err != nil {
			return nil, fmt.Errorf("tables/%s.yaml: %w", name, err)
		}
		return t, nil
	}))
	return once.(func() (*table, error))()
}

// userTables reads the tables in the configuration folder. That there are none
// is the rule.
func userTables(confDir string) (library, error) {
	files, err := filepath.Glob(filepath.Join(confDir, folder, "*.yaml"))
	if err != nil || confDir == "" {
		return nil, err
	}
	var all library
	var errs []error
	for _, file := range files {
		t, err := userTable(file)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
			continue
		}
		model, _ := t.model()
		for _, m := range t.MIBs {
			all = append(all, entry{
				name: strings.TrimSuffix(path.Base(filepath.ToSlash(file)), ".yaml"),
				mib:  m.Name, sysObject: m.SysObject, model: model,
				table: func() (*table, error) { return t, nil },
			})
		}
	}
	return all, errors.Join(errs...)
}

func userTable(file string) (*table, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxTable:
		return nil, fmt.Errorf("no file of at most %d bytes", maxTable)
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("%w; who runs the driver must be able to read it", err)
	}
	if err != nil {
		return nil, err
	}
	return decode(data)
}
