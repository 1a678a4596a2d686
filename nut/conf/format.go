package conf

import "strings"

// Style is the grammar of a file.
type Style uint8

const (
	Sections Style = iota // [section], key = value, flag
	Lines                 // DIRECTIVE argument ...
	Shell                 // VAR=value
)

// Format is what can be said in one of NUT's files.
type Format struct {
	Name  string // "ups.conf"
	Style Style

	rules   []rule // of the lines before any header, or of all lines
	inside  []rule // of the lines in sections
	open    bool   // sections may have settings that are not in inside
	merge   bool   // sections of one name are one; otherwise the first counts
	secret  bool   // any word may be a password that went astray
	purpose string // what a section is: "UPS"
}

// rule is a row of the tables: one directive, or with a * at its end, all that
// begin so.
type rule struct {
	name     string
	usage    string // its arguments, for people
	about    string // what it is for, for people
	idle     bool   // wattnut takes it, and does nothing with it
	min      int    // how many arguments there must be
	args     []kind // what they must be; the last stands for all that follow if more is set
	more     bool
	flag     bool   // may stand without a value
	bare     bool   // may do without the =
	secret   bool   // an argument may be a password
	obsolete string // what to do instead; NUT ignores it
	check    func(args []string) (complaint string)
}

func (r *rule) matches(name string) bool {
	if prefix, wild := strings.CutSuffix(r.name, "*"); wild {
		return len(name) > len(prefix) && strings.HasPrefix(name, prefix)
	}
	return r.name == name
}

func find(rules []rule, name string) *rule {
	for i := range rules {
		if rules[i].matches(name) {
			return &rules[i]
		}
	}
	return nil
}

// begins tells whether a line of text begins as a line of this file does: with
// a [, a key and its =, or the name of a directive.
func (f *Format) begins(text string) bool {
	text = strings.TrimLeft(text, " \t")
	if f.Style == Sections {
		key := strings.TrimLeftFunc(text, func(r rune) bool {
			return r == '.' || r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		})
		return text != "" && (text[0] == '[' || len(key) < len(text) && strings.HasPrefix(strings.TrimLeft(key, " \t"), "="))
	}
	name, _, _ := strings.Cut(strings.TrimRight(text, "\r\n"), " ")
	return find(f.rules, name) != nil
}

// kind is what argument n has to be, nil if there should be none.
func (r *rule) kind(n int) kind {
	switch {
	case n < len(r.args):
		return r.args[n]
	case r.more && len(r.args) > 0:
		return r.args[len(r.args)-1]
	case r.more:
		return anything
	}
	return nil
}

// Lookup finds the format of a file by its name without a folder, nil if
// NUT has no such file.
func Lookup(name string) *Format {
	for _, f := range Formats() {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Formats lists the formats of all of NUT's files.
func Formats() []*Format {
	return []*Format{
		UPSConf, UPSDConf, UPSDUsers, UPSMonConf, UPSSchedConf,
		NUTConf, HostsConf, UPSSetConf, UPSLogConf, CmdVarTab,
	}
}

// Row is a directive or setting that a file may have, for people to read about.
type Row struct {
	Name   string // with a * at its end, all that begin so
	Usage  string // its arguments
	About  string
	Inside bool // it stands in sections
	Secret bool // an argument may be a password
	Idle   bool // it is taken, without effect
}

// Rows lists what a file may have, but for what is obsolete.
func (f *Format) Rows() []Row {
	var all []Row
	for i, rules := range [][]rule{f.rules, f.inside} {
		for _, r := range rules {
			if r.obsolete == "" {
				all = append(all, Row{Name: r.name, Usage: r.usage, About: r.about, Inside: i == 1, Secret: r.secret, Idle: r.idle})
			}
		}
	}
	return all
}
