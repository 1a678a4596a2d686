package dialect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// answers is a device by command, both without the carriage return. What it
// does not know it answers with silence, in no time.
type answers map[string]string

// device notes what it is told.
type device struct {
	answers
	sent []string
}

func (d *device) Exchange(ctx context.Context, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(string(command), "\r")
	d.sent = append(d.sent, text)
	if said, ok := d.answers[text]; ok {
		return []byte(said + "\r"), nil
	}
	return nil, ErrSilent
}

func tables(tb testing.TB) []*table {
	tb.Helper()
	all, err := ranked(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// unit is a Unit of a table, with what its device says.
func unit(t *testing.T, protocol string, said answers, o Options) (*Unit, *device) {
	t.Helper()
	tab, err := load(protocol, "")
	if err != nil {
		t.Fatal(err)
	}
	d := &device{answers: said}
	return newUnit(d, tab, o), d
}

// TestFunctions: each function that tables can name is named by one.
func TestFunctions(t *testing.T) {
	used := make(map[string]bool)
	for _, tab := range tables(t) {
		for _, q := range tab.Queries {
			used["prepare "+q.Prepare] = true
			for _, r := range q.Rows {
				used["read "+r.Read] = true
			}
		}
		for _, c := range tab.Commands {
			used["command "+c.With] = true
		}
		for _, s := range tab.Settings {
			used["set "+s.With] = true
		}
	}
	for kind, names := range map[string][]string{
		"read ": slices.Collect(maps.Keys(readers)), "prepare ": slices.Collect(maps.Keys(preparers)),
		"command ": slices.Collect(maps.Keys(commanders)), "set ": slices.Collect(maps.Keys(setters)),
	} {
		for _, name := range names {
			if !used[kind+name] {
				t.Errorf("no table has %s%s", kind, name)
			}
		}
	}
}

// TestNames: what is published has names that are in the vocabulary.
func TestNames(t *testing.T) {
	for _, tab := range tables(t) {
		for _, q := range tab.Queries {
			for _, r := range q.Rows {
				if _, ok := nut.Describe(nut.Name(r.Name)); !ok && !r.Hidden {
					t.Errorf("%s: variable %s", tab.Name, r.Name)
				}
			}
		}
		for _, c := range tab.Commands {
			if _, ok := nut.DescribeCommand(nut.Name(c.Name)); !ok {
				t.Errorf("%s: command %s", tab.Name, c.Name)
			}
		}
	}
}

// TestStrict: a table with a mistake is refused, and the mistake named.
func TestStrict(t *testing.T) {
	const good = "name: x\nclaim: [{name: a}]\nqueries:\n  - ask: Q\n    rows: [{name: a}]\n"
	for more, want := range map[string]string{
		"":                                                   "",
		"nonsense: 1\n":                                      "nonsense",
		"commands: [{name: c, with: magic}]\n":               `no function "magic"`,
		"settings: [{name: s, with: magic}]\n":               `no function "magic"`,
		"settings: [{name: s, set: none}]\n":                 `no set "none"`,
		"sets: {s: {range: [a, b]}}\n":                       "not a number",
		"sets: {s: {range: ['1']}}\n":                        "two ends",
		"frame: box\n":                                       "box",
		"  - {ask: R, prepare: magic, rows: []}\n":           `no function "magic"`,
		"  - {ask: R, rows: [{name: b, read: magic}]}\n":     `no function "magic"`,
		"  - {ask: R, rows: [{name: b, from: 3, to: 1}]}\n":  "from 3 to 1",
		"  - {ask: R, rows: [{name: b, digits: 99}]}\n":      "99 digits",
		"  - {ask: R, rows: [{name: b, poll: hourly}]}\n":    "hourly",
		"  - {ask: R, rows: [{name: b, set: elsewhere}]}\n":  "elsewhere",
		"  - {ask: R, rows: [{name: b, colour: elsewhere}]}": "colour",
	} {
		_, err := parse([]byte(good + more))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", more, err, want)
		}
	}
	if _, err := parse([]byte("name: x\nclaim: [{name: b}]\n")); err == nil || !strings.Contains(err.Error(), "no query has") {
		t.Errorf("a claim by nothing brings %v", err)
	}
}

// TestOwnTable: a user's table is as good as one of the build.
func TestOwnTable(t *testing.T) {
	dir := t.TempDir()
	own := "name: mine\nclaim: [{name: ups.load}]\nqueries:\n  - ask: LOAD\n    rows: [{name: ups.load, digits: 0}]\n"
	if err := os.WriteFile(filepath.Join(dir, "mine.yaml"), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	var s Search
	u, err := s.Find(t.Context(), &device{answers: answers{"LOAD": "42"}}, Options{Protocol: "mine.yaml", Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Poll(t.Context()); err != nil || u.facts["ups.load"] != "42" {
		t.Errorf("load %q, %v", u.facts["ups.load"], err)
	}
	if _, err := s.candidates(Options{Protocol: "yours.yaml", Dir: dir}); err != nil {
		t.Errorf("what was found before is forgotten: %v", err)
	}
	if _, err := new(Search).Find(t.Context(), nil, Options{Protocol: "yours.yaml", Dir: dir}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a table that is not there brings %v", err)
	}
}

// TestCRC: against exchanges that are known from Voltronic's papers.
func TestCRC(t *testing.T) {
	for text, want := range map[string]string{
		"QPI": "\xbe\xac", "QPIGS": "\xb7\xa9", "QMOD": "\x49\xc1", "QPIRI": "\xf8\x54", "QID": "\xd6\xea", "(NAK": "\x73\x73", "(ACK": "\x39\x20",
	} {
		if got := crc([]byte(text)); string(got[:]) != want {
			t.Errorf("%s: %x, want %x", text, got, want)
		}
	}
}

// TestOrders: what is sent for a command, and what comes of it.
func TestOrders(t *testing.T) {
	const nak = "(NAK"
	for _, tt := range []struct {
		protocol, name, arg string
		said                answers
		off, on             string // the delays
		sent                string // commands, with blanks between
		want                error
	}{
		{"megatec", "shutdown.return", "", nil, "30", "180", "S.5R0003", nil},
		{"megatec", "shutdown.return", "", nil, "600", "0", "S10", nil},
		{"megatec", "shutdown.return", "", nil, "12", "599940", "S.2R9999", nil},
		{"megatec", "shutdown.stayoff", "", nil, "120", "180", "S02R0000", nil},
		{"megatec", "shutdown.return", "5", nil, "30", "180", "", nut.ErrInvalidArgument},
		{"megatec", "shutdown.stop", "", nil, "30", "180", "C", nil},
		{"megatec", "load.off", "", nil, "30", "180", "S00R0000", nil},
		{"megatec", "Load.On", "", nil, "30", "180", "C", nil},
		{"megatec", "test.battery.start", "", nil, "30", "180", "T10", nil},
		{"megatec", "test.battery.start", "300", nil, "30", "180", "T05", nil},
		{"megatec", "test.battery.start", "59", nil, "30", "180", "", nut.ErrInvalidArgument},
		{"megatec", "test.battery.start", "5941", nil, "30", "180", "", nut.ErrInvalidArgument},
		{"megatec", "test.battery.start", "soon", nil, "30", "180", "", nut.ErrInvalidArgument},
		{"megatec", "beeper.toggle", "", nil, "30", "180", "Q", nil},
		{"megatec", "beeper.toggle", "", answers{"Q": "Q"}, "30", "180", "Q", nut.ErrFailed}, // said again
		{"megatec", "beeper.toggle", "", answers{"Q": "ACK"}, "30", "180", "Q", nil},
		{"megatec", "beeper.mute", "", nil, "30", "180", "", nut.ErrUnknown},
		{"megatec", "shutdown.default", "", nil, "30", "180", "C S.5R0003", nil},
		{"mecer", "shutdown.return", "", answers{"S.5R0003": "(ACK"}, "30", "180", "S.5R0003", nil},
		{"mecer", "shutdown.return", "", nil, "30", "180", "S.5R0003", nut.ErrFailed}, // owes an answer
		{"mecer", "shutdown.return", "", answers{"S.5R0003": nak}, "30", "180", "S.5R0003", nut.ErrFailed},
		{"bestups", "shutdown.stayoff", "", nil, "60", "180", "S01", nil},
		{"ablerex", "load.off", "", nil, "60", "180", "S.2", nil},
		{"omron", "shutdown.return", "", answers{"An": "OK", "S.5R0003": "OK"}, "30", "180", "An S.5R0003", nil},
		{"omron", "shutdown.stayoff", "", answers{"Af": "OK", "Sf.5": "OK"}, "30", "180", "Af Sf.5", nil},
		{"omron", "shutdown.stayoff", "", answers{"Af": "NAK"}, "30", "180", "Af", nut.ErrFailed},
		{"masterguard", "shutdown.return", "", nil, "30", "180", "S.5R0003", nil},
		{"masterguard", "shutdown.stayoff", "", nil, "60", "180", "S01", nil},
		{"masterguard", "test.battery.start", "10", nil, "30", "180", "T", nil},
		{"masterguard", "test.battery.start", "120", nil, "30", "180", "T02", nil},
		{"masterguard", "beeper.off", "", nil, "30", "180", "SS---0,07", nil},
		{"voltronic", "shutdown.return", "", answers{"S.5R0003": "(ACK"}, "30", "180", "S.5R0003", nil},
		{"voltronic", "test.battery.start", "12", answers{"T.2": "(ACK"}, "30", "180", "T.2", nil},
		{"voltronic", "beeper.toggle", "", answers{"BZOFF": "(ACK"}, "30", "180", "BZOFF", nil},
		{"voltronic", "beeper.enable", "", nil, "30", "180", "", nut.ErrUnknown}, // asleep
	} {
		u, d := unit(t, tt.protocol, tt.said, Options{})
		u.facts[delayShutdown], u.facts[delayStart], u.facts[unitID] = tt.off, tt.on, "7"
		u.facts["ups.beeper.status"] = "enabled"
		err := u.Command(t.Context(), tt.name, tt.arg)
		if got := strings.Join(d.sent, " "); got != tt.sent || !errors.Is(err, tt.want) {
			t.Errorf("%s %s %s: sent %q, %v; want %q, %v", tt.protocol, tt.name, tt.arg, got, err, tt.sent, tt.want)
		}
	}
}

// TestMecerTest: units of Voltronic's may be tested for seconds.
func TestMecerTest(t *testing.T) {
	u, d := unit(t, "mecer", answers{"T.2": "(ACK"}, Options{})
	if err := u.Command(t.Context(), "test.battery.start", "12"); !errors.Is(err, nut.ErrInvalidArgument) {
		t.Errorf("a short test of any unit: %v", err)
	}
	u.facts["ups.firmware.aux"] = "Voltronic Power P98"
	if err := u.Command(t.Context(), "test.battery.start", "12"); err != nil || fmt.Sprint(d.sent) != "[T.2]" {
		t.Errorf("sent %q, %v", d.sent, err)
	}
}

// TestSettings: what is sent for a new value, and what is kept.
func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		protocol, name, value string
		sent, kept            string
		want                  error
	}{
		{"megatec", delayShutdown, "47", "", "42", nil},
		{"megatec", delayShutdown, "119", "", "60", nil},
		{"megatec", delayShutdown, "11", "", "", nut.ErrInvalidArgument},
		{"megatec", delayShutdown, "601", "", "", nut.ErrInvalidArgument},
		{"megatec", delayShutdown, "NaN", "", "", nut.ErrInvalidArgument},
		{"megatec", delayStart, "200", "", "180", nil},
		{"megatec", "ups.load", "3", "", "", nut.ErrUnknown},
		{"bestups", "battery.packs", "3", "BP3", "3", nil},
		{"bestups", "pins_shutdown_mode", "3", "", "", nut.ErrUnknown}, // for ups.conf only
		{"voltronic", "battery.packs", "7", "BATGN07", "7", nil},
		{"voltronic", "battery.packs", "100", "", "", nut.ErrInvalidArgument},
		{"voltronic", "battery.protection", "YES", "PES", "yes", nil},
		{"voltronic", "battery.protection", "perhaps", "", "", nut.ErrInvalidArgument},
		{"voltronic", "outlet.2.delay.shutdown", "150", "PSK2002", "120", nil},
		{"voltronic", "battery.type", "AGM", "PBT02", "AGM", nil},
		{"voltronic", "battery.voltage.low", "24", "W0E24", "24", nil},
		{"voltronic", "battery.voltage.low", "28", "", "", nut.ErrInvalidArgument},
		{"masterguard", "ups.id", "9", "SS09--,07", "9", nil},
		{"masterguard", "ups.id", "100", "", "7", nut.ErrInvalidArgument},
		{"masterguard", "battery.packs", "2", "SS--2-,07", "2", nil},
		{"masterguard", "device.uptime", "90061", "SRC0001:01:01:01,07", "90061", nil},
		{"masterguard", "output.voltage.nominal", "230", "PNV=230", "230", nil},
	} {
		u, d := unit(t, tt.protocol, nil, Options{})
		u.facts[unitID] = "7"
		u.facts["output.voltage.nominal"], u.facts["output.current.nominal"] = "230", "4"
		if tt.protocol == "voltronic" {
			d.answers = answers{tt.sent: "(ACK"}
		}
		for _, s := range u.settings {
			s.off = false
		}
		if tt.name != unitID {
			delete(u.facts, tt.name)
		}
		err := u.Set(t.Context(), tt.name, tt.value)
		if got := strings.Join(d.sent, " "); got != tt.sent || u.facts[tt.name] != tt.kept || !errors.Is(err, tt.want) {
			t.Errorf("%s %s=%s: sent %q, kept %q, %v; want %q, %q, %v", tt.protocol, tt.name, tt.value, got, u.facts[tt.name], err, tt.sent, tt.kept, tt.want)
		}
	}
}

// TestTexts: no command and no setting of any table has a form that its function
// does not fill in.
func TestTexts(t *testing.T) {
	for _, tab := range tables(t) {
		for _, c := range tab.Commands {
			u := newUnit(&device{}, tab, Options{})
			u.facts[delayShutdown], u.facts[delayStart], u.facts["ups.beeper.status"] = "30", "180", "enabled"
			text, err := c.Send, error(nil)
			if c.With != "" {
				text, err = commanders[c.With](u, &c, "")
			}
			if err != nil || strings.Contains(text, "%") || text == "" {
				t.Errorf("%s %s: %q, %v", tab.Name, c.Name, text, err)
			}
		}
		for _, s := range tab.Settings {
			u := newUnit(&device{}, tab, Options{})
			u.said = []statement{{1, statusName, "OFF"}}
			value := "120"
			if words, _, _, _ := u.allowed(s.Set); len(words) > 0 {
				value = words[0]
			}
			if s.With == "" {
				continue
			}
			text, _, err := setters[s.With](u, &s, value)
			if err != nil && s.With != "masterguard.address" || strings.Contains(text, "%") {
				t.Errorf("%s %s: %q, %v", tab.Name, s.Name, text, err)
			}
		}
	}
}

const q1 = "(226.0 195.0 225.0 014 49.8 27.5 30.5 "

// TestStatus: bits become words and alarms.
func TestStatus(t *testing.T) {
	for bits, want := range map[string]string{
		"00000000": "OL []", "10000000": "OB []", "11000000": "OB LB []", "00100000": "OL BYPASS []",
		"00010000": "OL [UPS selftest failed!]", "00000100": "OL CAL []", "00000010": "OL FSD [Shutdown imminent!]",
	} {
		u, _ := unit(t, "megatec", answers{"Q1": q1 + bits}, Options{})
		if err := u.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(strings.Join(u.status(), " "), " ", u.alarms()); got != want {
			t.Errorf("%s: %s, want %s", bits, got, want)
		}
	}
	u, _ := unit(t, "megatec", answers{"Q1": q1 + "00000010"}, Options{Flags: map[string]bool{ignoreSAB: true}})
	if err := u.Poll(t.Context()); err != nil || slices.Contains(u.status(), "FSD") {
		t.Errorf("with ignoresab: %v, %v", u.status(), err)
	}
	for voltages, want := range map[string]string{
		"(200.0 195.0 225.0": "BOOST", "(250.0 195.0 225.0": "TRIM", "(226.0 195.0 226.0": "BYPASS", "(226.0 195.0 000.0": "OL", "(000.0 195.0 226.0": "OL",
	} {
		u, _ := unit(t, "megatec", answers{"Q1": voltages + q1[18:] + "00100000"}, Options{})
		if err := u.Poll(t.Context()); err != nil || u.status()[len(u.status())-1] != want {
			t.Errorf("%s: %v, %v, want %s", voltages, u.status(), err, want)
		}
	}
}

// TestLaterWins: what is read later is right, whichever row says it.
func TestLaterWins(t *testing.T) {
	general := "(226.0 49.8 225.0 50.1 001.2 014 369.1 ---.- 026.5 ---.- 030.5 10"
	u, d := unit(t, "voltronic", answers{"QPI": "(PI01", "QGS": general + "0000000000", "QMOD": "(L", "QWS": "(" + strings.Repeat("0", 64)}, Options{PollFreq: time.Hour})
	if err := u.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.answers["QGS"] = general + "1000000000" // the mains fails; QMOD is not asked for an hour
	if err := u.Poll(t.Context()); err != nil || u.status()[0] != "OB" {
		t.Errorf("%v, %v", u.status(), err)
	}
	u.changed = true
	d.answers["QMOD"], d.answers["QWS"] = "(F", "(0000000110"+strings.Repeat("0", 54)
	d.answers["QFS"] = "(43"
	for range 2 { // the code of a fault is asked for once there is one
		u.changed = true
		if err := u.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(u.status(), u.alarms()); !strings.Contains(got, "LB OVER") || !strings.Contains(got, "fault mode") || !strings.Contains(got, "overload") {
		t.Errorf("in trouble: %s", got)
	}
	d.answers["QMOD"], d.answers["QWS"], d.answers["QFS"] = "(L", "("+strings.Repeat("0", 64), "(OK"
	d.answers["QGS"] = general + "0000000000"
	u.changed = true
	if err := u.Poll(t.Context()); err != nil || fmt.Sprint(u.status(), u.alarms()) != "[OL] []" {
		t.Errorf("after it: %v %v, %v", u.status(), u.alarms(), err)
	}
}

// TestWithdrawn: what is not answered any more is not said any more, after a few
// polls; and is said again when it is answered again.
func TestWithdrawn(t *testing.T) {
	u, d := unit(t, "hunnox", answers{"Q1": q1 + "00000000", "BL": "BL087"}, Options{})
	var draft nut.Draft
	poll := func() {
		t.Helper()
		if err := u.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		u.Publish(&draft)
	}
	poll()
	u.queries[len(u.queries)-1].rows[0].row = &row{Name: "battery.charge", Read: "hunnox.charge"} // not a quick one
	delete(d.answers, "BL")
	for n := range tries {
		poll()
		if _, ok := draft.Lookup("battery.charge"); ok != (n < tries-1) {
			t.Errorf("after %d polls: %t", n+1, ok)
		}
	}
	d.answers["BL"] = "BL050"
	poll()
	if got := draft.Value("battery.charge"); got != "50" {
		t.Errorf("when it is back: %q", got)
	}
}

// TestEstimate: charge and runtime go down on battery and up on mains.
func TestEstimate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cal, err := ParseRuntimeCal("240,100,720,50")
		if err != nil {
			t.Fatal(err)
		}
		said := answers{"Q1": "(226.0 195.0 225.0 100 49.8 27.0 30.5 00000000", "F": "#230.0 004 24.00 50.0"}
		u, d := unit(t, "megatec", said, Options{Battery: Battery{Runtime: cal, ChargeTime: 2 * time.Hour, IdleLoad: 0.1}})
		check := func(after time.Duration, charge, runtime string) {
			t.Helper()
			<-time.After(after)
			if err := u.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			if u.facts[batteryCharge] != charge || u.facts[batteryRuntime] != runtime {
				t.Errorf("charge %s, runtime %s; want %s, %s", u.facts[batteryCharge], u.facts[batteryRuntime], charge, runtime)
			}
		}
		check(0, "100", "240")
		d.answers["Q1"] = "(000.0 195.0 225.0 100 49.8 25.0 30.5 10000000"
		check(time.Minute, "75", "180")
		d.answers["Q1"] = "(000.0 195.0 225.0 050 49.8 25.0 30.5 10000000"
		check(3*time.Minute, "50", "360") // at half the load it lasts three times as long
		d.answers["Q1"] = "(226.0 195.0 225.0 000 49.8 27.0 30.5 00000000"
		check(time.Hour, "100", "2400")
		d.answers["Q1"] = "(000.0 195.0 225.0 100 49.8 25.0 30.5 10000000"
		check(time.Hour, "0", "0")
	})
}

// TestPacks: a reading of one cell, or of one block, is that of all.
func TestPacks(t *testing.T) {
	for _, tt := range []struct{ volts, nominal, packs, charge string }{
		{"2.27", "72.00", "", "100"}, {"27.5", "24.00", "", "100"}, {"2.00", "24.00", "", "62"}, {"11.0", "24.00", "", "23"}, {"2.00", "24.00", "11", "23"}, {"99.9", "24.00", "", "100"},
	} {
		o := Options{Given: map[string]string{}}
		if tt.packs != "" {
			o.Given["battery.packs"] = tt.packs
		}
		u, _ := unit(t, "megatec", answers{"Q1": "(226.0 195.0 225.0 014 49.8 " + tt.volts + " 30.5 00000000", "F": "#230.0 004 " + tt.nominal + " 50.0"}, o)
		if err := u.Poll(t.Context()); err != nil || u.facts[batteryCharge] != tt.charge {
			t.Errorf("%s V of %s: charge %s, %v, want %s", tt.volts, tt.nominal, u.facts[batteryCharge], err, tt.charge)
		}
	}
	given := Options{Given: map[string]string{batteryLow: "22", batteryHigh: "28"}}
	u, _ := unit(t, "megatec", answers{"Q1": q1 + "00000000"}, given)
	if err := u.Poll(t.Context()); err != nil || u.facts[batteryCharge] != "92" || u.facts[batteryLow] != "" {
		t.Errorf("with limits of ups.conf: charge %s, low %s, %v", u.facts[batteryCharge], u.facts[batteryLow], err)
	}
}

// TestSilentLine: the search says where it is when its time is over, and goes on
// from there.
func TestSilentLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Search
		slow := slowly{&device{}}
		for n := 0; ; n++ {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			began := time.Now()
			u, err := s.Find(ctx, slow, Options{})
			cancel()
			if u != nil || !errors.Is(err, ErrSilent) || time.Since(began) > 30*time.Second {
				t.Fatalf("%v, %v after %s", u, err, time.Since(began))
			}
			if !strings.Contains(err.Error(), "tried") {
				break
			}
			if n > 3 {
				t.Fatal("never ends")
			}
		}
		if n := len(slow.sent); n > 60 {
			t.Errorf("asked %d times", n)
		}
	})
}

type slowly struct{ *device }

func (s slowly) Exchange(ctx context.Context, command []byte) ([]byte, error) {
	if err := pause(ctx, time.Second); err != nil {
		return nil, err
	}
	return s.device.Exchange(ctx, command)
}

// TestLong: what a dialect asks for at the start may take longer than a call.
func TestLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tab, err := load("voltronic", "")
		if err != nil {
			t.Fatal(err)
		}
		d := &device{answers: answers{"QPI": "(PI01", "QGS": "(226.0 49.8 225.0 50.1 001.2 014 369.1 ---.- 026.5 ---.- 030.5 100000000000"}}
		u := newUnit(slowly{d}, tab, Options{})
		for n := 1; ; n++ {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			err := u.Poll(ctx)
			cancel()
			if err == nil {
				if n < 2 {
					t.Error("took one call")
				}
				return
			}
			if !IsLater(err) || n > 20 {
				t.Fatal(err)
			}
		}
	})
}

// TestEcho: a device that says all again is no dialect at all.
func TestEcho(t *testing.T) {
	u, err := new(Search).Find(t.Context(), echo{}, Options{})
	if u != nil || !errors.Is(err, ErrStrange) {
		t.Errorf("%v, %v", u, err)
	}
}

type echo struct{}

func (echo) Exchange(_ context.Context, command []byte) ([]byte, error) {
	return bytes.Clone(command), nil
}

// TestPolls: what never changes is asked for once, what seldom does after an
// order, and only the state between two full polls.
func TestPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, d := unit(t, "bestups", answers{
			"Q1": q1 + "00000000", "ID": "AX1,750,230,230,20.0,27.6", "RT": "034", "BP?": "02", "SS?": "0", "M": "4", "BP3": "",
		}, Options{PollFreq: 30 * time.Second})
		for _, tt := range []struct {
			after time.Duration
			set   string // a new value of battery.packs first
			want  string
		}{
			{0, "", "Q1 ID RT BP? SS? M"},
			{2 * time.Second, "", "Q1"},
			{29 * time.Second, "", "Q1 RT M"},
			{2 * time.Second, "", "Q1"},
			{2 * time.Second, "3", "BP3 Q1 ID RT BP? SS? M"},
			{2 * time.Second, "", "Q1"},
		} {
			<-time.After(tt.after)
			d.sent = nil
			if tt.set != "" {
				if err := u.Set(t.Context(), "battery.packs", tt.set); err != nil {
					t.Fatal(err)
				}
			}
			if err := u.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(d.sent, " "); got != tt.want {
				t.Errorf("asked %s, want %s", got, tt.want)
			}
		}
	})
}
