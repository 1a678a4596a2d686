package snmp

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/nut"
)

// errRestarted ends a contact whose agent began anew: what it has may be
// elsewhere now.
var errRestarted = errors.New("the agent was restarted; looking at it anew")

// errOther ends a contact whose agent has lost most of what it had.
var errOther = errors.New("the agent no longer has what it had; looking at it anew")

// device is an SNMP device in contact.
type device struct {
	agent  agent
	config Config
	log    *slog.Logger
	entry  entry
	table  *table
	trap   *ear // nil if traps are not heard

	notes  *notes
	plan   *plan // nil until the first look is complete
	live   []*point
	last   map[string]transport.Value // by OID: what was read last
	again  []string                   // OIDs to be read next time, whatever is due
	upTime int64                      // of the agent, in hundredths of a second
	fullAt time.Time                  // when everything was read last
	cycle  int                        // readings of everything
	since  time.Time                  // when the first look was complete
	lost   string                     // OID of something vital that cannot be read any more; "" for none
	lostAt time.Time                  // since when
	active []alarm                    // of the alarm table
	raised float64                    // how many alarms there were when that was read
	wished bool                       // the delays of the configuration are set
}

// identify finds the table.
func (u *device) identify(ctx context.Context, tables library) (err error) {
	if u.entry, err = tables.detect(ctx, u.agent, u.config.MIBs); err != nil {
		return err
	}
	u.table, err = u.entry.table()
	u.notes = newNotes(u.agent)
	return err
}

// slack is how much too early a reading of everything may be: the Reads that it
// goes by are never quite regular.
const slack = 500 * time.Millisecond

// Read asks for what is due: everything each pollfreq, and the state each time.
func (u *device) Read(ctx context.Context, d *nut.Draft) error {
	now := time.Now()
	if u.plan == nil {
		before := len(u.notes.known)
		if err := u.begin(ctx, d); err != nil {
			return u.notes.excuse(ctx, err, before)
		}
		u.fullAt = now
		return u.finish(ctx, d, true)
	}
	full := now.Sub(u.fullAt) > u.config.PollFreq-slack
	if full {
		u.cycle++
	}
	oids := u.due(full)
	values, err := u.agent.Get(ctx, oids)
	if err != nil {
		return err
	}
	if err := u.take(values); err != nil {
		return err
	}
	u.again = nil
	if full {
		u.fullAt = now
	}
	return u.finish(ctx, d, full)
}

// Close ends contact.
func (u *device) Close() error {
	if u.trap != nil {
		u.trap.leave()
	}
	return u.agent.Close()
}

// News asks for a Read when a trap came.
func (u *device) News() <-chan struct{} {
	if u.trap == nil {
		return nil
	}
	return u.trap.news
}

// begin plans, reads everything for the first time, and keeps what is there.
func (u *device) begin(ctx context.Context, d *nut.Draft) error {
	plan, err := makePlan(ctx, u.notes, u.table)
	if err != nil {
		return err
	}
	want := newSet(oidSysUpTime)
	for _, p := range plan.points {
		if !p.constant() {
			want.add(p.oid, p.unit)
		}
	}
	for _, c := range plan.commands {
		if !c.each {
			want.add(c.oid)
		}
	}
	if err := u.notes.get(ctx, want.oids...); err != nil {
		return err
	}
	u.last, u.plan, u.since = u.notes.known, plan, time.Now()
	u.upTime = u.last[oidSysUpTime].Number
	u.live = u.choose(plan.points)
	for _, f := range plan.facts {
		d.Set(f.name, f.text)
	}
	d.Set("driver.version.data", u.entry.mib+" MIB "+u.table.Version)
	u.addCommands(d)
	return nil
}

// choose leaves out what the device does not have, but what is vital: a card
// that has just begun may have it later. Where a unique row can be read, the
// others of its name are not.
func (u *device) choose(points []*point) []*point {
	taken := make(map[nut.Name]*point)
	for _, p := range points {
		if _, ok := u.value(p); ok && p.row.Unique && taken[p.name] == nil {
			taken[p.name] = p
		}
	}
	var live []*point
	for _, p := range points {
		first := taken[p.name]
		switch {
		case first != nil && first != p:
		case first == nil && p.row.Unique:
		case !p.constant() && u.last[p.oid].Kind == transport.Absent && !u.vital(p):
		case u.config.NoTransfer && isTransfer(p.name):
		default:
			live = append(live, p)
		}
	}
	return live
}

func isTransfer(name nut.Name) bool {
	return name == "input.transfer.low" || name == "input.transfer.high"
}

// due lists the OIDs to be read now.
func (u *device) due(full bool) []string {
	want := newSet(oidSysUpTime)
	for _, p := range u.live {
		switch {
		case p.constant() || p.row.Read == readOnce:
		case !full && u.last[p.oid].Kind == transport.Absent && u.vital(p): // it may come one day
		case full && (p.row.Read == "" || u.cycle%u.config.Seldom == 0), p.urgent():
			want.add(p.oid, p.unit)
		}
	}
	want.add(u.again...)
	return want.oids
}

// take keeps what was read, and notices an agent that is another than before.
func (u *device) take(values []transport.Value) error {
	const day, wrap = 24 * 60 * 60 * 100, 1 << 32
	lost := 0
	for _, v := range values {
		if v.Kind == transport.Absent && u.last[v.OID].Kind != transport.Absent {
			lost++
		}
	}
	if 2*lost > len(values) {
		return errOther
	}
	u.keep(values)
	before := u.upTime
	if v := u.last[oidSysUpTime]; v.Kind == transport.Ticks {
		u.upTime = v.Number
	}
	if u.upTime < before && before < wrap-day { // ticks begin anew after 497 days
		return errRestarted
	}
	return nil
}

// keep notes values. What is vital and cannot be read any more stays as it was for
// a while: u.lost tells so.
func (u *device) keep(values []transport.Value) {
	if u.lost == "" {
		u.lostAt = time.Now()
	}
	u.lost = ""
	for _, v := range values {
		if u.missed(v) && time.Since(u.lostAt) < begins {
			u.lost = v.OID
			continue
		}
		u.last[v.OID] = v
	}
}

// finish writes what is known.
func (u *device) finish(ctx context.Context, d *nut.Draft, full bool) error {
	if err := u.readAlarms(ctx, full); err != nil {
		return err
	}
	texts := make(map[nut.Name]string, len(u.live))
	for _, p := range u.live {
		if text, ok := u.value(p); ok && !p.state() {
			texts[p.name] = text
		}
	}
	for _, p := range u.live {
		if p.state() {
			continue
		}
		if text, ok := texts[p.name]; ok {
			u.put(d, p, text)
		} else {
			d.Delete(p.name)
		}
	}
	if err := u.writeState(d); err != nil {
		return err
	}
	return u.wish(ctx, d)
}

// value is what a point says now.
func (u *device) value(p *point) (string, bool) {
	if p.constant() {
		return p.text, true
	}
	unit := int64(-1)
	if n, ok := number(u.last[p.unit]); ok {
		unit = int64(n)
	}
	text, ok := p.row.render(u.last[p.oid], u.table.Lookups[p.row.Lookup], unit)
	if ok && u.config.Symmetra && isTransfer(p.name) {
		const toNeutral = 0.707
		if volts, err := strconv.ParseFloat(text, 64); err == nil {
			text = strconv.FormatFloat(volts*toNeutral, 'f', 2, 64)
		}
	}
	return text, ok
}

// put writes a variable, with its attributes when it is new.
func (u *device) put(d *nut.Draft, p *point, text string) {
	if _, ok := d.Lookup(p.name); ok {
		d.Set(p.name, text)
		return
	}
	v := nut.Variable{Name: p.name, Value: text, Writable: p.row.Write && p.oid != ""}
	if p.row.Text > 0 {
		v.Text, v.MaxLen = true, p.row.Text
	}
	if v.Writable {
		v.Enum = words(u.table.Lookups[p.row.Lookup])
	}
	d.Put(v)
}

// constant tells whether the point's object, if any, is never read.
func (p *point) constant() bool { return p.row.Default != nil }

// state tells whether the point goes into ups.status or the alarms.
func (p *point) state() bool {
	return p.row.Name == "ups.status" || p.row.Name == "ups.alarms" || strings.HasSuffix(p.row.Name, ".alarm")
}

// urgent tells whether the point is read each time. Those of outlets and
// sensors are not: they may be hundreds.
func (p *point) urgent() bool {
	if p.row.Each != "" || p.from.member > 1 {
		return false
	}
	switch p.row.Name {
	case "battery.charge", "battery.runtime", "ups.load":
		return true
	}
	return p.state()
}

// set is a list in which each OID is once.
type set struct {
	oids []string
	has  map[string]bool
}

func newSet(oids ...string) *set {
	s := &set{has: make(map[string]bool)}
	s.add(oids...)
	return s
}

func (s *set) add(oids ...string) {
	for _, oid := range oids {
		if oid != "" && !s.has[oid] {
			s.has[oid] = true
			s.oids = append(s.oids, oid)
		}
	}
}
