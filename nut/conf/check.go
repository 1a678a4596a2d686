package conf

import (
	"fmt"
	"strings"
)

// directive takes a line of a file of directives.
func (p *parser) directive(number int, words []string) {
	d := Directive{Name: words[0], Args: words[1:], Line: number}
	rules := p.file.Format.rules
	r := find(rules, d.Name)
	switch {
	case r == nil && find(rules, strings.ToUpper(d.Name)) != nil:
		p.warn(number, "%s is ignored: directives are in capitals, %s", d.Name, strings.ToUpper(d.Name))
	case r == nil:
		p.warn(number, "%s is no directive of this file, and is ignored", unknown(d.Name))
	case r.obsolete != "":
		p.warn(number, "%s is obsolete: %s", d.Name, r.obsolete)
	case len(d.Args) > 0 && d.Args[0] == "=" && r.min > 0:
		p.fail(number, "%s: it is written without a =: %s %s", r.name, r.name, r.usage)
	case len(d.Args) < r.min:
		p.fail(number, "%s: %s: %s %s", r.name, missing(r.min, len(d.Args)), r.name, r.usage)
	case p.fits(r, d):
		p.add(d)
	}
}

// unknown is a word for a message, where it looks like a directive rather than
// like a password that went astray.
func unknown(word string) string {
	if word == "" || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return "the line's first word"
	}
	return word
}

func missing(want, have int) string {
	if want-have == 1 {
		return "one word is missing"
	}
	return fmt.Sprintf("%d words are missing", want-have)
}

func (p *parser) add(d Directive) { p.section.Directives = append(p.section.Directives, d) }

// fits checks the arguments of a directive against its rule.
func (p *parser) fits(r *rule, d Directive) bool {
	for i, arg := range d.Args {
		check := r.kind(i)
		if check == nil {
			p.surplus(d, i)
			break
		}
		complaint, usable := check(arg)
		if complaint == "" {
			continue
		}
		subject := fmt.Sprintf("%q", arg)
		if r.secret || p.file.Format.secret {
			subject = fmt.Sprintf("word %d", i+1)
		}
		if !usable {
			p.fail(d.Line, "%s: %s %s", d.Name, subject, complaint)
			return false
		}
		p.warn(d.Line, "%s: %s %s", d.Name, subject, complaint)
	}
	if r.check == nil {
		return true
	}
	if complaint := r.check(d.Args); complaint != "" {
		p.fail(d.Line, "%s: %s", d.Name, complaint)
		return false
	}
	return true
}

// surplus reports arguments from n on as what nobody reads.
func (p *parser) surplus(d Directive, n int) {
	switch {
	case len(d.Args) <= n:
	case n == 1:
		p.warn(d.Line, `%s: only the first word counts; where the others belong to it, put all in quotes`, d.Name)
	default:
		p.warn(d.Line, "%s: the words from the %dth on are ignored", d.Name, n+1)
	}
}
