package snmp

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/nut"
)

const oidBattery = "1.3.6.1.2.1.33.1.2.1.0"

// onBattery is a device that was seen to be on battery and low.
func onBattery(t *testing.T) (*device, *spy, *nut.Draft) {
	t.Helper()
	a := &spy{Playback: played(t, "ietf")}
	a.set(oidSource, 5)
	a.set(oidBattery, 3)
	u, d := opened(t, a, Config{}), new(nut.Draft)
	if got := read(t, u, d).Status(); !got.Has("OB") || !got.Has("LB") {
		t.Fatalf("status %v", got)
	}
	return u, a, d
}

// TestVitalLost: a part of the status that cannot be read, or says nothing, is no
// end of a time on battery.
func TestVitalLost(t *testing.T) {
	for name, spoil := range map[string]func(a *spy){
		"source lost":     func(a *spy) { a.Put(transport.Value{OID: oidSource}) },
		"battery lost":    func(a *spy) { a.Put(transport.Value{OID: oidBattery}) },
		"source garbled":  func(a *spy) { a.Put(transport.Value{OID: oidSource, Kind: transport.Octets, Text: "\xff"}) },
		"source unknown":  func(a *spy) { a.set(oidSource, 1) },
		"source mistaken": func(a *spy) { a.set(oidSource, 99) },
	} {
		t.Run(name, func(t *testing.T) {
			u, a, d := onBattery(t)
			source, battery := a.Recording.Get(oidSource), a.Recording.Get(oidBattery)
			spoil(a)
			for range 5 {
				if err := u.Read(t.Context(), d); !errors.Is(err, drivers.ErrStale) || d.Value("ups.status") != "LB OB" {
					t.Fatalf("got %v, status %s", err, d.Value("ups.status"))
				}
			}
			source.Number = 3
			a.Put(source)
			a.Put(battery)
			if got := read(t, u, d).Value("ups.status"); got != "LB OL" {
				t.Errorf("afterwards %s", got)
			}
		})
	}
}

// TestVitalGone: what is away for good makes nothing stale for ever, but where
// nothing else tells that the mains is back.
func TestVitalGone(t *testing.T) {
	for oid, want := range map[string]error{oidBattery: nil, oidSource: drivers.ErrStale} {
		synctest.Test(t, func(t *testing.T) {
			u, a, d := onBattery(t)
			a.Put(transport.Value{OID: oid})
			for range 29 {
				if err := u.Read(t.Context(), d); !errors.Is(err, drivers.ErrStale) {
					t.Fatal(err)
				}
				<-time.After(2 * time.Second)
			}
			<-time.After(3 * time.Second)
			if err := u.Read(t.Context(), d); !errors.Is(err, want) || want == nil && (err != nil || d.Value("ups.status") != "OB") {
				t.Errorf("%s: %v, %s", oid, err, d.Value("ups.status"))
			}
		})
	}
}

// TestVitalLate: a card that has just begun does not have all of its status yet.
func TestVitalLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &spy{Playback: played(t, "ietf")}
		source, battery := a.Recording.Get(oidSource), a.Recording.Get(oidBattery)
		a.Put(transport.Value{OID: oidSource})
		a.Put(transport.Value{OID: oidBattery})
		u, d := opened(t, a, Config{}), new(nut.Draft)
		if err := u.Read(t.Context(), d); !errors.Is(err, drivers.ErrStale) {
			t.Errorf("without a word of the power: %v", err)
		}
		source.Number, battery.Number = 5, 3
		a.Put(source)
		a.Put(battery)
		<-time.After(31 * time.Second)
		if got := read(t, u, d).Value("ups.status"); got != "LB OB" {
			t.Errorf("status %s", got)
		}
		// One that never has it is live all the same, with what it has.
		a.Put(transport.Value{OID: oidSource})
		u, d = opened(t, a, Config{}), new(nut.Draft)
		if err := u.Read(t.Context(), d); !errors.Is(err, drivers.ErrStale) {
			t.Errorf("got %v", err)
		}
		<-time.After(begins)
		if got := read(t, u, d).Value("ups.status"); got != "LB" {
			t.Errorf("status %s", got)
		}
	})
}

// TestAlarmsChange: an alarm that goes into the status is seen, and seen to be
// over, at the next Read.
func TestAlarmsChange(t *testing.T) {
	const count, descr = "1.3.6.1.4.1.534.1.7.1.0", "1.3.6.1.4.1.534.1.7.2.1.2."
	const fan, low = "1.3.6.1.4.1.534.1.7.33", "1.3.6.1.4.1.534.1.7.4"
	l, err := embeddedTables()
	if err != nil {
		t.Fatal(err)
	}
	e := l.named("eaton_pw_nm2")[0]
	table, err := e.table()
	if err != nil {
		t.Fatal(err)
	}
	a := &spy{Playback: &transport.Playback{Recording: invent(e, table)}}
	a.Put(transport.Value{OID: low})
	u := opened(t, a, Config{})
	var d nut.Draft
	for i, step := range []struct {
		alarms []string
		low    bool
	}{{[]string{fan}, false}, {[]string{fan, low}, true}, {[]string{fan, fan}, false}, {[]string{low}, true}, {nil, false}} {
		for n := range 3 {
			a.Put(transport.Value{OID: descr + string(rune('1'+n))})
		}
		for n, alarm := range step.alarms {
			a.Put(transport.Value{OID: descr + string(rune('1'+n)), Kind: transport.Object, Text: alarm})
		}
		a.set(count, int64(len(step.alarms)))
		if got := read(t, u, &d).Status(); got.Has("LB") != step.low {
			t.Errorf("step %d: status %v", i, got)
		}
	}
}
