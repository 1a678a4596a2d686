package snmp

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// Kind is the type of a Value on the wire, as far as it matters.
type Kind uint8

// The kinds. What is read and has no kind of its own here is Octets: an address
// or a floating-point number by its text.
const (
	Absent   Kind = iota // the agent has no such object
	Integer              // INTEGER: Number
	Unsigned             // Gauge32, Unsigned32: Number
	Counter              // Counter32, Counter64: Number; never set
	Ticks                // TimeTicks: Number, in hundredths of a second
	Octets               // OCTET STRING: Text, any bytes
	Object               // OBJECT IDENTIFIER: Text, dotted
)

// Value is one object of an agent. An OID is dotted, without a dot before it.
type Value struct {
	OID    string
	Kind   Kind
	Number int64
	Text   string
}

// FromPDU takes over what gosnmp decoded.
func FromPDU(pdu gosnmp.SnmpPDU) Value {
	v := Value{OID: strings.TrimPrefix(pdu.Name, ".")}
	switch pdu.Type {
	case gosnmp.Integer:
		v.Kind = Integer
	case gosnmp.Gauge32, gosnmp.Uinteger32:
		v.Kind = Unsigned
	case gosnmp.Counter32, gosnmp.Counter64:
		v.Kind = Counter
	case gosnmp.TimeTicks:
		v.Kind = Ticks
	default: // the value tells
	}
	switch x := pdu.Value.(type) {
	case int:
		v.Number = int64(x)
	case uint:
		v.Number = int64(x) //nolint:gosec // a counter of more than 63 bits is no power device's
	case uint32:
		v.Number = int64(x)
	case uint64:
		v.Number = int64(x) //nolint:gosec // as above
	case []byte:
		v.Kind, v.Text = Octets, string(x)
	case float32:
		v.Kind, v.Text = Octets, strconv.FormatFloat(float64(x), 'f', -1, 32)
	case float64:
		v.Kind, v.Text = Octets, strconv.FormatFloat(x, 'f', -1, 64)
	case string:
		v.Kind, v.Text = Octets, x
		if pdu.Type == gosnmp.ObjectIdentifier {
			v.Kind, v.Text = Object, strings.TrimPrefix(x, ".")
		}
	default:
		v.Kind = Absent // noSuchObject, noSuchInstance, endOfMibView, NULL
	}
	return v
}

// PDU is v as gosnmp wants it.
func (v Value) PDU() gosnmp.SnmpPDU {
	p := gosnmp.SnmpPDU{Name: "." + v.OID}
	switch v.Kind {
	case Absent:
		p.Type = gosnmp.NoSuchInstance
	case Integer:
		p.Type, p.Value = gosnmp.Integer, int(v.Number)
	case Unsigned:
		p.Type, p.Value = gosnmp.Gauge32, uint32(v.Number) //nolint:gosec // by its type
	case Counter:
		p.Type, p.Value = gosnmp.Counter32, uint32(v.Number) //nolint:gosec // by its type
	case Ticks:
		p.Type, p.Value = gosnmp.TimeTicks, uint32(v.Number) //nolint:gosec // by its type
	case Octets:
		p.Type, p.Value = gosnmp.OctetString, []byte(v.Text)
	case Object:
		p.Type, p.Value = gosnmp.ObjectIdentifier, "."+v.Text
	}
	return p
}

// maxParts is how long an OID may be (RFC 2578 section 3.5).
const maxParts = 128

// ParseOID splits a dotted OID into its numbers, and tells whether it is one. An
// OID is written in one way: 1.03 is none.
func ParseOID(oid string) ([]uint32, bool) {
	parts := make([]uint32, 0, 16)
	for word := range strings.SplitSeq(oid, ".") {
		n, err := strconv.ParseUint(word, 10, 32)
		if err != nil || len(parts) == maxParts || len(word) > 1 && word[0] == '0' {
			return nil, false
		}
		parts = append(parts, uint32(n))
	}
	return parts, len(parts) > 1
}

// compare orders OIDs as an agent does; what is none comes first.
func compare(a, b string) int {
	x, _ := ParseOID(a)
	y, _ := ParseOID(b)
	return slices.Compare(x, y)
}

// below tells whether oid lies under root.
func below(oid, root string) bool { return strings.HasPrefix(oid, root+".") }

// size is about how many bytes an answer with this object takes: its OID, and
// a short value.
func size(oid string) int {
	const headers, short = 6, 8
	n := headers + short
	for word := range strings.SplitSeq(oid, ".") {
		n += 1 + len(word)/3
	}
	return n
}
