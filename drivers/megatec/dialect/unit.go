package dialect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"
)

// Exchanger carries a command to the device and its answer back. The command
// ends with a carriage return; the answer need not, and may have more behind
// it. Where nothing came in its time the error wraps ErrSilent; after any other
// error the Exchanger is of no use any more.
type Exchanger interface {
	Exchange(ctx context.Context, command []byte) (answer []byte, err error)
}

// What can come of a question, beside an answer.
var (
	// ErrSilent: nothing was answered in time.
	ErrSilent = errors.New("no answer")
	// ErrStrange: the device answers, and in none of the dialects asked for.
	ErrStrange = errors.New("answers, but in no protocol that it was asked in")

	errRefused = errors.New("refused")
	errEcho    = fmt.Errorf("%w: the device says it again", errRefused)
	errNone    = errors.New("no value")
)

// What a row's Poll may be.
const (
	pollFull   = ""
	pollOnce   = "once"
	pollSeldom = "seldom"
	pollQuick  = "quick"
)

const anyValue = "any"

// tries is how often a question is asked until its answer can be read.
const tries = 3

// Unit is a device whose dialect is known. It belongs to one goroutine.
type Unit struct {
	ex  Exchanger
	t   *table
	o   Options
	log *slog.Logger

	queries  []*liveQuery
	commands []*liveCommand
	settings []*liveSetting
	sets     map[string]set // those that the device decides, in place of the table's

	facts  map[string]string
	hidden map[string]bool // facts that are not published
	said   []statement     // about ups.status and ups.alarm, the latest last
	cell   battery

	published map[string]bool

	bad     bad // of the last poll
	begun   int // how many queries were asked at the start
	ready   bool
	changed bool // an order was given: ask also what seldom changes
	full    time.Time
}

type liveQuery struct {
	*query
	rows   []*liveRow
	failed int // full polls in a row
}

type liveRow struct {
	*row
	off bool
}

type liveCommand struct {
	*command
	off bool
}

type liveSetting struct {
	*setting
	off bool
}

func newUnit(ex Exchanger, t *table, o Options) *Unit {
	u := &Unit{
		ex: ex, t: t, o: o, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		sets: make(map[string]set), facts: make(map[string]string), hidden: make(map[string]bool), published: make(map[string]bool),
	}
	for i := range t.Queries {
		q := &liveQuery{query: &t.Queries[i]}
		for j := range q.Rows {
			q.rows = append(q.rows, &liveRow{row: &q.Rows[j], off: q.Rows[j].Asleep || o.Flags[q.Unless]})
		}
		u.queries = append(u.queries, q)
	}
	for i := range t.Commands {
		u.commands = append(u.commands, &liveCommand{&t.Commands[i], t.Commands[i].Asleep})
	}
	for i := range t.Settings {
		u.settings = append(u.settings, &liveSetting{&t.Settings[i], t.Settings[i].Asleep})
	}
	maps.Copy(u.facts, t.Implies)
	return u
}

// Protocol is the name of the dialect.
func (u *Unit) Protocol() string { return u.t.Name }

// errLater: there was no time for all questions of the start.
var errLater = errors.New("not all is asked yet")

// IsLater tells whether err means that Poll is to be called again, because the
// first round of questions takes longer than one call may.
func IsLater(err error) bool { return errors.Is(err, errLater) }

// Poll asks what is due: all at the start, then every Options.PollFreq and
// after an order, else only what has to be fresh.
func (u *Unit) Poll(ctx context.Context) error {
	if err := u.poll(ctx); err != nil {
		return err
	}
	return u.confirm(ctx)
}

func (u *Unit) poll(ctx context.Context) error {
	if !u.ready {
		if err := u.start(ctx); err != nil {
			return err
		}
		u.ready, u.full = true, time.Now()
		u.cell.begin(u, u.full)
		return nil
	}
	now := time.Now()
	if !u.changed && now.Sub(u.full) < u.o.PollFreq {
		return u.walk(ctx, isQuick)
	}
	seldom := u.changed
	if err := u.walk(ctx, func(r *liveRow) bool {
		return r.Poll == pollFull || isQuick(r) || r.Poll == pollSeldom && seldom
	}); err != nil {
		return err
	}
	u.full, u.changed = now, false
	u.cell.estimate(u, now)
	return nil
}

// margin is the time before a context's end at which no new question is asked.
const margin = 4 * time.Second

// start asks all there is, once, and finds out what the device does not know.
func (u *Unit) start(ctx context.Context) error {
	for ; u.begun < len(u.queries); u.begun++ {
		if end, ok := ctx.Deadline(); ok && u.begun > 0 && time.Until(end) < margin {
			return errLater
		}
		if err := u.meet(ctx, u.queries[u.begun]); err != nil {
			return err
		}
	}
	return u.configure(ctx)
}

// meet asks a query for the first time. What is not answered is not asked again.
func (u *Unit) meet(ctx context.Context, q *liveQuery) error {
	for _, r := range q.rows {
		if _, ok := u.facts[r.Name]; ok && !r.isNews() {
			r.off = true // a query before knows it
		}
	}
	known := make(map[*liveRow]bool)
	unknown := func(r *liveRow) bool { return !known[r] }
	for n := 0; n < tries && q.has(unknown); n++ {
		answer, err := u.ask(ctx, q.query)
		if err != nil && !isAnswer(err) {
			return err
		}
		if err == nil {
			u.take(q, unknown, answer, known)
		}
		if errors.Is(err, errRefused) || errors.Is(err, ErrSilent) && n > 0 && !q.has(isQuick) {
			break
		}
	}
	for _, r := range q.rows {
		if r.off || known[r] {
			continue
		}
		if r.Poll == pollQuick {
			return fmt.Errorf("%s: %w", q.Ask, errNone)
		}
		r.off = true
	}
	return nil
}

// walk asks each query that has a row which is due.
func (u *Unit) walk(ctx context.Context, isDue func(*liveRow) bool) error {
	for _, q := range u.queries {
		if !q.has(isDue) {
			continue
		}
		if err := u.renew(ctx, q, isDue); err != nil {
			return err
		}
	}
	return nil
}

// renew asks a query again. One that has to be fresh is asked until it is
// answered; others are let go, and their facts with them after some polls.
func (u *Unit) renew(ctx context.Context, q *liveQuery, isDue func(*liveRow) bool) error {
	known := make(map[*liveRow]bool)
	missing := func(r *liveRow) bool { return isDue(r) && !known[r] }
	fresh := func(r *liveRow) bool { return missing(r) && isQuick(r) }
	var err error
	for n := 0; n == 0 || n < tries && q.has(fresh); n++ {
		var answer []byte
		if answer, err = u.ask(ctx, q.query); err == nil {
			u.take(q, missing, answer, known)
			err = errNone
		} else if !isAnswer(err) {
			return err
		}
	}
	switch {
	case !q.has(missing):
		q.failed = 0
		return nil
	case q.has(fresh):
		return fmt.Errorf("%s: %w", q.Ask, err)
	}
	if q.failed++; q.failed >= tries {
		for _, r := range q.rows {
			if !r.off && missing(r) {
				u.forget(r)
			}
		}
	}
	return nil
}

// take reads those rows of an answer that are due, and notes which it gives. A
// row may wake others behind it. Of an answer whose state is not understood as a
// whole, nothing is believed.
func (u *Unit) take(q *liveQuery, isDue func(*liveRow) bool, answer []byte, known map[*liveRow]bool) {
	facts, said, before := maps.Clone(u.facts), slices.Clone(u.said), maps.Clone(known)
	for _, r := range q.rows {
		if r.off || !isDue(r) {
			continue
		}
		err := u.learn(r, answer)
		if err != nil {
			u.log.Debug("not understood", "variable", r.Name, "answer", string(answer), "error", err)
		}
		if err != nil && isQuick(r) {
			u.facts, u.said = facts, said
			clear(known)
			maps.Copy(known, before)
			return
		}
		known[r] = err == nil
	}
}

// has tells whether a row that is in use is so.
func (q *liveQuery) has(is func(*liveRow) bool) bool {
	return slices.ContainsFunc(q.rows, func(r *liveRow) bool { return !r.off && is(r) })
}

func isQuick(r *liveRow) bool { return r.Poll == pollQuick }

// isAnswer tells whether a device that can be talked to did not say what it was
// asked for.
func isAnswer(err error) bool {
	return errors.Is(err, ErrSilent) || errors.Is(err, errRefused) || errors.Is(err, errNone)
}

// wake has rows, commands and settings of a name be used from now on.
func (u *Unit) wake(names ...string) {
	u.switchOff(false, names...)
}

func (u *Unit) switchOff(off bool, names ...string) {
	for _, q := range u.queries {
		for _, r := range q.rows {
			if slices.Contains(names, r.Name) && r.Asleep {
				r.off = off
			}
		}
	}
	for _, c := range u.commands {
		if slices.Contains(names, c.Name) && c.Asleep {
			c.off = off
		}
	}
}
