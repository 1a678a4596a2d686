package snmp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/nut"
)

// spy is an agent that remembers what it was asked.
type spy struct {
	*transport.Playback
	asked [][]string
	fail  error
}

func (s *spy) Get(ctx context.Context, oids []string) ([]transport.Value, error) {
	s.asked = append(s.asked, oids)
	if s.fail != nil {
		return nil, s.fail
	}
	return s.Playback.Get(ctx, oids)
}

func (s *spy) last() []string { return s.asked[len(s.asked)-1] }

func (s *spy) set(oid string, n int64) {
	v := s.Recording.Get(oid)
	v.Number = n
	s.Put(v)
}

const (
	oidCharge = "1.3.6.1.2.1.33.1.2.4.0"
	oidSource = "1.3.6.1.2.1.33.1.4.1.0"
	oidVolts  = "1.3.6.1.2.1.33.1.3.3.1.3.1"
	oidModel  = "1.3.6.1.2.1.33.1.1.2.0"
)

// TestWhatIsDue: everything at first, then the state at each Read, what changes
// at each pollfreq, and what never changes no more.
func TestWhatIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &spy{Playback: played(t, "ietf")}
		u := opened(t, a, Config{PollFreq: 30 * time.Second})
		var d nut.Draft
		read(t, u, &d)
		asks := func(oid string) bool { return slices.Contains(a.last(), oid) }
		if !asks(oidModel) || !asks(oidVolts) || !asks(oidCharge) || !asks(oidSysUpTime) {
			t.Errorf("at first it asks for %v", a.last())
		}
		for range 14 {
			<-time.After(2 * time.Second)
			read(t, u, &d)
			if len(a.last()) > 12 || asks(oidVolts) || asks(oidModel) || !asks(oidSource) || !asks(oidCharge) {
				t.Fatalf("in between it asks for %v", a.last())
			}
		}
		<-time.After(2 * time.Second)
		read(t, u, &d)
		if !asks(oidVolts) || asks(oidModel) || !asks(oidSource) {
			t.Errorf("after pollfreq it asks for %v", a.last())
		}
		if n := len(a.asked); n > 20 {
			t.Errorf("%d questions", n)
		}
	})
}

// TestStateInBetween: a mains failure is seen at the next Read.
func TestStateInBetween(t *testing.T) {
	a := &spy{Playback: played(t, "ietf")}
	u := opened(t, a, Config{})
	var d nut.Draft
	if s := read(t, u, &d); s.Value("ups.status") != "OL" {
		t.Fatalf("status %v", s.Status())
	}
	a.set(oidSource, 5)
	a.set("1.3.6.1.2.1.33.1.2.1.0", 3)
	a.set(oidCharge, 20)
	a.set(oidVolts, 0)
	s := read(t, u, &d)
	if !s.Status().Has("OB") || !s.Status().Has("LB") || s.Status().Has("OL") || s.Value("battery.charge") != "20" || s.Value("input.voltage") != "231" {
		t.Errorf("status %v, charge %s, volts %s", s.Status(), s.Value("battery.charge"), s.Value("input.voltage"))
	}
}

// TestSeldom: what rarely changes is read at every so many readings.
func TestSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const date = "1.3.6.1.4.1.318.1.1.1.7.2.4.0" // ups.test.date of APC's
		a := &spy{Playback: played(t, "apc")}
		u := opened(t, a, Config{PollFreq: time.Second, Seldom: 3})
		var d nut.Draft
		read(t, u, &d)
		var when []int
		for i := range 9 {
			<-time.After(time.Second)
			read(t, u, &d)
			if slices.Contains(a.last(), date) {
				when = append(when, i+1)
			}
		}
		if !slices.Equal(when, []int{3, 6, 9}) {
			t.Errorf("read at %v", when)
		}
	})
}

// TestNeverAskedAgain: what the device has not is asked for once.
func TestNeverAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &spy{Playback: played(t, "apc")}
		u := opened(t, a, Config{PollFreq: time.Second})
		var d nut.Draft
		read(t, u, &d)
		<-time.After(time.Second)
		read(t, u, &d)
		for _, oid := range a.last() {
			if a.Recording.Get(oid).Kind == transport.Absent {
				t.Errorf("%s is asked for again", oid)
			}
		}
	})
}

// TestUnique: the first row of a name that can be read is the only one.
func TestUnique(t *testing.T) {
	const precise, coarse = "1.3.6.1.4.1.318.1.1.1.3.3.1.0", "1.3.6.1.4.1.318.1.1.1.3.2.1.0"
	volts := func(a *spy) string {
		var d nut.Draft
		return read(t, opened(t, a, Config{}), &d).Value("input.voltage")
	}
	a := &spy{Playback: played(t, "apc")}
	if got := volts(a); got != "230.40" || slices.Contains(a.asked[len(a.asked)-1], "nothing") {
		t.Errorf("with both %s", got)
	}
	a.set(precise, -1)
	if got := volts(a); got != "230" {
		t.Errorf("with an invalid one %s", got)
	}
	a.Put(transport.Value{OID: precise})
	if got := volts(a); got != "230" {
		t.Errorf("with the coarse one only %s", got)
	}
	a.Put(transport.Value{OID: coarse})
	if got := volts(a); got != "" {
		t.Errorf("with none %s", got)
	}
}

// TestInvalid: a reading that means nothing now may mean something later.
func TestInvalid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const nominal = "1.3.6.1.2.1.33.1.9.1.0"
		a := &spy{Playback: played(t, "ietf")}
		a.set(nominal, -1)
		u := opened(t, a, Config{PollFreq: time.Second})
		var d nut.Draft
		for i, want := range []string{"", "230", ""} {
			if got := read(t, u, &d).Value("input.voltage.nominal"); got != want {
				t.Errorf("reading %d is %q, want %q", i, got, want)
			}
			a.set(nominal, []int64{230, -1, 0}[i])
			<-time.After(time.Second)
		}
	})
}

// TestRestart: an agent whose clock began anew is looked at anew.
func TestRestart(t *testing.T) {
	a := &spy{Playback: played(t, "apc-pdu")}
	u := opened(t, a, Config{})
	var d nut.Draft
	read(t, u, &d)
	a.set(oidSysUpTime, 10)
	if err := u.Read(t.Context(), &d); !errors.Is(err, errRestarted) {
		t.Errorf("got %v", err)
	}
	// After 497 days ticks begin anew of themselves.
	a.set(oidSysUpTime, 1<<32-100)
	u = opened(t, a, Config{})
	read(t, u, &d)
	a.set(oidSysUpTime, 10)
	read(t, u, &d)
}

// TestOtherIndexes: outlets that are elsewhere after a restart are found there.
func TestOtherIndexes(t *testing.T) {
	const outlet, count = "1.3.6.1.4.1.318.1.1.4.4.2.1", "1.3.6.1.4.1.318.1.1.4.4.1.0"
	a := &spy{Playback: played(t, "apc-pdu")}
	u := opened(t, a, Config{})
	var d nut.Draft
	read(t, u, &d)
	values, err := a.Walk(t.Context(), outlet, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		a.Put(transport.Value{OID: v.OID})
		column := strings.TrimSuffix(v.OID, v.OID[strings.LastIndexByte(v.OID, '.'):])
		if strings.HasSuffix(v.OID, ".8") {
			v.OID = column + ".0" // counted from 0 now, and one only
			a.Put(v)
		}
	}
	a.set(count, 1)
	a.set(oidSysUpTime, 10)
	if err := u.Read(t.Context(), &d); err == nil {
		t.Fatal("it goes on as if nothing had happened")
	}
	var again nut.Draft
	s := read(t, opened(t, a, Config{}), &again)
	if s.Value("outlet.0.desc") != "Outlet 8" || s.Value("outlet.1.desc") != "" {
		t.Errorf("found %q and %q", s.Value("outlet.0.desc"), s.Value("outlet.1.desc"))
	}
}

// TestLost: an agent that lost most of what it had is another one.
func TestLost(t *testing.T) {
	a := &spy{Playback: played(t, "ietf")}
	u := opened(t, a, Config{})
	var d nut.Draft
	read(t, u, &d)
	values, err := a.Walk(t.Context(), "1.3.6.1.2.1.33", 1000)
	if err != nil {
		t.Fatal(err)
	}
	a.Put(transport.Value{OID: oidVolts})
	read(t, u, &d) // one is no reason
	for _, v := range values {
		a.Put(transport.Value{OID: v.OID})
	}
	if err := u.Read(t.Context(), &d); !errors.Is(err, errOther) {
		t.Errorf("got %v", err)
	}
}

// TestSilence: the error of a silent agent is the Read's, and what was known
// stays in the draft for as long as the Runner bears it.
func TestSilence(t *testing.T) {
	a := &spy{Playback: played(t, "ietf")}
	u := opened(t, a, Config{})
	var d nut.Draft
	read(t, u, &d)
	a.fail = transport.ErrSilent
	if err := u.Read(t.Context(), &d); !errors.Is(err, transport.ErrSilent) || d.Value("ups.status") != "OL" || d.Changed() {
		t.Errorf("got %v, %s", err, d.Value("ups.status"))
	}
	a.fail = nil
	read(t, u, &d)
}

// TestTransfer is the two options for APC's Symmetra.
func TestTransfer(t *testing.T) {
	for _, tt := range []struct {
		config Config
		want   string
	}{{Config{}, "208"}, {Config{Symmetra: true}, "147.06"}, {Config{NoTransfer: true}, ""}} {
		var d nut.Draft
		if got := read(t, opened(t, played(t, "apc"), tt.config), &d).Value("input.transfer.low"); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.config, got, tt.want)
		}
	}
}

// TestPhases: what is of other phases than the device has is left out.
func TestPhases(t *testing.T) {
	for name, want := range map[string][2]string{"ietf": {"231", ""}, "ietf-three": {"", "1"}} {
		var d nut.Draft
		s := read(t, opened(t, played(t, name), Config{}), &d)
		if s.Value("input.voltage") != want[0] || s.Value("input.L1-N.voltage") != want[1] {
			t.Errorf("%s: %q and %q", name, s.Value("input.voltage"), s.Value("input.L1-N.voltage"))
		}
	}
}

// TestChain is a daisy chain of two, of which the second has an alarm.
func TestChain(t *testing.T) {
	a := played(t, "eaton-epdu")
	var d nut.Draft
	s := read(t, opened(t, a, Config{}), &d)
	for name, want := range map[nut.Name]string{
		"device.count":                 "2",
		"device.mfr":                   "EATON",
		"device.model":                 "daisychain pdu (1+1)",
		"device.contact":               "ops@example.org",
		"device.1.serial":              "U00EE1234",
		"device.2.serial":              "U01EE1234",
		"device.2.outlet.2.voltage":    "230",
		"device.2.input.current":       "3.20",
		"device.2.ups.alarm":           "high current warning! phase L1 high current warning!",
		"device.1.ups.alarm":           "",
		"device.2.ambient.1.name":      "",
		"device.1.ambient.1.name":      "name 1",
		"ups.status":                   "ALARM",
		"device.2.outlet.group.1.name": "name 1",
	} {
		if got := s.Value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(s.Value("ups.alarm"), "device 2 phase L1 high current warning!") {
		t.Errorf("alarms %q", s.Value("ups.alarm"))
	}
	if !slices.Contains(slices.Collect(s.Commands()), "device.2.outlet.1.load.off") {
		t.Error("no command for the second member's outlets")
	}
}

// TestAlarmTable: what is in the table of active alarms goes into the status.
func TestAlarmTable(t *testing.T) {
	l, err := embeddedTables()
	if err != nil {
		t.Fatal(err)
	}
	e := l.named("eaton_pw_nm2")[0]
	table, err := e.table()
	if err != nil {
		t.Fatal(err)
	}
	const count, descr = "1.3.6.1.4.1.534.1.7.1.0", "1.3.6.1.4.1.534.1.7.2.1.2."
	a := &spy{Playback: &transport.Playback{Recording: invent(e, table)}}
	put := func(index, alarm string) {
		a.Put(transport.Value{OID: descr + index, Kind: transport.Object, Text: alarm})
	}
	a.set(count, 0)
	u := opened(t, a, Config{})
	var d nut.Draft
	if s := read(t, u, &d); strings.Contains(s.Value("ups.alarm"), "fan") || s.Status().Has("BYPASS") {
		t.Fatalf("status %v, alarm %q", s.Status(), s.Value("ups.alarm"))
	}
	a.set(count, 3)
	put("7", "1.3.6.1.4.1.534.1.7.33")   // fan failure
	put("9", "1.3.6.1.4.1.534.1.7.11.0") // on bypass, with an instance
	put("10", "1.3.6.1.4.1.534.1.7.999") // not in the table
	s := read(t, u, &d)
	if !strings.Contains(s.Value("ups.alarm"), "fan failure!") || !s.Status().Has("BYPASS") || !s.Status().Has("ALARM") {
		t.Errorf("status %v, alarm %q", s.Status(), s.Value("ups.alarm"))
	}
	a.set(count, 0)
	if s := read(t, u, &d); s.Status().Has("BYPASS") {
		t.Errorf("status %v once they are over", s.Status())
	}
	// A table without an end is bounded.
	a.set(count, 10_000)
	for i := range 10_000 {
		a.Put(transport.Value{OID: descr + "1." + strconv.Itoa(i), Kind: transport.Integer})
	}
	read(t, u, &d)
}

// TestAbsurdCounts: however many outlets a device says to have, there is an end.
func TestAbsurdCounts(t *testing.T) {
	a := &spy{Playback: played(t, "apc-pdu")}
	a.set("1.3.6.1.4.1.318.1.1.4.4.1.0", 1<<31-1)
	u := opened(t, a, Config{})
	var d nut.Draft
	read(t, u, &d)
	if n := len(u.live); n > 100 {
		t.Errorf("%d variables", n)
	}
	a.set("1.3.6.1.4.1.318.1.1.4.4.1.0", -5)
	read(t, opened(t, a, Config{}), new(nut.Draft))
}

// TestGuess counts outlets where no object tells their number, from 0 and from
// 1.
func TestGuess(t *testing.T) {
	for _, first := range []int{0, 1} {
		r := &transport.Recording{}
		p := &planner{ctx: t.Context(), notes: newNotes(&transport.Playback{Recording: r})}
		for i := range 40 {
			r.Put(transport.Value{OID: fill("1.3.6.%n", 0, first+i), Kind: transport.Integer})
		}
		if n, err := p.guess(func(i int) string { return fill("1.3.6.%n", 0, i) }); n != 40 || err != nil {
			t.Errorf("from %d: %d, %v", first, n, err)
		}
	}
}

// TestSlowFirstLook: a card that needs longer than a Read may take is read in
// several; one that never says anything is not waited for.
func TestSlowFirstLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		look := func(each time.Duration) (reads int, name string, err error) {
			a := &slow{Playback: played(t, "apc")}
			u := opened(t, a, Config{})
			a.each = each
			var d nut.Draft
			err = drivers.ErrWaiting
			for errors.Is(err, drivers.ErrWaiting) && reads < 20 {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				err = u.Read(ctx, &d)
				cancel()
				reads++
			}
			return reads, d.Value("ups.model"), err
		}
		if reads, name, err := look(time.Second); err != nil || reads < 3 || name == "" {
			t.Errorf("after %d reads: %q, %v", reads, name, err)
		}
		if reads, _, err := look(time.Hour); !errors.Is(err, transport.ErrSilent) || reads > 6 {
			t.Errorf("after %d reads: %v", reads, err)
		}
	})
}

// slow is an agent that takes its time for each object.
type slow struct {
	*transport.Playback
	each time.Duration
}

func (s *slow) Get(ctx context.Context, oids []string) ([]transport.Value, error) {
	select {
	case <-time.After(time.Duration(len(oids)) * s.each):
		return s.Playback.Get(ctx, oids)
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", transport.ErrSilent, ctx.Err())
	}
}

func TestFit(t *testing.T) {
	few := []string{"one!", "two!"}
	if got := fit(few); !slices.Equal(got, few) {
		t.Errorf("got %v", got)
	}
	many := slices.Repeat([]string{"outlet 17 low current warning!"}, 100)
	got := fit(many)
	if text := strings.Join(got, " "); len(text) > maxText || len(text) < 200 || !strings.HasSuffix(text, "! and 93 more") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
	if fit(nil) != nil {
		t.Error("none become some")
	}
}
