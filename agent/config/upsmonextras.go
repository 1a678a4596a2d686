package config

import (
	"strings"
	"time"

	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/nut/conf"
)

// extras takes the directives that NUT does not have, which are about UPSes of
// MONITOR lines; "*" stands for all of them.
func (l *loader) extras(m *UPSMon, s *conf.Section) {
	for _, d := range s.Directives {
		take := extraDirectives[d.Name]
		if take == nil {
			continue
		}
		found := false
		for i := range m.Decide.UPSes {
			if u := &m.Decide.UPSes[i]; d.Args[0] == "*" || d.Args[0] == u.Name {
				take(u, d.Args[1:])
				found = true
			}
		}
		if !found {
			l.complain(conf.Error, d, "there is no MONITOR line for %s", d.Args[0])
		}
	}
}

var extraDirectives = map[string]func(*monitor.UPS, []string){
	"SHUTDOWN_WHEN": func(u *monitor.UPS, words []string) {
		pairs(words, map[string]any{"CHARGE": &u.Limits.Charge, "RUNTIME": &u.Limits.Runtime, "ONBATTERY": &u.Limits.OnBattery})
	},
	"LOWBATT_AGREE": func(u *monitor.UPS, words []string) {
		u.Agree.On = true
		pairs(words, map[string]any{"CHARGE": &u.Agree.Charge, "RUNTIME": &u.Agree.Runtime, "FOR": &u.Agree.For})
	},
}

// pairs sets fields by the names and numbers in words, which are checked
// already.
func pairs(words []string, fields map[string]any) {
	for i := 0; i+1 < len(words); i += 2 {
		d, _, _ := conf.Seconds(words[i+1])
		switch field := fields[strings.ToUpper(words[i])].(type) {
		case *float64:
			*field = d.Seconds()
		case *time.Duration:
			*field = d
		}
	}
}

// insufficient tells that upsmon could not work with it.
func (l *loader) insufficient(m *UPSMon) {
	if err := m.Decide.Check(); err != nil {
		l.report.add(conf.Problem{File: conf.UPSMonConf.Name, Severity: conf.Fatal, Text: err.Error()})
	}
}

// judge tells what cannot work, or does not do what it seems to.
func (l *loader) judge(m *UPSMon, s *conf.Section) {
	l.insufficient(m)
	if d, ok := s.Last("NOTIFYCMD"); ok && strings.ContainsAny(strings.Join(d.Args, " "), "|<>;&$`*") {
		l.complain(conf.Warning, d, "no shell runs it, so characters that only a shell understands reach the program as they are: write a script")
	}
	if m.ShutdownCmd == "" && m.ShutdownBy == ByCommand && m.Decide.MinSupplies > 0 {
		l.report.add(conf.Problem{File: conf.UPSMonConf.Name, Text: "there is no SHUTDOWNCMD: nothing ends this host when the power does"})
	}
	l.certificates(m, s)
}
