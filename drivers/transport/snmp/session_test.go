package snmp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	"github.com/wattnut/wattnut/drivers/transport/snmp"
)

// many is an agent's recording with n objects, and their OIDs.
func many(n int) (*snmp.Recording, []string) {
	r := &snmp.Recording{}
	var oids []string
	for i := range n {
		oid := fmt.Sprintf("1.3.6.1.4.1.9999.1.%d.0", i)
		oids = append(oids, oid)
		r.Put(snmp.Value{OID: oid, Kind: snmp.Integer, Number: int64(i)})
	}
	return r, oids
}

func listen(tb testing.TB, c snmpagent.Config, r *snmp.Recording) *snmpagent.Agent {
	tb.Helper()
	a, err := snmpagent.Listen("127.0.0.1:0", c, r)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.Close() })
	return a
}

func open(tb testing.TB, a *snmpagent.Agent, version string) *snmp.Session {
	tb.Helper()
	s, err := snmp.Open(tb.Context(), snmp.Config{
		Address: a.Addr().String(), Version: version, Community: "public", Timeout: 200 * time.Millisecond, Retries: 1,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

// TestGet reads many objects in few packets, in order, with holes.
func TestGet(t *testing.T) {
	r, oids := many(100)
	for i := range 100 {
		if i%10 == 3 {
			r.Put(snmp.Value{OID: oids[i]})
		}
	}
	for version, most := range map[string]int{"v1": 13, "v2c": 3} {
		s := open(t, listen(t, snmpagent.Config{}, r), version)
		values, err := s.Get(t.Context(), oids)
		if err != nil || len(values) != 100 {
			t.Fatalf("%s: %d values, %v", version, len(values), err)
		}
		for i, v := range values {
			if v.OID != oids[i] || (v.Kind == snmp.Absent) != (i%10 == 3) || v.Kind != snmp.Absent && v.Number != int64(i) {
				t.Errorf("%s: %d is %+v", version, i, v)
			}
		}
		if s.Sent() > most {
			t.Errorf("%s: %d packets, no more than %d are needed", version, s.Sent(), most)
		}
	}
}

// TestNothingThere: an agent that has nothing of it all says so.
func TestNothingThere(t *testing.T) {
	r, _ := many(1)
	for _, version := range []string{"v1", "v2c"} {
		s := open(t, listen(t, snmpagent.Config{}, r), version)
		values, err := s.Get(t.Context(), []string{"1.3.6.1.9.1", "1.3.6.1.9.2"})
		if err != nil || len(values) != 2 || values[0].Kind != snmp.Absent || values[1].Kind != snmp.Absent {
			t.Errorf("%s: %+v, %v", version, values, err)
		}
	}
}

// TestUnclear: an agent that refuses a question without saying for which object
// is asked until that is found, and bears as much as before.
func TestUnclear(t *testing.T) {
	r, oids := many(40)
	r.Put(snmp.Value{OID: oids[17]})
	noSuchName := []byte{2, 1, 2, 2, 1}
	a := listen(t, snmpagent.Config{Answer: func(b []byte) []byte {
		if at := bytes.Index(b, noSuchName); at > 0 {
			b[at+2], b[at+5] = 5, 0 // genErr, of none in particular
		}
		return b
	}}, r)
	s := open(t, a, "v1")
	values, err := s.Get(t.Context(), oids)
	if err != nil || len(values) != 40 || values[17].Kind != snmp.Absent || values[39].Number != 39 {
		t.Fatalf("%d values, %v", len(values), err)
	}
	before := s.Sent()
	if _, err := s.Get(t.Context(), append(oids[:17:17], oids[18:]...)); err != nil || s.Sent() != before+1 {
		t.Errorf("%d packets without the culprit, %v", s.Sent()-before, err)
	}
}

// TestSilentWhenLong: an agent that says nothing to long questions is asked
// shorter ones, and never a long one again.
func TestSilentWhenLong(t *testing.T) {
	r, oids := many(60)
	a := listen(t, snmpagent.Config{Answer: func(b []byte) []byte {
		if len(b) > 600 {
			return nil
		}
		return b
	}}, r)
	s := open(t, a, "v2c")
	for range 2 {
		before := s.Sent()
		values, err := s.Get(t.Context(), oids)
		if err != nil || len(values) != 60 || values[59].Number != 59 {
			t.Fatalf("%d values, %v", len(values), err)
		}
		if n := s.Sent() - before; before > 0 && n > 4 {
			t.Errorf("%d packets once it is known", n)
		}
	}
}

// TestGone: an agent that is not there costs what its retries cost, whatever
// is asked for.
func TestGone(t *testing.T) {
	r, oids := many(60)
	s := open(t, listen(t, snmpagent.Config{Answer: func([]byte) []byte { return nil }}, r), "v2c")
	if _, err := s.Get(t.Context(), oids); !errors.Is(err, snmp.ErrSilent) {
		t.Errorf("got %v", err)
	}
	if s.Sent() != 4 {
		t.Errorf("%d packets; a long question and a short one, twice each, are enough", s.Sent())
	}
}

// TestContext: nothing outlasts its context.
func TestContext(t *testing.T) {
	r, oids := many(60)
	a := listen(t, snmpagent.Config{Answer: func([]byte) []byte { return nil }}, r)
	s, err := snmp.Open(t.Context(), snmp.Config{Address: a.Addr().String(), Timeout: time.Minute, Retries: 9})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := s.Get(ctx, oids); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := s.Get(ctx, oids); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("it took %v", d)
	}
}

// TestGarbage: what is no answer is none, and the next one is taken.
func TestGarbage(t *testing.T) {
	r, oids := many(20)
	for name, spoil := range map[string]func([]byte) []byte{
		"half":    func(b []byte) []byte { return b[:len(b)/2] },
		"noise":   func(b []byte) []byte { return bytes.Repeat([]byte{0x5a}, len(b)) },
		"empty":   func([]byte) []byte { return []byte{0x30, 0} },
		"lengths": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{2, 1}, []byte{2, 0x7f}) },
		"long":    func(b []byte) []byte { return append([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, b...) },
		"others":  func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{0xce, 0x0f}, []byte{0xce, 0x10}) },
	} {
		var ill atomic.Bool
		ill.Store(true)
		a := listen(t, snmpagent.Config{Answer: func(b []byte) []byte {
			if ill.Load() {
				return spoil(bytes.Clone(b))
			}
			return b
		}}, r)
		s := open(t, a, "v2c")
		if values, err := s.Get(t.Context(), oids); err == nil {
			t.Errorf("%s: taken for %d values", name, len(values))
		}
		ill.Store(false)
		// What came late may answer for one that was asked later.
		if values, err := s.Get(t.Context(), oids); err != nil || values[19].Number != 19 {
			t.Errorf("%s: not well again: %v", name, err)
		}
	}
}

// TestWalk is bounded, in order, and ends.
func TestWalk(t *testing.T) {
	r, oids := many(10_000)
	for version, most := range map[string]int{"v1": 200, "v2c": 1000} {
		s := open(t, listen(t, snmpagent.Config{}, r), version)
		values, err := s.Walk(t.Context(), "1.3.6.1.4.1.9999", most)
		if !errors.Is(err, snmp.ErrTooMany) || len(values) != most || values[most-1].OID != oids[most-1] {
			t.Errorf("%s: %d values, %v", version, len(values), err)
		}
		values, err = s.Walk(t.Context(), "1.3.6.1.4.1.9999.1.9999", 5)
		if err != nil || len(values) != 1 {
			t.Errorf("%s at the end: %d values, %v", version, len(values), err)
		}
	}
}

// TestRecorder writes down what was said, and nothing that was not.
func TestRecorder(t *testing.T) {
	r, oids := many(3)
	rec := &snmp.Recorder{Session: open(t, listen(t, snmpagent.Config{}, r), "v2c")}
	if _, err := rec.Get(t.Context(), append(oids[:1:1], "1.3.6.1.9")); err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Walk(t.Context(), "1.3.6.1.4.1.9999.1.2", 5); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	rec.Said.WriteTo(&out)
	if want := oids[0] + "|2|0\n" + oids[2] + "|2|2\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestPeer(t *testing.T) {
	r, _ := many(1)
	if got := open(t, listen(t, snmpagent.Config{}, r), "v1").Peer().String(); got != "127.0.0.1" {
		t.Errorf("the peer is %s", got)
	}
}
