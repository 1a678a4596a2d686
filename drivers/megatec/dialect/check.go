package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// check tells what in a table makes no sense.
func (t *table) check() error {
	errs := []error{
		known("frame", t.Frame, "", frameCRC, frameAddress),
	}
	if t.Name == "" || len(t.Claim) == 0 {
		errs = append(errs, errors.New("without a name, or without a claim"))
	}
	for _, c := range t.Claim {
		if _, _, ok := t.find(c.Name); !ok {
			errs = append(errs, fmt.Errorf("claims by %s, which no query has", c.Name))
		}
	}
	for _, q := range t.Queries {
		if _, ok := preparers[q.Prepare]; q.Prepare != "" && !ok {
			errs = append(errs, fmt.Errorf("query %s: there is no function %q", q.Ask, q.Prepare))
		}
		for _, r := range q.Rows {
			errs = append(errs, t.checkRow(r))
		}
	}
	for _, c := range t.Commands {
		if _, ok := commanders[c.With]; c.With != "" && !ok {
			errs = append(errs, fmt.Errorf("command %s: there is no function %q", c.Name, c.With))
		}
	}
	for _, s := range t.Settings {
		if _, ok := setters[s.With]; s.With != "" && !ok {
			errs = append(errs, fmt.Errorf("setting %s: there is no function %q", s.Name, s.With))
		}
		errs = append(errs, t.checkSet(s.Name, s.Set))
	}
	return errors.Join(append(errs, t.checkSets()...)...)
}

func (t *table) checkRow(r row) error {
	if _, ok := readers[r.Read]; r.Read != "" && !ok {
		return fmt.Errorf("%s: there is no function %q", r.Name, r.Read)
	}
	if r.Name == "" || r.From < 0 || r.To < 0 || r.To > 0 && r.To < r.From {
		return fmt.Errorf("row %q: from %d to %d", r.Name, r.From, r.To)
	}
	if r.Digits != nil && (*r.Digits < 0 || *r.Digits > 6) {
		return fmt.Errorf("%s: %d digits", r.Name, *r.Digits)
	}
	return errors.Join(known(r.Name, r.Poll, pollFull, pollOnce, pollSeldom, pollQuick), t.checkSet(r.Name, r.Set))
}

func (t *table) checkSet(name, set string) error {
	if _, ok := t.Sets[set]; set != "" && set != anyValue && !ok {
		return fmt.Errorf("%s: there is no set %q", name, set)
	}
	return nil
}

func (t *table) checkSets() []error {
	var errs []error
	for name, s := range t.Sets {
		numbers := slices.Clone(s.Range)
		for _, l := range s.Limits {
			numbers = append(numbers, l.Value)
		}
		for _, n := range numbers {
			if _, err := strconv.ParseFloat(n, 64); err != nil {
				errs = append(errs, fmt.Errorf("set %s: %q is not a number", name, n))
			}
		}
		if len(s.Range) != 0 && len(s.Range) != 2 {
			errs = append(errs, fmt.Errorf("set %s: a range has two ends", name))
		}
	}
	return errs
}

// find returns the first row of a name, and its query.
func (t *table) find(name string) (*query, *row, bool) {
	for i := range t.Queries {
		q := &t.Queries[i]
		for j := range q.Rows {
			if q.Rows[j].Name == name {
				return q, &q.Rows[j], true
			}
		}
	}
	return nil, nil, false
}

func known(what, word string, words ...string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return fmt.Errorf("%s: %q is none of %q", what, word, words)
}
