package sched

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/nut/conf"
)

// Config is what upssched.conf says.
type Config struct {
	// Script is CMDSCRIPT: a program and its first arguments. It is run without
	// a shell.
	Script []string
	Pipe   string // PIPEFN: the socket of upssched.
	Lock   string // LOCKFN: who has it starts upssched's daemon. Under the agent nobody uses it.
	Debug  int    // DEBUG_MIN: how much is told at least, 0 for the usual
	Rules  []Rule
}

// Rule is one AT line.
type Rule struct {
	Line int
	Type string // of the events it is for, in any case of letters
	UPS  string // of the events it is for, "*" for all
	Do   Order  // without its Cause
}

// Orders is what the rules ask for at an event, in the order of their lines.
func (c *Config) Orders(e Event) []Order {
	var orders []Order
	for _, r := range c.Rules {
		if !strings.EqualFold(r.Type, e.Type) || r.UPS != "*" && r.UPS != e.UPS {
			continue
		}
		o := r.Do
		o.Cause = e
		orders = append(orders, o)
	}
	return orders
}

// Parse makes a Config of upssched.conf, and tells what is wrong besides what
// [conf.Parse] found. A Config with a fatal problem has no rules: NUT's upssched
// would do nothing either. A file without any line is no problem, and makes an
// empty Config.
func Parse(file *conf.File) (*Config, []conf.Problem) {
	p := parser{config: new(Config), seen: make(map[string]bool)}
	for _, d := range file.Global().Directives {
		p.directive(d)
		p.seen[d.Name] = true
	}
	if p.fatal {
		p.config.Rules = nil
	}
	p.unmatched()
	return p.config, p.problems
}

type parser struct {
	config   *Config
	problems []conf.Problem
	seen     map[string]bool // names of directives
	fatal    bool
}

func (p *parser) report(s conf.Severity, line int, format string, args ...any) {
	p.fatal = p.fatal || s == conf.Fatal
	p.problems = append(p.problems, conf.Problem{
		File: conf.UPSSchedConf.Name, Line: line, Severity: s, Text: fmt.Sprintf(format, args...),
	})
}

func (p *parser) directive(d conf.Directive) {
	if p.seen[d.Name] && d.Name != "AT" {
		p.report(conf.Warning, d.Line, "%s stands there twice: the last one counts", d.Name)
	}
	switch d.Name {
	case "CMDSCRIPT":
		p.config.Script = p.script(d)
	case "PIPEFN":
		p.config.Pipe = d.Value()
	case "LOCKFN":
		p.config.Lock = d.Value()
	case "DEBUG_MIN":
		p.config.Debug, _, _ = conf.Number(d.Value())
	case "AT":
		p.at(d)
	}
}

// script splits a CMDSCRIPT that is one word with blanks in it: NUT before
// 2.8.6 gave it to a shell, which did.
func (p *parser) script(d conf.Directive) []string {
	if len(d.Args) != 1 {
		return d.Args
	}
	if strings.ContainsAny(d.Value(), "|&;<>()$`'\"*?[~") {
		p.report(conf.Warning, d.Line, "CMDSCRIPT: no shell runs it, so that all but blanks means itself: put what needs a shell into a script")
	}
	return strings.Fields(d.Value())
}

// at takes a rule, whose words [conf.Parse] has checked.
func (p *parser) at(d conf.Directive) {
	for _, needed := range []string{"CMDSCRIPT", "PIPEFN", "LOCKFN"} {
		if !p.seen[needed] && !p.fatal {
			p.report(conf.Fatal, d.Line, "AT: %s has to stand before it", needed)
		}
	}
	if len(p.config.Script) == 0 && !p.fatal {
		p.report(conf.Fatal, d.Line, "AT: CMDSCRIPT is empty")
	}
	do, err := order(d.Args[2:])
	if err != nil {
		p.report(conf.Error, d.Line, "AT: %v", err)
		return
	}
	p.config.Rules = append(p.config.Rules, Rule{Line: d.Line, Type: d.Args[0], UPS: d.Args[1], Do: do})
}

// order reads a verb and what follows it.
func order(words []string) (Order, error) {
	if len(words) < 2 || words[1] == "" {
		return Order{}, fmt.Errorf("%s needs a name", words[0])
	}
	v := slices.IndexFunc(verbs[:], func(v verbNames) bool { return v.conf == words[0] })
	if v < 0 {
		return Order{}, fmt.Errorf("%q is no command of upssched.conf", words[0])
	}
	more := ""
	if len(words) > 2 {
		more = words[2]
	}
	return newOrder(Verb(v), words[1], more)
}

// unmatched warns of cancels that can have no effect.
func (p *parser) unmatched() {
	for _, r := range p.config.Rules {
		if r.Do.Verb == CancelMatched && !p.started(r) {
			p.report(conf.Warning, r.Line, "%s ends only what the same type of event started, and nothing starts %s at %s: CANCEL-TIMER ends it whatever started it",
				r.Do.Verb, r.Do.Name, r.Type)
		}
	}
}

func (p *parser) started(by Rule) bool {
	for _, r := range p.config.Rules {
		if r.Do.Verb.Starts() && r.Do.Name == by.Do.Name && strings.EqualFold(r.Type, by.Type) {
			return true
		}
	}
	return false
}
