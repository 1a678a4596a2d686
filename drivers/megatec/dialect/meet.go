package dialect

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Search finds the dialect of a device. It goes on where it stopped, so that
// the time of one call is enough at any time, and knows what it found before.
// The zero Search has found nothing. It belongs to one goroutine.
type Search struct {
	found   *table
	answers map[string]*heard // by command
	next    int               // of the tables in their order
	spoke   bool              // something was answered
}

// heard is what a command brought while the dialect is looked for.
type heard struct {
	asked  int
	answer []byte // nil if there was none
	err    error
}

// Find returns the Unit behind ex. A dialect that it had before is the only one
// that is asked in, unless the device answers and understands it no more. The
// error wraps ErrSilent or ErrStrange, or is that of ex.
func (s *Search) Find(ctx context.Context, ex Exchanger, o Options) (*Unit, error) {
	tables, err := s.candidates(o)
	if err != nil {
		return nil, err
	}
	if s.answers == nil {
		s.answers = make(map[string]*heard)
	}
	for ; s.next < len(tables); s.next++ {
		if end, ok := ctx.Deadline(); ok && time.Until(end) < margin {
			return nil, fmt.Errorf("looking for the protocol, %d of %d tried: %w", s.next, len(tables), ErrSilent)
		}
		u, err := s.try(ctx, ex, tables[s.next], o, len(tables) == 1)
		if err != nil {
			return nil, err
		}
		if u != nil {
			*s = Search{found: u.t}
			return u, nil
		}
	}
	err = s.failure(tables)
	*s = Search{found: s.keeps()}
	return nil, err
}

// candidates are the tables to try, in their order.
func (s *Search) candidates(o Options) ([]*table, error) {
	switch {
	case s.found != nil:
		return []*table{s.found}, nil
	case o.Protocol != "":
		t, err := load(o.Protocol, o.Dir)
		return []*table{t}, err
	}
	all, err := ranked(o.Among)
	kept := all[:0:0]
	for _, t := range all {
		if t.Vendor == "" || strings.EqualFold(t.Vendor, o.Vendor) {
			kept = append(kept, t)
		}
	}
	return kept, err
}

// failure says what is wrong with a device that none of the tables fits.
func (s *Search) failure(tables []*table) error {
	names := make([]string, 0, len(tables))
	for _, t := range tables {
		names = append(names, t.Name)
	}
	if s.spoke {
		return fmt.Errorf("%w: %s; the option protocol names one", ErrStrange, strings.Join(names, ", "))
	}
	return fmt.Errorf("%w to %s; are the cable and the port right?", ErrSilent, strings.Join(names, ", "))
}

// keeps is the dialect to go on with: one that was found before, unless the
// device speaks and is another now.
func (s *Search) keeps() *table {
	if s.spoke {
		return nil
	}
	return s.found
}

// try returns the Unit if it answers all that a table claims it by, else nil.
// There is more patience where no other table is to be tried.
func (s *Search) try(ctx context.Context, ex Exchanger, t *table, o Options, alone bool) (*Unit, error) {
	u := newUnit(ex, t, o)
	for _, c := range t.Claim {
		if o.Flags[c.Unless] {
			continue
		}
		err := s.claim(ctx, u, c)
		if errors.Is(err, ErrSilent) && c.Again > 0 && alone {
			if err = pause(ctx, c.Again); err == nil {
				clear(s.answers)
				err = s.claim(ctx, u, c)
			}
		}
		if err != nil && !isAnswer(err) {
			return nil, err
		}
		if err != nil {
			return nil, nil //nolint:nilnil // not this dialect, which is no error
		}
	}
	return newUnit(ex, t, o), nil
}

// silences is how often a command is tried that is not answered at all: each
// takes its time, and many protocols are asked.
const silences = 2

// claim asks for one row, a few times unless it is plainly refused.
func (s *Search) claim(ctx context.Context, u *Unit, c claim) error {
	q, r, ok := u.t.find(c.Name)
	if !ok {
		return errNone // checked with the table
	}
	known := s.answers[string(u.frame(q.Ask))]
	if known == nil {
		known = new(heard)
		s.answers[string(u.frame(q.Ask))] = known
	}
	for {
		err := known.err
		if known.answer != nil {
			var answer []byte
			if answer, err = u.judge(q, known.answer); err == nil {
				err = u.learn(&liveRow{row: r}, answer)
			}
		}
		switch {
		case known.asked > 0 && err == nil:
			return nil
		case c.Refused && errors.Is(err, errRefused) && !errors.Is(err, errEcho):
			return nil
		case known.asked >= tries || errors.Is(err, errRefused) || errors.Is(err, ErrSilent) && known.asked >= silences:
			return err
		}
		known.asked++
		known.answer, known.err = u.exchange(ctx, q.Ask)
		if known.err != nil && !isAnswer(known.err) {
			return known.err
		}
		s.spoke = s.spoke || !errors.Is(known.err, ErrSilent)
	}
}

// pause waits.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
