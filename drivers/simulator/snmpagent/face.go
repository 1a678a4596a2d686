package snmpagent

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/snmp"
)

// Identity is what a simulated UPS says it is. What is "" is left empty.
type Identity struct {
	Mfr, Model, Serial, Firmware string
	Name                         string // sysName
}

// face is a UPS as the objects of a MIB.
type face struct {
	do      func(func(*model.UPS))
	leaves  []leaf // sorted as an agent counts
	beeper  int64
	texts   map[string]string // what people have written, by OID
	started time.Time
}

// leaf is one object.
type leaf struct {
	oid  string
	kind snmp.Kind
	read func(f *face, u *model.UPS, r model.Reading) any // an int64, a float64 to be rounded, or a string
	set  func(f *face, u *model.UPS, v snmp.Value) bool   // nil where it cannot be set
}

// UPSMIB is a UPS by the standard UPS-MIB (RFC 1628). do calls what it is given
// with the model as it is now.
func UPSMIB(do func(func(*model.UPS)), id Identity) Objects {
	return newFace(do, slices.Concat(system(id, "UPS-MIB agent", "1.3.6.1.2.1.33"), upsMIB(id)))
}

// PowerNet is a UPS as a card of APC's shows it (PowerNet-MIB). do is as with
// UPSMIB.
func PowerNet(do func(func(*model.UPS)), id Identity) Objects {
	return newFace(do, slices.Concat(system(id, "APC Web/SNMP Management Card", "1.3.6.1.4.1.318.1.3.27"), powerNet(id)))
}

func newFace(do func(func(*model.UPS)), leaves []leaf) *face {
	slices.SortFunc(leaves, func(a, b leaf) int { return compare(a.oid, b.oid) })
	return &face{do: do, leaves: leaves, beeper: beeperEnabled, texts: make(map[string]string), started: time.Now()}
}

// compare orders OIDs as an agent does.
func compare(a, b string) int {
	x, _ := snmp.ParseOID(a)
	y, _ := snmp.ParseOID(b)
	return slices.Compare(x, y)
}

// Get is of [Objects].
func (f *face) Get(oid string) snmp.Value {
	at, found := f.find(oid)
	if !found {
		return snmp.Value{OID: oid}
	}
	return f.value(f.leaves[at])
}

// Next is of [Objects].
func (f *face) Next(oid string) snmp.Value {
	at, found := f.find(oid)
	if found {
		at++
	}
	if at == len(f.leaves) {
		return snmp.Value{OID: oid}
	}
	return f.value(f.leaves[at])
}

// Set is of [Objects].
func (f *face) Set(v snmp.Value) (done bool) {
	at, found := f.find(v.OID)
	if !found || f.leaves[at].set == nil || f.leaves[at].kind != v.Kind {
		return false
	}
	f.do(func(u *model.UPS) { done = f.leaves[at].set(f, u, v) })
	return done
}

func (f *face) find(oid string) (int, bool) {
	return slices.BinarySearchFunc(f.leaves, oid, func(l leaf, oid string) int { return compare(l.oid, oid) })
}

func (f *face) value(l leaf) snmp.Value {
	v := snmp.Value{OID: l.oid, Kind: l.kind}
	f.do(func(u *model.UPS) {
		switch x := l.read(f, u, u.Reading()).(type) {
		case int64:
			v.Number = x
		case float64:
			v.Number = int64(math.Round(x))
		case string:
			v.Text = x
		}
	})
	return v
}

// system is the group of SNMPv2-MIB that each agent has.
func system(id Identity, descr, object string) []leaf {
	return []leaf{
		{"1.3.6.1.2.1.1.1.0", snmp.Octets, constant(strings.TrimSpace(descr + " " + id.Firmware)), nil},
		{"1.3.6.1.2.1.1.2.0", snmp.Object, constant(object), nil},
		{"1.3.6.1.2.1.1.3.0", snmp.Ticks, func(f *face, _ *model.UPS, _ model.Reading) any { return hundredths(time.Since(f.started)) }, nil},
		note("1.3.6.1.2.1.1.4.0", ""),
		note("1.3.6.1.2.1.1.5.0", id.Name),
		note("1.3.6.1.2.1.1.6.0", ""),
	}
}

// note is a text that people may write, otherwise at first.
func note(oid, otherwise string) leaf {
	const longest = 255
	return leaf{oid, snmp.Octets, func(f *face, _ *model.UPS, _ model.Reading) any {
		if text, ok := f.texts[oid]; ok {
			return text
		}
		return otherwise
	}, func(f *face, _ *model.UPS, v snmp.Value) bool {
		if len(v.Text) > longest {
			return false
		}
		f.texts[oid] = v.Text
		return true
	}}
}

func constant(x any) func(*face, *model.UPS, model.Reading) any {
	return func(*face, *model.UPS, model.Reading) any { return x }
}

// gauge is a number of the reading.
func gauge(read func(model.Reading) float64) func(*face, *model.UPS, model.Reading) any {
	return func(_ *face, _ *model.UPS, r model.Reading) any { return read(r) }
}

// built is a number of what the UPS is built as, or tuned to.
func built(read func(*model.UPS) float64) func(*face, *model.UPS, model.Reading) any {
	return func(_ *face, u *model.UPS, _ model.Reading) any { return read(u) }
}

// choice is the number of the first thing that is so, else otherwise.
func choice(otherwise int64, all ...option) func(*face, *model.UPS, model.Reading) any {
	return func(_ *face, _ *model.UPS, r model.Reading) any {
		for _, o := range all {
			if o.is(r) {
				return o.number
			}
		}
		return otherwise
	}
}

type option struct {
	number int64
	is     func(model.Reading) bool
}

func hundredths(d time.Duration) int64 { return int64(d / (10 * time.Millisecond)) }

// order does something if the value is the one that asks for it.
func order(wanted int64, do func(*model.UPS) bool) func(*face, *model.UPS, snmp.Value) bool {
	return func(_ *face, u *model.UPS, v snmp.Value) bool { return v.Number == wanted && do(u) }
}
