package usbhid

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/drivers/usbhid/report"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// TestTables decodes each table, which checks that every path resolves and every
// lookup and conversion is there; and wants each to be of use.
func TestTables(t *testing.T) {
	names, err := tableNames()
	if err != nil || len(names) != 18 {
		t.Fatalf("%d tables, want those of 17 vendors and the generic one: %v", len(names), err)
	}
	ids, err := index()
	if err != nil {
		t.Fatal(err)
	}
	common, err := commonLookups()
	if err != nil {
		t.Fatal(err)
	}
	called := make(map[string]bool)
	for _, name := range names {
		table, err := load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if table.Name != name || table.Label == "" || len(table.IDs) > 0 {
			t.Errorf("%s calls itself %q, %q", name, table.Name, table.Label)
		}
		claimed := slices.ContainsFunc(ids, func(id ID) bool { return id.Table == name })
		if !claimed && name != generic && name != "explore" {
			t.Errorf("no id leads to %s", name)
		}
		used := make(map[string]bool)
		for i := range table.Rows {
			used[table.Rows[i].lookup()] = true
			checkRowDeep(t, table, &table.Rows[i])
		}
		for _, c := range table.Commands {
			used[c.Convert] = true
		}
		for lookup, l := range table.Lookups {
			called[l.Func] = true
			if _, of := common[lookup]; !of && !used[lookup] {
				t.Errorf("%s: lookup %s is of no use", name, lookup)
			}
		}
	}
	for name := range conversions {
		if !called[name] {
			t.Errorf("conversion %s is in no table", name)
		}
	}
}

// checkRowDeep looks at a row as Decode does not: the words of a status are known,
// and no earlier row is the same.
func checkRowDeep(t *testing.T, table *Table, r *Row) {
	t.Helper()
	if r.Status != "" {
		l := table.Lookups[r.Status]
		for _, word := range append(slices.Collect(valuesOf(l)), l.Else) {
			if _, ok := bitNames[strings.TrimPrefix(word, "!")]; !ok && word != "" && word != "normal" {
				t.Errorf("%s: %s: the status has no %q", table.Name, r.Path, word)
			}
		}
	}
	for i := range table.Rows {
		if other := &table.Rows[i]; other != r && *other == *r {
			t.Errorf("%s: two rows are %+v", table.Name, *r)
		}
	}
}

func valuesOf(l Lookup) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range l.Values {
			if !yield(v) {
				return
			}
		}
	}
}

// facts are what the reference has of one vendor.
type facts struct {
	IDs []struct {
		Vendor  string `json:"vid"`
		Product string `json:"pid"`
	} `json:"usb_ids"`
	Usages []struct {
		Page, Usage, Name string
	} `json:"usages"`
	Mappings []struct {
		Name      string `json:"nut_name"`
		Kind      string
		Path      string `json:"hid_path"`
		Nodes     string
		Flags     []string
		Condition string
		Format    string
		InfoFlags []string `json:"info_flags"`
	}
	Commands []struct {
		Name  string `json:"nut_cmd"`
		Path  string `json:"hid_path"`
		Nodes string
		Value *string
	}
	Lookups map[string]struct {
		Values    []json.RawMessage
		Condition string
		Variant   string `json:"variant_of"`
	}
}

func readFacts(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(testenv.Shared(t), "facts", "usbhid", file))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// TestAgainstFacts counts and compares: no id, usage, row, lookup or command of the
// reference is lost, and each path is the one of the reference, node for node.
func TestAgainstFacts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testenv.Shared(t), "facts", "usbhid", "[a-z]*.json"))
	if err != nil || len(files) != 17 {
		t.Fatalf("%d vendors: %v", len(files), err)
	}
	total := 0
	for _, file := range files {
		var f facts
		readFacts(t, filepath.Base(file), &f)
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		table, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		compareIDs(t, name, &f)
		if len(table.Usages) != len(f.Usages) {
			t.Errorf("%s: %d usages, want %d", name, len(table.Usages), len(f.Usages))
		}
		total += compareRows(t, table, &f)
		compareCommands(t, table, &f)
		compareLookups(t, table, &f)
	}
	t.Logf("%d rows compared", total)
}

func compareIDs(t *testing.T, name string, f *facts) {
	t.Helper()
	ours := make(map[string]bool)
	for id := range IDs() {
		if id.Table == name {
			ours[fmt.Sprintf("%04x:%04x", id.Vendor, id.Product)] = true
		}
	}
	for _, id := range f.IDs {
		if !ours[id.Vendor+":"+id.Product] {
			t.Errorf("%s does not claim %s:%s", name, id.Vendor, id.Product)
		}
	}
	if len(ours) != len(f.IDs) {
		t.Errorf("%s: %d ids, want %d", name, len(ours), len(f.IDs))
	}
}

// compareRows wants a row for each of the reference, in its order, and no others.
func compareRows(t *testing.T, table *Table, f *facts) int {
	t.Helper()
	var want []string
	for _, m := range f.Mappings {
		if m.Condition != "" {
			continue // not in a normal build
		}
		line := fmt.Sprint(factName(m.Kind, m.Name), " ", m.Nodes, " ", factPoll(m.Flags), " ", slices.Contains(m.InfoFlags, "RW"), " ", slices.Contains(m.Flags, "ABSENT"))
		if !slices.Contains(want, line) || m.Name == "BOOL" || m.Name == "ups.alarm" {
			want = append(want, line)
		}
	}
	var got []string
	for _, r := range table.Rows {
		name := string(r.Var)
		switch {
		case r.Status != "":
			name = "BOOL"
		case r.Alarm != "":
			name = "ups.alarm"
		}
		p, _ := table.Resolve(r.Path)
		got = append(got, fmt.Sprint(name, " ", p, " ", r.Poll, " ", r.Write > 0, " ", r.Local != nil))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d rows, want %d", table.Name, len(got), len(want))
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Errorf("  row %d is %s, want %s", i+1, got[i], want[i])
				break
			}
		}
	}
	return len(got)
}

func factName(kind, name string) string {
	if kind == "status" {
		return "BOOL"
	}
	return name
}

func factPoll(flags []string) Poll {
	for flag, poll := range map[string]Poll{"STATIC": Static, "SEMI_STATIC": Seldom, "QUICK_POLL": Quick} {
		if slices.Contains(flags, flag) {
			return poll
		}
	}
	return Full
}

func compareCommands(t *testing.T, table *Table, f *facts) {
	t.Helper()
	if len(table.Commands) != len(f.Commands) {
		t.Errorf("%s: %d commands, want %d", table.Name, len(table.Commands), len(f.Commands))
		return
	}
	for i, c := range table.Commands {
		want := f.Commands[i]
		value := ""
		if want.Value != nil {
			value = *want.Value
		}
		if p, _ := table.Resolve(c.Path); string(c.Name) != want.Name || p.String() != want.Nodes || c.Value != value {
			t.Errorf("%s: command %d is %s %s %q, want %s %s %q", table.Name, i, c.Name, p, c.Value, want.Name, want.Nodes, value)
		}
	}
}

// compareLookups counts the lookups that are the vendor's own, and the values of
// those that are nothing but values.
func compareLookups(t *testing.T, table *Table, f *facts) {
	t.Helper()
	common, _ := commonLookups()
	own := 0
	for name := range table.Lookups {
		if _, of := common[name]; !of {
			own++
		}
	}
	want := 0
	for name, l := range f.Lookups {
		if l.Condition != "" || l.Variant != "" {
			continue
		}
		want++
		short := lookupName(name)
		ours, ok := table.Lookups[short]
		if !ok {
			t.Errorf("%s: no lookup %s", table.Name, short)
		} else if ours.Func == "" && len(l.Values) > 1 && len(l.Values) != len(ours.Values) {
			t.Errorf("%s: lookup %s has %d values, want %d", table.Name, short, len(ours.Values), len(l.Values))
		}
	}
	if own != want {
		t.Errorf("%s: %d lookups, want %d", table.Name, own, want)
	}
}

// lookupName is our name for a lookup of the reference.
func lookupName(name string) string {
	name = strings.TrimSuffix(name, "_lkp")
	name = strings.TrimSuffix(strings.TrimSuffix(name, "_info"), "_conversion")
	return strings.ReplaceAll(name, "_", "-")
}

// TestCommonAgainstFacts does so for what all tables have in common.
func TestCommonAgainstFacts(t *testing.T) {
	var f struct {
		Lookups map[string]struct{ Values []json.RawMessage }
	}
	readFacts(t, "_common.json", &f)
	common, err := commonLookups()
	if err != nil || len(common) != len(f.Lookups) {
		t.Fatalf("%d common lookups, want %d: %v", len(common), len(f.Lookups), err)
	}
	for name, l := range f.Lookups {
		if ours, ok := common[lookupName(name)]; !ok || len(l.Values) != len(ours.Values) {
			t.Errorf("lookup %s has %d values, want %d", name, len(ours.Values), len(l.Values))
		}
	}
	var s struct{ Usages []json.RawMessage }
	readFacts(t, "_standard-usages.json", &s)
	lines := 0
	if err := eachLine("usages.tsv", func([]string) error { lines++; return nil }); err != nil || lines != len(s.Usages) {
		t.Errorf("%d standard usages, want %d: %v", lines, len(s.Usages), err)
	}
}

// TestClaim: whose a device is depends on its ids, and on its names where several
// makers share them.
func TestClaim(t *testing.T) {
	for _, tt := range []struct {
		vendor, product uint16
		names           [2]string
		want            string
	}{
		{0x051d, 0x0002, [2]string{"American Power Conversion", "Back-UPS ES 525"}, "apc maxreport"},
		{0x051d, 0x0002, [2]string{"American Power Conversion", "Back-UPS RS 1500"}, "apc"},
		{0x051d, 0x0003, [2]string{"American Power Conversion", "Smart-UPS"}, "apc no-interrupt"},
		{0x06da, 0xffff, [2]string{"AEG", "UPS"}, "mge"},
		{0x06da, 0xffff, [2]string{"BMS", "UPS"}, "idowell"},
		{0x06da, 0xffff, [2]string{"x", "Smart-Battery 9"}, "idowell"},
		{0x06da, 0xffff, [2]string{"Phoenixtec", "UPS"}, "liebert"},
		{0x09d6, 0x0001, [2]string{"KSTAR", "UPS"}, "mge"},
		{0x09d6, 0x0001, [2]string{"x", "KSTAR"}, ""},
		{0x0d9f, 0x0002, [2]string{}, "-"},
		{0x0d9f, 0x0001, [2]string{}, "powercom interrupt-only"},
		{0x09ae, 0x3016, [2]string{}, "tripplite battvolt"},
		{0x1234, 0x5678, [2]string{}, ""},
	} {
		id, err := claim(usbdev.Info{VendorID: tt.vendor, ProductID: tt.product, Vendor: tt.names[0], Product: tt.names[1]})
		if err != nil {
			t.Fatal(err)
		}
		got, quirk, _ := strings.Cut(tt.want, " ")
		if id == nil && got != "" || id != nil && (id.Table != got || quirk != "" && !id.quirks.has(quirk)) {
			t.Errorf("%04x:%04x %q goes to %+v, want %q", tt.vendor, tt.product, tt.names, id, tt.want)
		}
	}
	if other := ofVendor(0x051d); other == nil || other.Table != "apc" {
		t.Errorf("an unlisted product of APC's goes to %+v", other)
	}
	if other := ofVendor(0x1234); other != nil {
		t.Errorf("a product of nobody's goes to %+v", other)
	}
}

// TestOwnTable is a user's table in the configuration folder.
func TestOwnTable(t *testing.T) {
	folder := t.TempDir()
	bus := new(fake)
	bus.plug(t, "generic")
	env := drivers.Env{ConfDir: folder}
	if _, err := tryOpen(t, bus, env); err == nil || !strings.Contains(err.Error(), "explore") {
		t.Errorf("without a table: %v", err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(folder, "usbhid"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "usbhid", "mine.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`
name: mine
label: Mine
ids: ["1209:0001"]
lookups:
  doubled: {scale: 2, digits: 0}
rows:
  - {var: battery.charge, path: UPS.PowerSummary.00850066, convert: doubled}
  - {status: online, path: UPS.PowerSummary.PresentStatus.ACPresent}
`)
	d, err := tryOpen(t, bus, env)
	if err != nil {
		t.Fatal(err)
	}
	var draft nut.Draft
	if err := d.Read(t.Context(), &draft); err != nil || draft.Value("battery.charge") != "200" || draft.Value("driver.version.data") != "Mine" {
		t.Errorf("charge %q by %q: %v", draft.Value("battery.charge"), draft.Value("driver.version.data"), err)
	}
	bus.plug(t, "apc") // which has nothing to do with it
	for text, want := range map[string]string{
		"name: mine\ncolour: red\n":                              "colour",
		"name: mine\nids: [x]\n":                                 "no id",
		"label: x\n":                                             "no name",
		"name: x\nrows: [{path: UPS}]\n":                         "one of var, status and alarm",
		"name: x\nrows: [{var: a, path: UPS.Nothing}]\n":         "no usage",
		"name: x\nrows: [{var: a, path: UPS, poll: often}]\n":    "often",
		"name: x\nrows: [{var: a, path: UPS, convert: magic}]\n": "no lookup",
		"name: x\nlookups: {a: {func: magic}}\n":                 "no conversion",
		"name: x\nrows: [{var: a, path: \"UPS.[900]\"}]\n":       "number of a collection",
		"name: x\nusages: {A: 12}\n":                             "no usage",
		"name: x\nusages: {A.B: 00840001}\n":                     "no path can have",
		"name: x\ncommands: [{cmd: a, path: B}]\n":               "command a",
	} {
		write(text)
		if d, err := tryOpen(t, bus, env, "vendorid", "051d"); err != nil {
			t.Errorf("%q brings %v to a device that it does not concern, %v", text, err, d)
		}
		if _, err := tryOpen(t, bus, env, "vendorid", "1209"); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "mine.yaml") {
			t.Errorf("%q brings %v, want something of %q", text, err, want)
		}
	}
}

// TestNamesakes: a device may have either of two usages of one name.
func TestNamesakes(t *testing.T) {
	table, err := load("mge")
	if err != nil {
		t.Fatal(err)
	}
	p, err := table.Resolve("UPS.PowerConverter.Input.[1].PresentStatus.VoltageOutOfRange")
	if err != nil {
		t.Fatal(err)
	}
	last := len(p) - 1
	for _, usage := range []report.Usage{0x008500d8, 0x00840063} {
		layout := &report.Descriptor{Fields: []report.Field{{Kind: report.Feature, Path: append(p[:last:last], usage)}}}
		if f := find(layout, report.Feature, p); f != &layout.Fields[0] {
			t.Errorf("with %08x it is %v", uint32(usage), f)
		}
		if f := find(layout, report.Input, p); f != nil {
			t.Errorf("an input is %v", f)
		}
	}
	if u := namesake(0x00840030); u != 0 {
		t.Errorf("a voltage is %08x as well", uint32(u))
	}
}

func TestPathName(t *testing.T) {
	table, err := load("mge")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"UPS.Flow.[4].ConfigVoltage", "UPS.PowerSummary.iModel", "UPS.12345678"} {
		p, err := table.Resolve(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := table.PathName(p); got != path {
			t.Errorf("%s comes back as %s", path, got)
		}
	}
}

// FuzzDecode: a table of a user's is refused or right, and never a panic.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"powervar", "common"} {
		text, err := files.ReadFile("tables/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		table, err := Decode(text)
		if err != nil {
			return
		}
		for _, r := range table.Rows {
			p, err := table.Resolve(r.Path)
			if err != nil || len(p) == 0 {
				t.Fatalf("%s: %v", r.Path, err)
			}
			if _, err := table.Resolve(table.PathName(p)); err != nil {
				t.Fatalf("%s comes back as %s: %v", r.Path, table.PathName(p), err)
			}
		}
	})
}
