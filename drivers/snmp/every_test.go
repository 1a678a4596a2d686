package snmp

import (
	"slices"
	"strings"
	"testing"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/nut"
)

// each calls f with every way in which a device may be recognised, and an agent
// that has all that the table asks for.
func each(t *testing.T, f func(t *testing.T, l library, e entry, a *transport.Playback)) {
	t.Helper()
	l, err := embeddedTables()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l {
		t.Run(e.mib+" "+e.sysObject, func(t *testing.T) {
			table, err := e.table()
			if err != nil {
				t.Fatal(err)
			}
			f(t, l, e, &transport.Playback{Recording: invent(e, table)})
		})
	}
}

// TestDetectEvery finds each table by the device's sysObjectID, by its name in
// the configuration, and by what the device has; where several ask for the same
// object, the first of them.
func TestDetectEvery(t *testing.T) {
	each(t, func(t *testing.T, l library, e entry, a *transport.Playback) {
		t.Helper()
		for _, mibs := range []string{"auto", "AUTO", "", e.mib} {
			if got, err := l.detect(t.Context(), a, mibs); err != nil || got.model != e.model {
				t.Errorf("mibs=%s: got %s of %s, %v", mibs, got.mib, got.name, err)
			}
		}
		a.Put(transport.Value{OID: oidSysObjectID, Kind: transport.Object, Text: "1.3.6.1.4.1.99999"})
		got, err := l.detect(t.Context(), a, mibsAuto)
		first := slices.IndexFunc(l, func(other entry) bool {
			return slices.ContainsFunc(models(other.model), func(oid string) bool { return a.Recording.Get(oid).Kind != transport.Absent })
		})
		if err != nil || got.name != l[first].name {
			t.Errorf("with another sysObjectID: got %s, %v, want %s", got.name, err, l[first].name)
		}
		for _, oid := range models(e.model) {
			a.Put(transport.Value{OID: oid})
		}
		if got, err := l.detect(t.Context(), a, e.mib); err == nil && got.model == e.model {
			t.Errorf("without its model it is still taken for %s", got.mib)
		}
	})
}

// TestEveryRowLives reads a device that has everything, and finds no row that
// says nothing, but those that stand back for another of their name, and those of
// a number of phases that the device does not have.
func TestEveryRowLives(t *testing.T) {
	each(t, func(t *testing.T, _ library, e entry, a *transport.Playback) {
		t.Helper()
		table, err := e.table()
		if err != nil {
			t.Fatal(err)
		}
		u := opened(t, a, Config{MIBs: e.mib})
		if u.entry.name != e.name {
			t.Fatalf("the device is taken for one of %s", u.entry.name)
		}
		var d nut.Draft
		s := read(t, u, &d)
		shown := make(map[*row]bool)
		for _, p := range u.live {
			shown[p.row] = true
		}
		for i := range table.Variables {
			r := &table.Variables[i]
			twins := table.named(r.Name)
			switch {
			case shown[r], r.Name == "device.count", len(r.Phases) > 0:
			case len(twins) > 1 && slices.ContainsFunc(twins, func(twin *row) bool { return twin.Unique && shown[twin] }):
			default:
				t.Errorf("%s with %s is not read", r.Name, r.OID)
			}
		}
		for _, c := range table.Commands {
			name := nut.Name(strings.ReplaceAll(c.Name, holeItem, "1"))
			if !slices.ContainsFunc(slices.Collect(s.Commands()), name.Equal) {
				t.Errorf("command %s is not offered", name)
			}
		}
		if s.Value("driver.version.data") != u.entry.mib+" MIB "+table.Version {
			t.Errorf("it says to be %q", s.Value("driver.version.data"))
		}
	})
}

// TestFewPackets holds the readings of every table to a few packets, each of
// which is under the bound of one Ethernet frame by our estimate.
func TestFewPackets(t *testing.T) {
	each(t, func(t *testing.T, _ library, e entry, a *transport.Playback) {
		t.Helper()
		u := opened(t, a, Config{MIBs: e.mib})
		var d nut.Draft
		read(t, u, &d)
		quick, full := len(u.due(false)), len(u.due(true))
		if quick > 25 || quick > full {
			t.Errorf("%d objects in between, %d at pollfreq", quick, full)
		}
		for _, oid := range u.due(true) {
			if a.Recording.Get(oid).Kind == transport.Absent {
				t.Errorf("%s is asked for, and was never there", oid)
			}
		}
	})
}
