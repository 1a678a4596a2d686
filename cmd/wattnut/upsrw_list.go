package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// setting is a variable that can be set, and what a server says of it.
type setting struct {
	client.Var

	desc   *client.Call[string]
	kind   *client.Call[client.Type]
	enum   *client.Call[[]string]       // nil unless it has one
	ranges *client.Call[[]client.Range] // nil unless it has some
}

// show lists the variables that can be set.
func (u *upsrw) show(ctx context.Context, ups string) int {
	target, err := u.target(ups)
	if err != nil {
		return u.fail(err)
	}
	c, err := u.dial(ctx, target.Address())
	if err != nil {
		return u.fail(err)
	}
	defer c.Close() //nolint:errcheck // nothing is lost
	settings, err := settingsOf(ctx, c, target.UPS)
	if err != nil {
		return u.fail(err)
	}
	for _, s := range settings {
		if err := u.showSetting(s); err != nil {
			return u.fail(err)
		}
	}
	return 0
}

// settingsOf asks in three rounds: which there are, of what type they are, and
// what the types leave open.
func settingsOf(ctx context.Context, c *client.Client, ups string) ([]*setting, error) {
	vars, err := c.ListRW(ctx, ups)
	if err != nil {
		lastly(ctx, c)
		return nil, err
	}
	settings := make([]*setting, len(vars))
	var calls []client.Request
	for i, v := range vars {
		settings[i] = &setting{Var: v, desc: client.GetDesc(ups, v.Name), kind: client.GetType(ups, v.Name)}
		calls = append(calls, settings[i].desc, settings[i].kind)
	}
	if err := c.Do(ctx, calls...); err != nil {
		return nil, err
	}
	calls = nil
	for _, s := range settings {
		kind, err := s.kind.Result()
		if err == nil && kind.Enum {
			s.enum = client.ListEnum(ups, s.Name)
			calls = append(calls, s.enum)
		}
		if err == nil && kind.Range {
			s.ranges = client.ListRange(ups, s.Name)
			calls = append(calls, s.ranges)
		}
	}
	lastly(ctx, c, calls...)
	return settings, nil
}

func (u *upsrw) showSetting(s *setting) error {
	desc, err := s.desc.Result()
	if err != nil {
		return err
	}
	kind, err := s.kind.Result()
	if err != nil {
		return err
	}
	fmt.Fprintf(u.stdout, "[%s]\n%s\nType: %s\n", s.Name, desc, strings.Join(kindWords(kind), " "))
	if kind.Text {
		fmt.Fprintf(u.stdout, "Maximum length: %d\n", kind.MaxLen)
	}
	if err := u.showChoice(s); err != nil {
		return err
	}
	fmt.Fprintln(u.stdout)
	return nil
}

// showChoice writes the options that a setting has, or else its value.
func (u *upsrw) showChoice(s *setting) error {
	switch {
	case s.enum != nil:
		values, err := s.enum.Result()
		if err != nil {
			return err
		}
		for _, v := range values {
			u.showOption(v, v == s.Value)
		}
	case s.ranges != nil:
		ranges, err := s.ranges.Result()
		if err != nil {
			return err
		}
		for _, r := range ranges {
			u.showOption(r.Min+"-"+r.Max, within(s.Value, r))
		}
	default:
		fmt.Fprintf(u.stdout, "Value: %s\n", s.Value)
	}
	return nil
}

func (u *upsrw) showOption(text string, selected bool) {
	mark := ""
	if selected {
		mark = " SELECTED"
	}
	fmt.Fprintf(u.stdout, "Option: \"%s\"%s\n", text, mark)
}

// kindWords names a type in the order of NUT's server.
func kindWords(t client.Type) (words []string) {
	for _, w := range []struct {
		is   bool
		word string
	}{{t.Enum, "ENUM"}, {t.Range, "RANGE"}, {t.Text, "STRING"}, {t.Number || !t.Text, "NUMBER"}} {
		if w.is {
			words = append(words, w.word)
		}
	}
	return words
}

func within(value string, r client.Range) bool {
	v, ok := nut.ParseNumber(value)
	low, okLow := nut.ParseNumber(r.Min)
	high, okHigh := nut.ParseNumber(r.Max)
	return ok && okLow && okHigh && low <= v && v <= high
}
