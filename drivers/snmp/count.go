package snmp

import (
	"slices"
	"strconv"
)

// span is the outlets, groups or sensors of a device: how many, and whether the
// agent counts them from 0 or from 1; NUT's names follow the agent.
type span struct {
	count   int
	zero    bool
	guessed bool // there is no object that tells the count
}

// each calls f with the index of each item, or once with noItem where kind is "".
func (s span) each(kind string, f func(index int)) {
	if kind == "" {
		f(noItem)
		return
	}
	first := 1
	if s.zero {
		first = 0
	}
	for n := range s.count {
		f(first + n)
	}
}

// count finds out how many items of a kind the device has, by the variable of
// that name, else by looking where they end.
func (p *planner) count(kind string, device int) (span, error) {
	first := p.table.firstOf(kind)
	if first == nil {
		return span{}, nil
	}
	var s span
	told := false
	for _, r := range p.table.named(kind + ".count") {
		oid := fill(r.OID, device, 0)
		n, err := p.value(r, oid)
		if err != nil {
			return s, err
		}
		if told = p.has(oid); told {
			s.count = n
			break
		}
	}
	if !told {
		n, err := p.guess(func(i int) string { return fill(first.OID, device, i) })
		if err != nil {
			return s, err
		}
		s.count, s.guessed = n, n > 0
	}
	s.count = min(max(s.count, 0), maxItems)
	if s.count == 0 {
		return s, nil
	}
	zero := fill(first.OID, device, 0)
	err := p.get(p.ctx, zero)
	s.zero = p.has(zero)
	return s, err
}

// counted are the OIDs by which the items and phases of one device are counted,
// to be asked for at once.
func (t *table) counted(device int) []string {
	var oids []string
	for i := range t.Variables {
		r := &t.Variables[i]
		switch r.Name {
		case "outlet.count", "outlet.group.count", "ambient.count", "input.phases", "output.phases", "input.bypass.phases":
			if r.Default == nil && r.Each == "" {
				oids = append(oids, fill(r.OID, device, 0))
			}
		}
	}
	for _, kind := range []string{kindOutlet, kindGroup, kindAmbient} {
		if r := t.firstOf(kind); r != nil {
			oids = append(oids, fill(r.OID, device, 0))
		}
	}
	return oids
}

// firstOf is the first row of a kind that has an object; nil if there is none.
func (t *table) firstOf(kind string) *row {
	for i := range t.Variables {
		r := &t.Variables[i]
		if r.Each == kind && fill(r.OID, 0, 1) != fill(r.OID, 0, 2) {
			return r
		}
	}
	return nil
}

// phases are how many phases the input, the output and the bypass have.
type phases struct{ input, output, bypass int }

// phases asks for them. Where the device does not say there is one; the bypass
// has as many as the input then.
func (p *planner) phases(device int) (phases, error) {
	ask := func(name string, otherwise int) (int, error) {
		for _, r := range p.table.named(name) {
			if r.OID == "" {
				return strconv.Atoi(*r.Default)
			}
			n, err := p.value(r, fill(r.OID, device, 0))
			if err != nil || n > 0 {
				return n, err
			}
		}
		return otherwise, nil
	}
	var s phases
	var err error
	if s.input, err = ask("input.phases", 1); err != nil {
		return s, err
	}
	if s.output, err = ask("output.phases", 1); err != nil {
		return s, err
	}
	s.bypass, err = ask("input.bypass.phases", s.input)
	return s, err
}

// suit tells whether a row for some phases is for these. One for none in
// particular always is.
func (s phases) suit(words []string) bool {
	return len(words) == 0 || slices.ContainsFunc(words, func(word string) bool {
		return word == "input-"+strconv.Itoa(s.input) || word == "output-"+strconv.Itoa(s.output) ||
			word == "bypass-"+strconv.Itoa(s.bypass)
	})
}
