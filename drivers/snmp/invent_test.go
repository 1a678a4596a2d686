package snmp

import (
	"strconv"
	"strings"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
)

// invent makes an agent that has every object of a table: three outlets, groups
// and sensors, one member of a chain, and a value of its own for each object.
func invent(e entry, t *table) *transport.Recording {
	r := &transport.Recording{}
	for oid, v := range map[string]transport.Value{
		oidSysObjectID:      {Kind: transport.Object, Text: e.sysObject},
		oidSysUpTime:        {Kind: transport.Ticks, Number: 4711},
		oidSysDescr:         {Kind: transport.Octets, Text: "invented"},
		"1.3.6.1.2.1.1.4.0": {Kind: transport.Octets, Text: "somebody"},
		"1.3.6.1.2.1.1.5.0": {Kind: transport.Octets, Text: "name"},
		"1.3.6.1.2.1.1.6.0": {Kind: transport.Octets, Text: "somewhere"},
	} {
		v.OID = oid
		r.Put(v)
	}
	n := 0
	for i := range t.Variables {
		row := &t.Variables[i]
		if row.OID == "" {
			continue
		}
		for item := 1; item <= 3; item++ {
			n++
			v := row.invented(t, n)
			v.OID = fill(row.OID, 0, item)
			if r.Get(v.OID).Kind == transport.Absent {
				r.Put(v)
			}
		}
		if row.Unit != "" {
			r.Put(transport.Value{OID: fill(row.Unit, 0, 1), Kind: transport.Integer, Number: 1})
		}
	}
	for _, c := range t.Commands {
		for item := 1; item <= 3; item++ {
			if oid := fill(c.OID, 0, item); r.Get(oid).Kind == transport.Absent {
				r.Put(transport.Value{OID: oid, Kind: transport.Integer, Number: 1})
			}
		}
	}
	return r
}

// invented is a value for a row: the nth of all.
func (r *row) invented(t *table, n int) transport.Value {
	number := func(x int64) transport.Value { return transport.Value{Kind: transport.Integer, Number: x} }
	text := func(s string) transport.Value { return transport.Value{Kind: transport.Octets, Text: s} }
	switch lookup := t.Lookups[r.Lookup]; {
	case r.Name == "device.count" && r.Convert != "":
		return text("1")
	case r.Name == "device.count", strings.HasSuffix(r.Name, ".phases") && lookup == nil, r.Name == "ups.alarms":
		return number(1)
	case strings.HasSuffix(r.Name, ".count") && !strings.Contains(r.Name, holeItem):
		return number(3)
	case lookup != nil:
		for key := int64(1); ; key++ {
			if word, ok := lookup[key%32]; ok && word != "" {
				return number(key % 32)
			}
			if key > 64 {
				return number(0)
			}
		}
	case r.Convert == "us-date":
		return text("11/28/2026")
	case r.Convert == "temperature-unit":
		return number(1)
	case r.Text > 0 && r.Text < 100:
		return number(int64(10 + n%50))
	case r.Text > 0:
		return text("text " + strconv.Itoa(n))
	}
	return number(int64(1000 + n))
}
