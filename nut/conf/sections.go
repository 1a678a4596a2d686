package conf

import "strings"

// header begins a section, or goes on with one.
func (p *parser) header(l line) {
	name, closed := strings.CutSuffix(l.words[0][1:], "]")
	if !closed {
		name = strings.Trim(strings.Join(l.words, " "), "[]\" ")
		p.begin(&Section{Name: name, Line: l.number})
		p.fail(l.number, `a section's header is one word: [name], or "[a name]" for one with blanks`)
		return
	}
	p.begin(&Section{Name: name, Line: l.number})
	if name == "" {
		p.fail(l.number, "the section has no name")
	}
	if len(l.words) > 1 {
		p.warn(l.number, "what stands behind the section's name is ignored")
	}
}

// begin makes s the section that the following lines belong to, unless there
// is one of that name.
func (p *parser) begin(s *Section) {
	earlier := p.named[s.Name]
	switch {
	case earlier == nil:
		p.section, p.named[s.Name] = s, s
		p.file.Sections = append(p.file.Sections, s)
	case p.file.Format.merge:
		p.section = earlier
		p.warn(s.Line, "section [%s] began on line %d already: both count as one", s.Name, earlier.Line)
	default: // in no list: what it says is checked and forgotten
		p.section = s
		p.warn(s.Line, "%s [%s] is on line %d already: this one is ignored", p.file.Format.purpose, s.Name, earlier.Line)
	}
}

// setting takes one line of a section.
func (p *parser) setting(number int, words []string) {
	d := Directive{Name: words[0], Args: words[1:], Line: number}
	if len(d.Args) > 0 && d.Args[0] == "=" {
		d.Args, d.Set = d.Args[1:], true
	}
	p.take(d)
}

// inline takes a line with any number of settings.
func (p *parser) inline(l line) {
	for w := l.words; len(w) > 0; {
		n := 1
		if len(w) > 1 && w[1] == "=" {
			n = min(3, len(w))
		}
		p.setting(l.number, w[:n])
		w = w[n:]
	}
}

// take adds a setting to the section, if it can be used.
func (p *parser) take(d Directive) {
	r, ok := p.rule(d)
	if !ok {
		return
	}
	switch {
	case d.Name == "" || d.Name == "=":
		p.fail(d.Line, "the setting has no name")
	case d.Set && len(d.Args) == 0:
		p.warn(d.Line, `%s: there is nothing behind the =, so it is ignored; write "" for an empty value`, p.show(d.Name))
	case !d.Set && len(d.Args) > 0 && (r == nil || !r.bare):
		p.warn(d.Line, "%s: without a = before the value it is ignored", p.show(d.Name))
	case r == nil:
		p.surplus(d, 1)
		p.add(d)
	case len(d.Args) < r.min && !r.flag:
		p.fail(d.Line, "%s: it needs a value: %s = %s", r.name, r.name, r.usage)
	case p.fits(r, d):
		p.add(d)
	}
}

// rule finds the rule of a setting: nil for what only a driver knows. ok is
// false if the setting is none of this file's, which is reported.
func (p *parser) rule(d Directive) (r *rule, ok bool) {
	f := p.file.Format
	rules := f.inside
	if p.section == p.file.Global() {
		rules = f.rules
	}
	r = find(rules, d.Name)
	switch {
	case r != nil && r.obsolete != "":
		p.warn(d.Line, "%s is obsolete: %s", d.Name, r.obsolete)
		return nil, false
	case r != nil || p.section != p.file.Global() && f.open || d.Name == "" || d.Name == "=":
		return r, true
	case find(f.inside, d.Name) != nil:
		p.warn(d.Line, "%s stands before the first [section], where it means nothing", d.Name)
	case f.secret:
		p.warn(d.Line, "it is none of the settings of a %s: %s", f.purpose, names(rules))
	default:
		p.warn(d.Line, "%s is not a setting that can stand before the first [section]", d.Name)
	}
	return nil, false
}

// show is a word for a message, where it cannot be a password.
func (p *parser) show(word string) string {
	if p.file.Format.secret && find(p.file.Format.inside, word) == nil {
		return "setting"
	}
	return word
}

func names(rules []rule) string {
	var all []string
	for _, r := range rules {
		if r.obsolete == "" {
			all = append(all, r.name)
		}
	}
	return strings.Join(all, ", ")
}
