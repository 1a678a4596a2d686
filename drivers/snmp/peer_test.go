package snmp

import (
	"context"
	"math"
	"os"
	"os/exec"
	"os/user"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// serve is our agent with some objects, on a port of its own.
func serve(tb testing.TB, objects snmpagent.Objects, c snmpagent.Config) *snmpagent.Agent {
	tb.Helper()
	a, err := snmpagent.Listen("127.0.0.1:0", c, objects)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.Close() })
	return a
}

// theirs is what NUT's own snmp-ups says of the agent at an address.
func theirs(t *testing.T, address string, options ...string) map[string]string {
	t.Helper()
	program := testenv.Need(t, "snmp-ups")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := []string{"-s", "peer", "-d", "1", "-u", me.Username, "-x", "port=" + address}
	for _, o := range options {
		args = append(args, "-x", o)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "NUT_CONFPATH="+dir, "NUT_STATEPATH="+dir, "NUT_ALTPIDPATH="+dir)
	out, err := cmd.Output()
	if err != nil {
		t.Logf("snmp-ups: %v", err)
	}
	vars := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if ok && !strings.HasPrefix(name, "driver.") && !strings.Contains(name, " ") {
			vars[name] = strings.TrimRight(value, " ")
			if name == "ups.status" { // NUT repeats words, in the order in which it came across them
				words := nut.ParseStatus(value)
				slices.Sort(words)
				vars[name] = words.String()
			}
		}
	}
	return vars
}

// ours is what we say of it.
func ours(t *testing.T, address string, c Config) map[string]string {
	t.Helper()
	c.Port, c.Timeout, c.Community = address, time.Second, "public"
	session, err := transport.Open(t.Context(), c.session())
	if err != nil {
		t.Fatal(err)
	}
	u := opened(t, session, c)
	defer u.Close()
	var d nut.Draft
	vars := make(map[string]string)
	for v := range read(t, u, &d).Variables() {
		if !strings.HasPrefix(string(v.Name), "driver.") {
			vars[string(v.Name)] = v.Value
		}
	}
	status := nut.ParseStatus(vars["ups.status"])
	slices.Sort(status)
	vars["ups.status"] = status.String()
	// The agent does this for each driver.
	if _, ok := vars["device.type"]; !ok {
		vars["device.type"] = "ups"
	}
	for _, part := range []string{"mfr", "model", "serial"} {
		if value, ok := vars["ups."+part]; ok {
			vars["device."+part] = value
		}
	}
	return vars
}

// TestLikeNUT reads each invented device here and with NUT's own snmp-ups, and
// wants the same of both but for what testdata/differences.tsv has reasons for.
func TestLikeNUT(t *testing.T) {
	testenv.Need(t, "snmp-ups")
	known := knownDifferences(t, "differences.tsv")
	for _, name := range recordings(t) {
		t.Run(name, func(t *testing.T) {
			a := serve(t, played(t, name).Recording, snmpagent.Config{})
			compareWithNUT(t, a.Addr().String(), known.of(name), nil, Config{})
		})
	}
	known.wantSeen(t)
}

// wantSeen fails for what no longer differs.
func (d differences) wantSeen(t *testing.T) {
	t.Helper()
	for _, one := range d {
		if !one.seen {
			t.Errorf("%s no longer differs in %s", one.device, one.variable)
		}
	}
}

// compareWithNUT reads what is at an address by both.
func compareWithNUT(t *testing.T, address string, known differences, options []string, c Config) {
	t.Helper()
	them, us := theirs(t, address, options...), ours(t, address, c)
	if len(them) < 10 {
		t.Fatalf("snmp-ups says only %v", them)
	}
	for name, lines := range differ(us, them) {
		if !known.explain(name) {
			t.Errorf("%s: %s", name, lines)
		}
	}
}

// recordings are the names of the invented devices.
func recordings(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.snmprec")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings, %v", err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".snmprec")
	}
	return files
}

// difference is one that is known.
type difference struct {
	device, variable string // the variable may have *
	seen             bool
}

type differences []*difference

func knownDifferences(t *testing.T, file string) differences {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var all differences
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(columns) != 3 {
			t.Fatalf("%q has not three columns", line)
		}
		all = append(all, &difference{device: columns[0], variable: columns[1]})
	}
	return all
}

func (d differences) of(device string) differences {
	return slices.DeleteFunc(slices.Clone(d), func(one *difference) bool { return one.device != device })
}

func (d differences) explain(variable string) bool {
	known := false
	for _, one := range d {
		if ok, _ := path.Match(one.variable, variable); ok {
			one.seen, known = true, true
		}
	}
	return known
}

// differ says, by variable, what is not the same.
func differ(ours, theirs map[string]string) map[string]string {
	all := make(map[string]string)
	for name, value := range ours {
		if their, ok := theirs[name]; !ok {
			all[name] = value + " here only"
		} else if their != value && !roundedOtherwise(value, their) {
			all[name] = value + " here, " + their + " there"
		}
	}
	for name, value := range theirs {
		if _, ok := ours[name]; !ok {
			all[name] = value + " there only"
		}
	}
	return all
}

// TestEveryTable reads an agent that has every object of a table by both, for
// all tables that NUT 2.8.0 has. What differs, as its tables are older ones, is
// in testdata/differences-tables.tsv.
func TestEveryTable(t *testing.T) {
	testenv.Need(t, "snmp-ups")
	all := knownDifferences(t, "differences-tables.tsv")
	l, err := embeddedTables()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l {
		known := all.of(e.name)
		if known.explain("") {
			continue // 2.8.0 does not have this table
		}
		t.Run(e.name+" "+e.mib, func(t *testing.T) {
			table, err := e.table()
			if err != nil {
				t.Fatal(err)
			}
			a := serve(t, invent(e, table), snmpagent.Config{})
			compareWithNUT(t, a.Addr().String(), known, nil, Config{})
		})
	}
	all.wantSeen(t)
}

// roundedOtherwise tells whether two numbers are the same but for the way in
// which a half hundredth was rounded: NUT goes through single precision.
func roundedOtherwise(a, b string) bool {
	x, okX := nut.ParseNumber(a)
	y, okY := nut.ParseNumber(b)
	return okX && okY && strings.Contains(a, ".") && math.Abs(x-y) < 0.0101
}
