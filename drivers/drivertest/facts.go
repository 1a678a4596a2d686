package drivertest

import (
	"context"
	"errors"
	"fmt"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// maxValue is the longest value that NUT's programs pass on whole.
const maxValue = 255

func isStable(ctx context.Context, c Config) error {
	return c.with(ctx, func(ctx context.Context, s *specimen) error {
		first := s.snapshot()
		if err := s.read(ctx); err != nil {
			return err
		}
		if s.draft.Changed() {
			return fmt.Errorf("the second Read changed: %s", difference(first, s.snapshot()))
		}
		return nil
	})
}

// difference names a variable in which two snapshots differ.
func difference(a, b *nut.Snapshot) string {
	for v := range b.Variables() {
		if was, ok := a.Lookup(v.Name); !ok || !was.Equal(v) {
			return fmt.Sprintf("%s, from %q to %q", v.Name, was.Value, v.Value)
		}
	}
	return "something that is in no variable"
}

func isClean(ctx context.Context, c Config) error {
	return c.with(ctx, func(_ context.Context, s *specimen) error {
		facts := s.snapshot()
		var errs []error
		if len(facts.Status()) == 0 {
			errs = append(errs, errors.New("no ups.status"))
		}
		for _, word := range facts.Status() {
			if !isStatusWord(word) {
				errs = append(errs, fmt.Errorf("status word %q is not known", word))
			}
		}
		for v := range facts.Variables() {
			errs = append(errs, clean(v))
		}
		return errors.Join(errs...)
	})
}

// clean tells what of a variable would not reach a client as it is.
func clean(v nut.Variable) error {
	switch {
	case !cleanName(v.Name):
		return fmt.Errorf("%q is not a name", v.Name)
	case !wire.Clean(v.Value):
		return fmt.Errorf("%s: %q has bytes that the protocol cannot carry", v.Name, v.Value)
	case len(v.Value) > maxValue:
		return fmt.Errorf("%s: %d bytes are too many", v.Name, len(v.Value))
	case v.Text && v.Writable && v.MaxLen == 0:
		return fmt.Errorf("%s: a writable text without a length", v.Name)
	}
	for _, r := range v.Ranges {
		if r.Min > r.Max {
			return fmt.Errorf("%s: the range from %d to %d is empty", v.Name, r.Min, r.Max)
		}
	}
	for _, value := range v.Enum {
		if !wire.Clean(value) {
			return fmt.Errorf("%s: may be %q, which the protocol cannot carry", v.Name, value)
		}
	}
	return nil
}

// cleanName tells whether a name goes through the grammar as one bare word.
func cleanName(name nut.Name) bool {
	return name != "" && string(wire.AppendWord(nil, string(name))) == string(name)
}

// knowsNames counts the names that the vocabulary does not have.
func knowsNames(ctx context.Context, c Config) error {
	return c.with(ctx, func(_ context.Context, s *specimen) error {
		facts := s.snapshot()
		var foreign []nut.Name
		for v := range facts.Variables() {
			if _, ok := nut.Describe(v.Name); !ok {
				foreign = append(foreign, v.Name)
			}
		}
		for name := range facts.Commands() {
			if _, ok := nut.DescribeCommand(name); !ok {
				foreign = append(foreign, name)
			}
		}
		if len(foreign) > c.Foreign {
			return fmt.Errorf("%d names are not in the vocabulary, %d may be: %v", len(foreign), c.Foreign, foreign)
		}
		return nil
	})
}

func isStatusWord(word string) bool {
	for e := range nut.Words() {
		if string(e.Name) == word {
			return true
		}
	}
	return false
}
