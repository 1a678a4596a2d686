package snmp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gosnmp/gosnmp"
)

const few = `1.3.6.1.2.1.1.1.0|4|a card | with a bar
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.318
1.3.6.1.2.1.1.3.0|67|4711
1.3.6.1.2.1.2.2.1.6.2|4x|0020857f00ff
1.3.6.1.2.1.33.1.2.6.0|2|-3
1.3.6.1.2.1.33.1.2.10.0|65|7
1.3.6.1.2.1.33.1.6.1.0|66|2
`

func read(tb testing.TB, text string) *Recording {
	tb.Helper()
	r, err := ReadRecording(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestRoundTrip reads a recording and writes it again.
func TestRoundTrip(t *testing.T) {
	lines := strings.SplitAfter(few, "\n")
	slices.Reverse(lines)
	r := read(t, "# a comment\n\n."+strings.Join(lines[1:], "."))
	var out strings.Builder
	n, err := r.WriteTo(&out)
	if err != nil || out.String() != few || n != int64(len(few)) {
		t.Errorf("got %d, %v:\n%s", n, err, out.String())
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"1.3.6|2":          "line 1",
		"1|2|3":            "no OID",
		"1.3.x|2|3":        "no OID",
		"1.3.6|2|x":        "no number",
		"1.3.6|2:random|1": "no type",
		"1.3.6|4x|0g":      "invalid byte",
		"1.3.6|6|x":        "no OID",
	} {
		if _, err := ReadRecording(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s brings %v", text, err)
		}
	}
}

func TestNext(t *testing.T) {
	r := read(t, few)
	for _, tt := range []struct{ from, want string }{
		{"1.3", "1.3.6.1.2.1.1.1.0"},
		{"1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0"},
		{"1.3.6.1.2.1.33.1.2.7", "1.3.6.1.2.1.33.1.2.10.0"},
	} {
		if v := r.Next(tt.from); v.OID != tt.want {
			t.Errorf("after %s comes %s", tt.from, v.OID)
		}
	}
	if v := r.Next("1.3.6.1.2.1.33.1.6.1.0"); v.Kind != Absent {
		t.Errorf("after the last comes %+v", v)
	}
	r.Put(Value{OID: "1.3.6.1.2.1.33.1.6.1.0"})
	if v := r.Next("1.3.6.1.2.1.33.1.2.10.0"); v.Kind != Absent {
		t.Errorf("what was removed is %+v", v)
	}
	if r.Set(Value{OID: "1.3.6.1.2.1.33.1.2.6.0", Kind: Octets}) || !r.Set(Value{OID: "1.3.6.1.2.1.33.1.2.6.0", Kind: Integer, Number: 5}) {
		t.Error("an object takes another kind, or not its own")
	}
}

func TestPlayback(t *testing.T) {
	p := &Playback{Recording: read(t, few)}
	values, err := p.Get(t.Context(), []string{"1.3.6.1.9", "1.3.6.1.2.1.1.3.0"})
	if err != nil || values[0].Kind != Absent || values[1].Number != 4711 || p.Asked != 1 {
		t.Errorf("got %+v, %v", values, err)
	}
	values, err = p.Walk(t.Context(), "1.3.6.1.2.1.33", 10)
	if err != nil || len(values) != 3 {
		t.Errorf("walked %+v, %v", values, err)
	}
	values, err = p.Walk(t.Context(), "1.3.6.1.2.1", 2)
	if !errors.Is(err, ErrTooMany) || len(values) != 2 {
		t.Errorf("walked %+v, %v", values, err)
	}
	if err := p.Set(t.Context(), Value{OID: "1.3.6.1.9", Kind: Integer}); err == nil {
		t.Error("what is not there can be set")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Get(ctx, nil); err == nil {
		t.Error("an ended context will do")
	}
}

// TestValues takes every type of the wire to a Value and back.
func TestValues(t *testing.T) {
	for _, tt := range []struct {
		pdu  gosnmp.SnmpPDU
		want Value
	}{
		{gosnmp.SnmpPDU{Type: gosnmp.Integer, Value: -5}, Value{Kind: Integer, Number: -5}},
		{gosnmp.SnmpPDU{Type: gosnmp.Gauge32, Value: uint(5)}, Value{Kind: Unsigned, Number: 5}},
		{gosnmp.SnmpPDU{Type: gosnmp.Uinteger32, Value: uint32(5)}, Value{Kind: Unsigned, Number: 5}},
		{gosnmp.SnmpPDU{Type: gosnmp.Counter32, Value: uint(5)}, Value{Kind: Counter, Number: 5}},
		{gosnmp.SnmpPDU{Type: gosnmp.Counter64, Value: uint64(5)}, Value{Kind: Counter, Number: 5}},
		{gosnmp.SnmpPDU{Type: gosnmp.TimeTicks, Value: uint32(5)}, Value{Kind: Ticks, Number: 5}},
		{gosnmp.SnmpPDU{Type: gosnmp.OctetString, Value: []byte("a\x00")}, Value{Kind: Octets, Text: "a\x00"}},
		{gosnmp.SnmpPDU{Type: gosnmp.ObjectIdentifier, Value: ".1.3.6"}, Value{Kind: Object, Text: "1.3.6"}},
		{gosnmp.SnmpPDU{Type: gosnmp.IPAddress, Value: "10.0.0.1"}, Value{Kind: Octets, Text: "10.0.0.1"}},
		{gosnmp.SnmpPDU{Type: gosnmp.OpaqueFloat, Value: float32(1.5)}, Value{Kind: Octets, Text: "1.5"}},
		{gosnmp.SnmpPDU{Type: gosnmp.OpaqueDouble, Value: 2.25}, Value{Kind: Octets, Text: "2.25"}},
		{gosnmp.SnmpPDU{Type: gosnmp.NoSuchInstance}, Value{}},
		{gosnmp.SnmpPDU{Type: gosnmp.Null}, Value{}},
		{gosnmp.SnmpPDU{Type: gosnmp.Counter32}, Value{}}, // what gosnmp could not read
	} {
		tt.pdu.Name, tt.want.OID = ".1.3.6.1", "1.3.6.1"
		got := FromPDU(tt.pdu)
		if got != tt.want {
			t.Errorf("%+v is %+v, want %+v", tt.pdu, got, tt.want)
		}
		if again := FromPDU(got.PDU()); again != got {
			t.Errorf("%+v comes back as %+v", got, again)
		}
	}
}

func TestParseOID(t *testing.T) {
	for _, oid := range []string{"", "1", ".1.3", "1.3.", "1..3", "1.-3", "1.4294967296", "1.03", "1.3" + strings.Repeat(".1", 200), "a.b"} {
		if parts, ok := ParseOID(oid); ok {
			t.Errorf("%q is %v", oid, parts)
		}
	}
	if parts, ok := ParseOID("1.3.4294967295"); !ok || fmt.Sprint(parts) != "[1 3 4294967295]" {
		t.Errorf("got %v, %v", parts, ok)
	}
}

// FuzzRecording: what can be read comes back the same.
func FuzzRecording(f *testing.F) {
	f.Add(few)
	f.Add("0.0.0|6|0.0\n0.00.0|4|")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ReadRecording(strings.NewReader(text))
		if err != nil {
			return
		}
		var first, second strings.Builder
		r.WriteTo(&first)
		again, err := ReadRecording(strings.NewReader(first.String()))
		if err != nil {
			t.Fatalf("%q: %v", first.String(), err)
		}
		if again.WriteTo(&second); first.String() != second.String() {
			t.Errorf("%q became %q", first.String(), second.String())
		}
	})
}
