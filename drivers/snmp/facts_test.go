package snmp

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// fact is one row of the reference facts, as far as it is counted.
type factRow struct {
	Seq       int
	Name      string   `json:"nut_name"`
	Command   string   `json:"nut_cmd"`
	OID       *string  `json:"oid"`
	Lookup    *string  `json:"lookup"`
	Flags     []string `json:"flags"`
	Writable  bool     `json:"writable"`
	Condition string   `json:"condition"`
	Template  *struct {
		Kind string
	} `json:"template"`
}

type factTable struct {
	Registrations []struct {
		MIB       string `json:"mib"`
		SysObject string `json:"sysOID"`
		Tried     int    `json:"tried_at"`
	}
	Version   string
	Variables []factRow
	Commands  []factRow
	Lookups   map[string]struct {
		Values []struct {
			From int64  `json:"oid_value"`
			To   string `json:"nut_value"`
		}
		ToNUT  *struct{ Function string } `json:"to_nut"`
		ToText *struct{ Function string } `json:"text_to_number"`
	}
	Alarms []struct {
		OID, Status, ID string
	}
}

func facts(t *testing.T) map[string]factTable {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testenv.Shared(t), "facts", "snmp", "[a-z]*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no facts: %v", err)
	}
	all := make(map[string]factTable)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f factTable
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		name := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(file), ".json"), "_", "-")
		all[name] = f
	}
	return all
}

func unconditional(rows []factRow) []factRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r factRow) bool { return r.Condition != "" })
}

// TestNothingLost compares each table with the facts it was made from: names,
// objects, commands, lookups value by value, alarms, identifiers.
func TestNothingLost(t *testing.T) {
	all := facts(t)
	if len(all) != 31 {
		t.Errorf("%d tables in the facts", len(all))
	}
	for name, f := range all {
		t.Run(name, func(t *testing.T) {
			table, err := embeddedTable(name)
			if err != nil {
				t.Fatal(err)
			}
			compareRegistrations(t, table, f)
			compareVariables(t, table, unconditional(f.Variables), f)
			compareCommands(t, table, unconditional(f.Commands))
			compareAlarms(t, table, f)
		})
	}
}

func compareRegistrations(t *testing.T, table *table, f factTable) {
	t.Helper()
	if table.Version != f.Version {
		t.Errorf("version %s, facts %s", table.Version, f.Version)
	}
	if len(table.MIBs) != len(f.Registrations) {
		t.Fatalf("%d identifiers, facts %d", len(table.MIBs), len(f.Registrations))
	}
	for i, r := range f.Registrations {
		if got := table.MIBs[i]; got.Name != r.MIB || "."+got.SysObject != r.SysObject {
			t.Errorf("identifier %+v, facts %+v", got, r)
		}
	}
}

// plain is an OID of the facts with the holes of ours as one kind.
func plain(oid string) string {
	return strings.NewReplacer(holeAfter, "%i", holeItem, "%i", holeDevice, "%i").Replace(strings.TrimLeft(oid, ". "))
}

func compareVariables(t *testing.T, table *table, rows []factRow, f factTable) {
	t.Helper()
	if len(table.Variables) != len(rows) {
		t.Fatalf("%d variables, facts %d", len(table.Variables), len(rows))
	}
	used := make(map[string]bool)
	for i, r := range rows {
		got := table.Variables[i]
		constant := slices.Contains(r.Flags, "ABSENT") && r.Template == nil
		want := ""
		if r.OID != nil && (!constant || r.Writable) {
			want = plain(*r.OID)
		}
		if plain(got.Name) != r.Name || plain(got.OID) != want {
			t.Errorf("variable %s %s, facts %s %s", got.Name, got.OID, r.Name, want)
		}
		if r.Lookup == nil || want == "" {
			continue
		}
		lookup := f.Lookups[*r.Lookup]
		if lookup.ToNUT != nil || lookup.ToText != nil {
			if got.Convert == "" {
				t.Errorf("variable %s has no conversion, facts have %s", got.Name, *r.Lookup)
			}
			continue
		}
		used[got.Lookup] = true
		ours, seen := table.Lookups[got.Lookup], make(map[int64]bool)
		for _, v := range lookup.Values {
			if v.To == "NULL" { // so CyberPower's table in NUT has it, for "unknown"
				v.To = ""
			}
			if word, ok := ours[v.From]; !seen[v.From] && (!ok || word != v.To) {
				t.Errorf("lookup %s: %d is %q, facts %q", got.Lookup, v.From, word, v.To)
			}
			seen[v.From] = true
		}
		if len(ours) != len(seen) {
			t.Errorf("lookup %s has %d values, facts %d", got.Lookup, len(ours), len(seen))
		}
	}
	if len(used) != len(table.Lookups) {
		t.Errorf("%d lookups, %d are used", len(table.Lookups), len(used))
	}
}

func compareCommands(t *testing.T, table *table, rows []factRow) {
	t.Helper()
	if len(table.Commands) != len(rows) {
		t.Fatalf("%d commands, facts %d", len(table.Commands), len(rows))
	}
	for i, r := range rows {
		if got := table.Commands[i]; plain(got.Name) != r.Command || plain(got.OID) != plain(*r.OID) {
			t.Errorf("command %s %s, facts %s %s", got.Name, got.OID, r.Command, *r.OID)
		}
	}
}

func compareAlarms(t *testing.T, table *table, f factTable) {
	t.Helper()
	want := len(f.Alarms)
	if len(table.named("ups.alarms")) == 0 {
		want = 0 // Vertiv's: no variable of NUT's own table reads them
	}
	if len(table.Alarms) != want {
		t.Fatalf("%d alarms, facts %d", len(table.Alarms), want)
	}
	for i, a := range table.Alarms {
		if r := f.Alarms[i]; "."+a.OID != "."+plain(r.OID) || a.Status != r.Status {
			t.Errorf("alarm %+v, facts %+v", a, r)
		}
	}
}

// TestOrder wants the MIBs tried in the order of the facts.
func TestOrder(t *testing.T) {
	order := make(map[int]entry)
	for name, f := range facts(t) {
		for _, r := range f.Registrations {
			order[r.Tried] = entry{name: name, mib: r.MIB, sysObject: strings.TrimPrefix(r.SysObject, ".")}
		}
	}
	l, err := embeddedTables()
	if err != nil || len(l) != len(order) {
		t.Fatalf("%d entries, facts %d, %v", len(l), len(order), err)
	}
	for i, e := range l {
		if want := order[i+1]; e.name != want.name || e.mib != want.mib || e.sysObject != want.sysObject {
			t.Errorf("%d is %s %s, facts %+v", i+1, e.name, e.mib, want)
		}
	}
}
