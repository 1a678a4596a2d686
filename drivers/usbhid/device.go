package usbhid

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/drivers/usbhid/report"
	"github.com/wattnut/wattnut/nut"
)

// device is a UPS in contact.
type device struct {
	section string
	config  Config
	info    usbdev.Info
	quirks  quirks
	table   *Table
	log     *slog.Logger
	lost    bool // contact was lost, so that it is to come back

	reports *reports
	pipe    *pipe // nil where the interrupt pipe is not read
	rows    []*bound
	orders  map[nut.Name]*order
	texts   map[int]string // USB strings that were read

	draft     *nut.Draft // of the Read that runs, and of the orders after it
	bits      bits
	known     bool // where its power comes from was read
	status    synthesis
	owners    map[nut.Name]*bound // whose variable it is
	learnt    map[string]float64  // by conversions
	eaton     eaton
	described bool
	complete  bool  // all was read once
	tuned     bool  // what options say was set in the device
	round     round // of polling, that goes on or was the last
	dirty     bool  // an order may have changed what is read seldom
	lastFull  time.Time
	lastQuick time.Time
	failing   error // of a status report that was served before

	event      []byte // the input report that is looked at
	quietPolls int    // in a row, without one
}

// quickGap is for how long a Read that has reports of the interrupt pipe does not poll
// as well: what they say is not to wait for anything.
const quickGap = 5 * time.Second

// Read takes what the interrupt pipe brought, and polls where that is due.
func (d *device) Read(ctx context.Context, draft *nut.Draft) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := d.read(ctx, draft)
	d.lost = err != nil && ctx.Err() == nil && !errors.Is(err, drivers.ErrWaiting)
	return err
}

func (d *device) read(ctx context.Context, draft *nut.Draft) error {
	d.draft = draft
	if !d.described {
		d.describe(ctx)
	}
	now := time.Now()
	events, err := d.events(ctx)
	if err != nil {
		return err
	}
	if !d.config.InterruptOnly {
		err = d.poll(ctx, now, events > 0)
	}
	if err != nil {
		return err
	}
	if !d.known {
		return d.unknown()
	}
	if !d.tuned {
		d.tuned = true
		d.setLow(ctx)
	}
	d.show(now)
	return nil
}

// unknown is what to make of a device that has not told its state.
func (d *device) unknown() error {
	if d.pipe != nil && slices.ContainsFunc(d.rows, func(b *bound) bool { return b.row.Status != "" && b.input != nil }) {
		return drivers.ErrWaiting // it may come by the pipe
	}
	return errNoStatus
}

// setLow sets the charge under which the battery is low, as the option says.
func (d *device) setLow(ctx context.Context) {
	const name = "battery.charge.low"
	b := d.owners[name]
	if d.config.LowBattery == "" || b == nil || b.row.Write == 0 || d.draft.Value(name) == d.config.LowBattery {
		return
	}
	if err := d.Set(ctx, name, d.config.LowBattery); err != nil {
		d.log.Warn("the option lowbatt could not be set in the device", "error", err)
	}
}

var errNoStatus = errors.New("the device tells nothing of its state: wattnut usbhid --explore shows what it has")

// round is one poll. One of a slow device may take several Reads.
type round struct {
	full bool
	at   int // the row that is next; 0 between rounds
}

// pollBudget is how long one Read polls: well below the time that the agent gives it.
const pollBudget = 10 * time.Second

// poll begins a round of polling where one is due, and goes on with it. Until all was
// read once, what is there is not complete.
func (d *device) poll(ctx context.Context, now time.Time, hadEvents bool) error {
	if d.round.at == 0 {
		d.round.full = !d.complete || now.Sub(d.lastFull) >= d.config.PollFreq
		if !d.round.full && hadEvents && now.Sub(d.lastQuick) < quickGap {
			return nil
		}
		if d.round.full {
			d.lastFull = now
		}
		d.lastQuick = now
		d.reports.begin()
	} else if err := d.refresh(ctx); err != nil {
		return err
	}
	for first := d.round.at; d.round.at < len(d.rows); d.round.at++ {
		b := d.rows[d.round.at]
		if !b.due(!d.complete, d.round.full, d.dirty, d.pipe == nil) || d.passes(b) {
			continue
		}
		if time.Since(now) >= pollBudget && d.round.at > first {
			return d.unfinished()
		}
		if err := d.readRow(ctx, b); err != nil {
			return err
		}
	}
	if !d.complete || d.pipe == nil {
		if err := d.askInputs(ctx); err != nil {
			return err
		}
	}
	return d.finish()
}

// refresh reads the state anew in the midst of a round: that of a slow device must not
// be as old as the round.
func (d *device) refresh(ctx context.Context) error {
	d.reports.begin()
	for _, b := range d.rows {
		if b.feature == nil || !b.taken || !b.bit.any(vital) {
			continue
		}
		if err := d.readRow(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// askInputs asks for the input reports of what is in no feature report, rather than to
// wait until the device sends them by itself; where there is no pipe, again at each poll
// for those that it gave.
func (d *device) askInputs(ctx context.Context) error {
	asked := make(map[byte]bool)
	for _, b := range d.rows {
		if b.feature != nil || asked[b.input.ID] || d.complete && !b.taken {
			continue
		}
		asked[b.input.ID] = true
		data, err := d.reports.input(ctx, b.input.ID)
		if isFatal(err) {
			return err
		}
		if err == nil {
			d.decode(ctx, data)
		}
		for _, c := range d.rows {
			if c.feature == nil && c.input.ID == b.input.ID {
				d.weigh(c, c.input, data, err)
			}
		}
	}
	return nil
}

// unfinished leaves the rest of a round to the next Read.
func (d *device) unfinished() error {
	if !d.complete {
		return drivers.ErrWaiting
	}
	return nil
}

// finish ends a round.
func (d *device) finish() error {
	d.round.at = 0
	if d.round.full {
		d.dirty = false
	}
	if d.pipe != nil {
		d.pipe.forget()
	}
	if d.failing != nil {
		return d.failing
	}
	if err := d.reports.answered(); err != nil {
		return err
	}
	d.complete = true
	return nil
}

// readRow reads a row from its feature report.
func (d *device) readRow(ctx context.Context, b *bound) error {
	data, err := d.reports.fetch(ctx, b.feature.ID)
	if isFatal(err) {
		return err
	}
	if raw, ok := b.feature.Raw(data); ok && err == nil {
		d.take(ctx, b, b.feature, raw)
	}
	d.weigh(b, b.feature, data, err)
	return nil
}

// weigh counts how often a field did not come: its report failed, or was cut off
// before it.
func (d *device) weigh(b *bound, f *report.Field, data []byte, err error) {
	if err == nil {
		if _, ok := f.Raw(data); ok {
			b.misses = 0
			return
		}
		err = errShort
	}
	if !errors.Is(err, errRefused) {
		b.misses++
	}
	d.miss(b, err)
}

// maxMisses is how often in a row a report may fail until what it said is dropped.
const maxMisses = 3

// What a device is not known without, and what makes its battery low besides: that is
// not dropped while it holds.
const (
	power = online | offline | discharging
	vital = power | lowBattery
	grave = timeLimitExpired | shutdownImminent
)

// miss notes that the report of a row did not come. What it said before does not
// stand for ever: a variable goes, and without its state a device is not known.
func (d *device) miss(b *bound, err error) {
	isVital, misses := b.bit.any(vital|d.bits&grave), b.misses
	if b.feature != nil {
		s := d.reports.slot(b.feature.ID)
		misses = max(misses, s.failures)
		if b.taken && isVital {
			s.again = time.Time{} // tried at each poll
		}
	}
	if misses < maxMisses || !b.taken {
		return
	}
	if isVital {
		d.failing = err
		return
	}
	if b.row.Var != "" && d.owners[b.row.Var] == b {
		d.draft.Delete(b.row.Var)
		delete(d.owners, b.row.Var)
	}
	d.bits &^= b.bit
	b.taken, b.alarm = false, ""
}

// take takes what a field of a row says.
func (d *device) take(ctx context.Context, b *bound, f *report.Field, raw int64) {
	if b.taken && b.raw == raw && b.field == f && !b.looksAround() {
		return
	}
	b.raw, b.field = raw, f
	text, ok := d.text(ctx, b, f.Physical(raw))
	switch {
	case b.row.Alarm != "":
		b.alarm = text
	case !ok:
	case b.row.Status != "":
		d.bits.apply(text)
		b.bit |= bitOf(text)
		d.known = d.known || b.bit.any(power)
	default:
		d.put(b, text)
	}
	b.taken = ok || b.row.Alarm != ""
}

// passes tells whether another row has a row's variable.
func (d *device) passes(b *bound) bool {
	owner := d.owners[b.row.Var]
	return b.row.Var != "" && owner != nil && owner != b
}

// put writes a variable with what may be done to it.
func (d *device) put(b *bound, value string) {
	if d.passes(b) {
		return
	}
	name := b.row.Var
	if d.owners[name] == b {
		d.draft.Set(name, value)
		return
	}
	d.owners[name] = b
	v := nut.Variable{Name: name, Value: value}
	if b.row.Write > 0 {
		v.Writable, v.Text, v.MaxLen, v.Enum = true, true, max(b.row.Write, len(value)), d.choices(b)
	}
	d.draft.Put(v)
}

// show writes the status and the alarms.
func (d *device) show(now time.Time) {
	var more []string
	for _, b := range d.rows {
		if b.alarm != "" {
			more = append(more, b.alarm)
		}
	}
	charge := -1.0
	if x, ok := nut.ParseNumber(d.draft.Value("battery.charge")); ok {
		charge = x
	}
	d.draft.SetAlarms(d.bits.alarms(more)...)
	d.draft.SetStatus(d.status.words(d.bits, charge, now, d.log)...)
	d.optional("input.transfer.reason", d.bits.transferReason())
	d.optional("experimental.ups.mode.buzzwords", d.bits.mode())
}

// optional writes a variable that is there only sometimes.
func (d *device) optional(name nut.Name, value string) {
	if value == "" {
		d.draft.Delete(name)
		return
	}
	d.draft.Set(name, value)
}

// number is the value of a variable as a number, or 0.
func (d *device) number(name nut.Name) float64 {
	x, _ := nut.ParseNumber(d.draft.Value(name))
	return x
}

// data is a feature report behind its id.
func (d *device) data(ctx context.Context, id byte) ([]byte, bool) {
	if d.config.InterruptOnly {
		return nil, false
	}
	b, err := d.reports.fetch(ctx, id)
	if err != nil || len(b) < 1 {
		return nil, false
	}
	return b[1:], true
}

// Close ends the contact.
func (d *device) Close() error {
	if d.pipe != nil {
		d.pipe.close()
	}
	d.config.owners.Left(d.section, d.lost)
	return d.reports.port.Close()
}
