package snmp

import (
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	"github.com/wattnut/wattnut/nut"
)

// TestTables decodes each table, and wants the index true to it and nothing in
// it that can never come to bear.
func TestTables(t *testing.T) {
	l, err := embeddedTables()
	if err != nil {
		t.Fatal(err)
	}
	indexed := make(map[string][]mib)
	for _, e := range l {
		table, err := e.table()
		if err != nil {
			t.Fatal(err)
		}
		if model, _ := table.model(); model != e.model {
			t.Errorf("%s: model at %s, in the index at %s", e.name, model, e.model)
		}
		indexed[e.name] = append(indexed[e.name], mib{e.mib, e.sysObject})
	}
	files, err := fs.Glob(embedded, "tables/*.yaml")
	if err != nil || len(files) != 31 {
		t.Fatalf("%d tables, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		table, err := embeddedTable(name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(table.MIBs, indexed[name]) {
			t.Errorf("%s: %v, in the index %v", name, table.MIBs, indexed[name])
		}
		deadRows(t, name, table)
	}
}

// deadRows finds rows that another makes idle.
func deadRows(t *testing.T, name string, table *table) {
	t.Helper()
	type key struct{ name, oid, lookup string }
	seen := make(map[key]bool)
	for _, r := range table.Variables {
		if k := (key{r.Name, r.OID, r.Lookup}); r.OID != "" && seen[k] && r.Name != "ups.alarm" {
			t.Logf("%s: %s is there twice with %s", name, r.Name, r.OID)
		} else {
			seen[k] = true
		}
		if r.OID == "" && (r.Lookup != "" || r.Convert != "" || r.Read != "" || r.Write || len(r.Phases) > 0) {
			t.Errorf("%s: constant %s has keys that say nothing", name, r.Name)
		}
		if r.OID != "" && r.Default != nil && !r.Write {
			t.Errorf("%s: %s is neither read nor written", name, r.Name)
		}
		if r.Lookup != "" && r.Scale != 0 {
			t.Errorf("%s: %s has a lookup and a scale", name, r.Name)
		}
	}
	if len(table.Alarms) > 0 && len(table.named("ups.alarms")) == 0 {
		t.Errorf("%s: nothing reads its alarms", name)
	}
}

// TestOnFirstUse: detection decodes the one table that it finds.
func TestOnFirstUse(t *testing.T) {
	decoded.Clear()
	agent := played(t, "ietf")
	l, err := openLibrary(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e, err := l.detect(t.Context(), agent, mibsAuto)
	if err != nil {
		t.Fatal(err)
	}
	if n := size(&decoded); n != 0 {
		t.Errorf("%d tables were decoded to detect one", n)
	}
	if _, err := e.table(); err != nil || size(&decoded) != 1 {
		t.Errorf("%d tables are decoded, %v", size(&decoded), err)
	}
}

func size(m interface {
	Range(func(key, value any) bool)
},
) int {
	n := 0
	m.Range(func(any, any) bool { n++; return true })
	return n
}

// TestDecodeRefuses wants each mistake told by what and where.
func TestDecodeRefuses(t *testing.T) {
	const good = "mibs: [{name: x, sysoid: 1.3.6}]\nvariables:\n- {name: ups.model, oid: 1.3.6.1, text: 10}\n"
	if _, err := decode([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ more, want string }{
		{"- {name: ups.load, oid: 1.3.6.2, scales: 3}", "field scales not found"},
		{"- {name: ups.load}", "variable 2, ups.load: needs an oid or a default"},
		{"- {oid: 1.3}", "has no name"},
		{"- {name: ups.load, oid: 1.3.six}", `"1.3.six" is no oid`},
		{"- {name: ups.load, oid: .1.3}", `".1.3" is no oid`},
		{"- {name: ups.load, oid: 1.3, lookup: nope}", "there is no lookup nope"},
		{"- {name: ups.load, oid: 1.3, convert: nope}", "there is no conversion nope"},
		{"- {name: ups.load, oid: 1.3, read: always}", "neither once nor seldom"},
		{"- {name: ups.load, oid: 1.3, invalid: big}", "none of negative, zero, na"},
		{"- {name: ups.load, oid: 1.3, each: plug}", "none of outlet"},
		{"- {name: ups.load, oid: 1.3, phases: input-2}", "none of input-1"},
		{"- {name: ups.load, oid: 1.3, unit: x}", `unit: "x" is no oid`},
		{"- {name: outlet.%n.x, oid: 1.3.%n}", "has a %n, and no each"},
		{"- {name: ups.load, oid: 1.3, text: 300}", "text is not from 0 to 255"},
		{"commands:\n- {name: load.off}", "command 1 is not complete"},
		{"alarms:\n- {oid: x}", "alarm 1"},
		{"lookups: {a: {1: b}}", "lookup a is not used"},
	} {
		if _, err := decode([]byte(good + tt.more)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s brings %v, want %q", tt.more, err, tt.want)
		}
	}
	for _, text := range []string{"", "mibs: []\nvariables: []", "variables:\n- {name: ups.model, oid: 1.3}", strings.Repeat("#", maxTable+1)} {
		if _, err := decode([]byte(text)); err == nil {
			t.Errorf("%.40q is no table", text)
		}
	}
}

// TestVocabulary counts the names of the tables that the vocabulary does not
// have: NUT's tables have names that NUT does not document.
func TestVocabulary(t *testing.T) {
	foreign := make(map[string]bool)
	l, err := embeddedTables()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l {
		table, err := e.table()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range table.Variables {
			name := fillName(r.Name, 1)
			if _, ok := nut.Describe(nut.Name(name)); !ok && r.Name != "ups.alarms" && !strings.HasSuffix(name, ".alarm") {
				foreign[r.Name] = true
			}
		}
	}
	if len(foreign) > 0 {
		t.Errorf("not in the vocabulary: %v", slices.Sorted(maps.Keys(foreign)))
	}
}

// TestUserTable: a table in the configuration folder goes before ours.
func TestUserTable(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if l, err := openLibrary(dir); err != nil || l[0].mib != "apc_ats" {
		t.Fatalf("without any: %v, %v", l[0], err)
	}
	write("mine.yaml", "mibs: [{name: mine, sysoid: 1.3.6.1.2.1.33}]\nvariables:\n- {name: ups.model, oid: 1.3.6.1.2.1.33.1.1.2.0, text: 10}\n")
	l, err := openLibrary(dir)
	if err != nil {
		t.Fatal(err)
	}
	e, err := l.detect(t.Context(), played(t, "ietf"), mibsAuto)
	if err != nil || e.mib != "mine" || e.name != "mine" {
		t.Errorf("got %s of %s, %v", e.mib, e.name, err)
	}
	if e, err := l.detect(t.Context(), played(t, "ietf"), "ietf"); err != nil || e.name != "ietf" {
		t.Errorf("by name: got %s, %v", e.name, err)
	}
	write("bad.yaml", "mibs: 3\n")
	l, err = openLibrary(dir)
	if err == nil || !strings.Contains(err.Error(), "bad.yaml") || l[0].mib != "mine" || l[1].mib != "apc_ats" {
		t.Errorf("a bad table brings %v, and %d others", err, len(l))
	}
	var log strings.Builder
	a := serve(t, played(t, "apc").Recording, snmpagent.Config{})
	open, err := Driver.Bind(settings("port", a.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	d, err := open(t.Context(), drivers.Env{ConfDir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil || !strings.Contains(log.String(), "bad.yaml") {
		t.Fatalf("a device beside a bad table: %v, logged %s", err, log.String())
	}
	d.Close()
}
