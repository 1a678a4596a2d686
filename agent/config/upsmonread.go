package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/nut/client"
	"github.com/wattnut/wattnut/nut/conf"
)

// complain reports what is wrong with a directive of upsmon.conf.
func (l *loader) complain(severity conf.Severity, d conf.Directive, format string, args ...any) {
	l.report.add(conf.Problem{
		File: conf.UPSMonConf.Name, Line: d.Line, Severity: severity,
		Text: d.Name + ": " + fmt.Sprintf(format, args...),
	})
}

// monitored takes one MONITOR line. A UPS is watched once.
func (l *loader) monitored(m *UPSMon, d conf.Directive) {
	name := d.Args[0]
	target, err := client.ParseTarget(name)
	if err != nil {
		l.complain(conf.Error, d, "%v", err)
		return
	}
	if i := slices.IndexFunc(m.Monitors, func(o Monitored) bool { return o.Name == name }); i >= 0 {
		l.complain(conf.Warning, d, "%s is on line %d already: this one is ignored", name, m.Monitors[i].Line)
		return
	}
	value, _, _ := conf.Number(d.Args[1])
	role := strings.ToLower(d.Args[4])
	m.Monitors = append(m.Monitors, Monitored{Name: name, Target: target, User: d.Args[2], Password: Secret(d.Args[3]), Line: d.Line})
	m.Decide.UPSes = append(m.Decide.UPSes, monitor.UPS{Name: name, Value: value, Primary: role == "primary" || role == "master"})
}

func (m *UPSMon) notifyMessage(d conf.Directive) {
	m.notice(d, func(n *monitor.Notice) { n.Message = d.Args[1] })
}

// notifyFlag takes NOTIFYFLAG. IGNORE wins over whatever stands beside it.
func (m *UPSMon) notifyFlag(d conf.Directive) {
	var flags monitor.Flags
	for word := range strings.SplitSeq(strings.ToUpper(d.Args[1]), "+") {
		switch word {
		case "SYSLOG":
			flags |= monitor.Syslog
		case "WALL":
			flags |= monitor.Wall
		case "EXEC":
			flags |= monitor.Exec
		case "IGNORE":
			m.notice(d, func(n *monitor.Notice) { n.Flags = 0 })
			return
		}
	}
	m.notice(d, func(n *monitor.Notice) { n.Flags = flags })
}

// notice changes how one kind of notice is told.
func (m *UPSMon) notice(d conf.Directive, change func(*monitor.Notice)) {
	t, ok := monitor.ParseType(d.Args[0])
	if !ok {
		return // conf has complained
	}
	n, ok := m.Decide.Notices[t]
	if !ok {
		n = monitor.DefaultNotice(t)
	}
	change(&n)
	m.Decide.Notices[t] = n
}

// commandLine is what the shell is to run. NUT 2.8 has it in one word; of
// several, each is one for the shell too.
func commandLine(args []string) string {
	if len(args) == 1 {
		return args[0]
	}
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}

// words is a program and its arguments. Where all stands in one word, as NUT 2.8
// has it for the shell, blanks part them, but for those in quotes.
func words(args []string) []string {
	if len(args) != 1 {
		return args
	}
	var all []string
	var word strings.Builder
	var quote rune
	begun := false
	for _, r := range args[0] {
		switch {
		case quote == 0 && unicode.IsSpace(r):
			if begun {
				all = append(all, word.String())
			}
			word.Reset()
			begun = false
			continue
		case r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		default:
			word.WriteRune(r)
		}
		begun = true
	}
	if begun {
		all = append(all, word.String())
	}
	return all
}
