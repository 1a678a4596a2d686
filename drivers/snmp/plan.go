package snmp

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/nut"
)

// What rows with an each are for.
const (
	kindOutlet  = "outlet"
	kindGroup   = "outlet.group"
	kindAmbient = "ambient"
)

// maxItems bounds the outlets, groups, sensors or chain members of a device,
// whatever it says.
const maxItems = 512

// point is one variable of one device: a row with its holes filled.
type point struct {
	row  *row
	name nut.Name
	oid  string // "" for a constant
	unit string // OID of the unit; "" for none
	text string // of a constant
	from source
}

// source is the part of a device that a point or an alarm is of.
type source struct {
	member int // of a chain of several, from 1; 0 where there is one device
	item   int // number of the outlet, group or sensor; noItem for none
}

const noItem = -1

// command is one command of one device.
type command struct {
	name nut.Name
	oid  string
	text string // what to write; "" where the client has to say
	each bool   // of an outlet or group
}

// plan is a table applied to one device: all that it may have.
type plan struct {
	points   []*point
	commands []command
	members  int
	facts    []fact // numbers that were found out, for variables
}

// fact is a variable that the planning itself found.
type fact struct {
	name nut.Name
	text string
}

// planner applies a table to a device.
type planner struct {
	*notes

	ctx   context.Context //nolint:containedctx // lives for one call of makePlan
	table *table
	plan  *plan
	shift int // from a chain member's number to how the agent counts
}

// makePlan asks the device how many of everything it has, and lists what it may
// have therefore.
func makePlan(ctx context.Context, n *notes, t *table) (*plan, error) {
	p := &planner{notes: n, ctx: ctx, table: t, plan: &plan{members: 1}}
	if err := p.countMembers(); err != nil {
		return nil, err
	}
	for m := 1; m <= p.plan.members; m++ {
		if err := p.addMember(m); err != nil {
			return nil, err
		}
	}
	return p.plan, nil
}

// countMembers finds out whether the device is a daisy chain, and how its
// members are counted.
func (p *planner) countMembers() error {
	rows := p.table.named("device.count")
	if len(rows) == 0 {
		return nil
	}
	if err := p.findShift(); err != nil {
		return err
	}
	n := 0
	for _, r := range rows {
		var err error
		if strings.Contains(r.OID, holeDevice) {
			n, err = p.guess(func(i int) string { return fill(r.OID, i, 0) })
		} else {
			n, err = p.value(r, r.OID)
		}
		if err != nil {
			return err
		}
		if n > 0 {
			break
		}
	}
	p.plan.members = min(max(n, 1), maxItems)
	if n > 0 {
		p.plan.facts = append(p.plan.facts, fact{"device.count", strconv.Itoa(p.plan.members)})
	}
	if p.plan.members > 1 {
		p.describeChain()
	}
	return nil
}

// describeChain says what the whole chain is, as NUT does.
func (p *planner) describeChain() {
	kind := ""
	for _, name := range []string{"device.mfr", "device.type", "ups.mfr"} {
		for _, r := range p.table.named(name) {
			if r.Default == nil {
				continue
			}
			p.plan.facts = append(p.plan.facts, fact{nut.Name(name), *r.Default})
			if name == "device.type" {
				kind = *r.Default + " "
			}
		}
	}
	p.plan.facts = append(p.plan.facts, fact{"device.model", fmt.Sprintf("daisychain %s(1+%d)", kind, p.plan.members-1)})
}

// findShift looks whether the first member is number 0 or 1 to the agent.
func (p *planner) findShift() error {
	oid, _ := p.table.model()
	if !strings.Contains(oid, holeDevice) {
		return nil
	}
	if err := p.get(p.ctx, models(oid)...); err != nil {
		return err
	}
	if p.has(fill(oid, 0, 0)) {
		p.shift = -1
	}
	return nil
}

// value reads the whole number that a row has at oid; 0 if there is none.
func (p *planner) value(r *row, oid string) (int, error) {
	if err := p.get(p.ctx, oid); err != nil {
		return 0, err
	}
	text, _ := r.render(p.known[oid], p.table.Lookups[r.Lookup], -1)
	n, _ := strconv.Atoi(text)
	return n, nil
}

// guess counts the indices, from 0 or from 1 on, at which the device has
// something.
func (p *planner) guess(at func(i int) string) (int, error) {
	const stride = 16
	for from := 0; from < maxItems; from += stride {
		var oids []string
		for i := range stride {
			oids = append(oids, at(from+i))
		}
		if err := p.get(p.ctx, oids...); err != nil {
			return 0, err
		}
		for i, oid := range oids {
			if from+i > 0 && !p.has(oid) {
				if p.has(at(0)) {
					return from + i, nil
				}
				return from + i - 1, nil
			}
		}
	}
	return maxItems, nil
}

// addMember adds the points and the commands of one chain member, or of the
// only device.
func (p *planner) addMember(m int) error {
	index, prefix, chained := m+p.shift, "", 0
	if p.plan.members > 1 {
		prefix, chained = "device."+strconv.Itoa(m)+".", m
	}
	if err := p.get(p.ctx, p.table.counted(index)...); err != nil {
		return err
	}
	items := make(map[string]span)
	for _, kind := range []string{kindOutlet, kindGroup, kindAmbient} {
		s, err := p.count(kind, index)
		if err != nil {
			return err
		}
		items[kind] = s
		if s.guessed {
			p.plan.facts = append(p.plan.facts, fact{member(prefix, kind+".count"), strconv.Itoa(s.count)})
		}
	}
	phases, err := p.phases(index)
	if err != nil {
		return err
	}
	for n := range p.table.Variables {
		r := &p.table.Variables[n]
		if m > 1 && r.shared() || r.Name == "device.count" || !phases.suit(r.Phases) {
			continue
		}
		prefix := prefix
		if slices.Contains(whole, r.Name) {
			prefix = ""
		}
		items[r.Each].each(r.Each, func(i int) {
			p.plan.points = append(p.plan.points, newPoint(r, prefix, index, source{chained, i}))
		})
	}
	for _, c := range p.table.Commands {
		items[c.Each].each(c.Each, func(i int) {
			p.plan.commands = append(p.plan.commands, command{
				name: member(prefix, fillName(c.Name, i)), oid: fill(c.OID, index, i), text: c.Value, each: c.Each != "",
			})
		})
	}
	return nil
}

func newPoint(r *row, prefix string, index int, from source) *point {
	pt := &point{row: r, name: member(prefix, fillName(r.Name, from.item)), from: from}
	if r.OID != "" {
		pt.oid = fill(r.OID, index, from.item)
	}
	if r.Unit != "" {
		pt.unit = fill(r.Unit, index, from.item)
	}
	if r.Default != nil {
		pt.text = fillName(*r.Default, from.item)
	}
	return pt
}

// whole are the variables that a chain has once, without a number.
var whole = []string{"device.description", "device.contact", "device.location"}

// shared tells whether the row's object is there once for a whole chain.
func (r *row) shared() bool {
	return r.First || r.OID != "" && !strings.Contains(r.OID, holeDevice)
}

// named are the rows of a name.
func (t *table) named(name string) []*row {
	var some []*row
	for i := range t.Variables {
		if r := &t.Variables[i]; r.Name == name {
			some = append(some, r)
		}
	}
	return some
}

// fill puts numbers into the holes of an OID: that of the chain member, and
// that of the outlet, group or sensor.
func fill(oid string, device, item int) string {
	if !strings.Contains(oid, "%") {
		return oid
	}
	return strings.NewReplacer(holeAfter, strconv.Itoa(item+1), holeItem, strconv.Itoa(item),
		holeDevice, strconv.Itoa(device)).Replace(oid)
}

func fillName(name string, item int) string {
	return strings.ReplaceAll(name, holeItem, strconv.Itoa(item))
}

// member puts the name of a chain member's variable together: device.model of
// the second is device.2.model.
func member(prefix, name string) nut.Name {
	if prefix != "" {
		name = prefix + strings.TrimPrefix(name, "device.")
	}
	return nut.Name(name)
}
