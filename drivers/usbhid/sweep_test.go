package usbhid

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// written are variables that no row has: the driver writes them itself.
var written = []string{
	"ups.mfr", "ups.model", "ups.serial", "ups.vendorid", "ups.productid", "ups.status", "ups.alarm", "input.transfer.reason",
}

// older are variables of dumps that today's tables of NUT have under another name, or
// no more.
var older = map[string]string{
	"mge outlet.0.desc":       "outlet.desc",
	"mge outlet.0.id":         "outlet.id",
	"mge outlet.0.switchable": "outlet.switchable",
	"powercom battery.date":   "battery.mfr.date",
}

// TestDumps: of each device that somebody dumped with a driver of this century's
// tables, every variable could come from the table for it.
func TestDumps(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testenv.Shared(t), "devices", "*usbhid-ups*.dev"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d dumps: %v", len(files), err)
	}
	tables := labelled(t)
	read := 0
	for _, file := range files {
		facts := readDump(t, file)
		label, _, _ := cutLast(facts["driver.version.data"], " ")
		table := tables[label]
		if table == nil {
			continue // a table that NUT has no more
		}
		read++
		for name := range facts {
			if lost := !table.has(name); lost && older[table.Name+" "+name] == "" {
				t.Errorf("%s: %s could not come from the table %s", filepath.Base(file), name, table.Name)
			}
		}
	}
	t.Logf("%d dumps read, %d are of tables that NUT has no more", read, len(files)-read)
	if read < 100 {
		t.Errorf("only %d dumps of %d were read", read, len(files))
	}
}

// labelled are the tables by their label, without the version.
func labelled(t *testing.T) map[string]*Table {
	t.Helper()
	names, err := tableNames()
	if err != nil {
		t.Fatal(err)
	}
	tables := make(map[string]*Table)
	for _, name := range names {
		table, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		label, _, _ := cutLast(table.Label, " ")
		tables[label] = table
	}
	return tables
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// has tells whether a table can bring a variable.
func (t *Table) has(name string) bool {
	if strings.HasPrefix(name, "driver.") || strings.HasPrefix(name, "device.") || slices.Contains(written, name) {
		return true
	}
	if t.Naming == "apc" && strings.HasPrefix(name, "ups.firmware") {
		return true // from the product's name
	}
	return slices.ContainsFunc(t.Rows, func(r Row) bool { return string(r.Var) == name })
}

func readDump(t *testing.T, file string) map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	facts := make(map[string]string)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), ": "); ok && !strings.ContainsAny(name, " #\t") {
			facts[name] = value
		}
	}
	return facts
}
