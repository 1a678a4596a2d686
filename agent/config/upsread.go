package config

import (
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut/conf"
)

// common says what each common setting does.
var common = map[string]func(*Common, conf.Directive){
	"pollinterval":          func(c *Common, d conf.Directive) { c.PollInterval, _, _ = conf.Seconds(d.Value()) },
	"maxstartdelay":         func(c *Common, d conf.Directive) { c.MaxStartDelay, _, _ = conf.Seconds(d.Value()) },
	"maxretry":              func(c *Common, d conf.Directive) { c.MaxRetry, _, _ = conf.Number(d.Value()) },
	"retrydelay":            func(c *Common, d conf.Directive) { c.RetryDelay, _, _ = conf.Seconds(d.Value()) },
	"nowait":                func(c *Common, d conf.Directive) { c.NoWait = isSet(d) },
	"synchronous":           func(c *Common, d conf.Directive) { c.Synchronous = synchronous(d) },
	"sdorder":               func(c *Common, d conf.Directive) { c.SDOrder, _, _ = conf.Integer(d.Value()) },
	"sdcommands":            func(c *Common, d conf.Directive) { c.SDCommands = d.Value() },
	"allow_killpower":       func(c *Common, d conf.Directive) { c.AllowKillPower = isSet(d) },
	"nolock":                func(c *Common, d conf.Directive) { c.NoLock = isSet(d) },
	"ignorelb":              func(c *Common, d conf.Directive) { c.IgnoreLB = isSet(d) },
	"user":                  func(c *Common, d conf.Directive) { c.User = d.Value() },
	"group":                 func(c *Common, d conf.Directive) { c.Group = d.Value() },
	"debug_min":             func(c *Common, d conf.Directive) { c.DebugMin, _, _ = conf.Number(d.Value()) },
	"LIBUSB_DEBUG":          func(c *Common, d conf.Directive) { c.LibUSBDebug, _, _ = conf.Number(d.Value()) },
	"reconnect_max_tries":   func(c *Common, d conf.Directive) { c.ReconnectTries, _, _ = conf.Integer(d.Value()) },
	"reconnect_report_freq": func(c *Common, d conf.Directive) { c.ReconnectLog, _, _ = conf.Integer(d.Value()) },
}

// isSet is the value of a setting that may stand alone.
func isSet(d conf.Directive) bool {
	value, given := conf.Bool(d.Value())
	return value || !given
}

func synchronous(d conf.Directive) string {
	switch value, given := conf.Bool(d.Value()); {
	case !given:
		return "auto"
	case value:
		return "yes"
	}
	return "no"
}

// upses makes the UPSes of ups.conf and the environment.
func (l *loader) upses(file *conf.File) {
	base := defaults()
	for _, d := range file.Global().Directives {
		if set, ok := common[d.Name]; ok {
			set(&base, d)
		}
	}
	l.config.DriverPath = last(file.Global(), "driverpath")
	l.config.Chroot = last(file.Global(), "chroot")
	taken := make(map[string]string) // where the name of a UPS, in lower case, is taken
	for _, v := range variables("WATTNUT_UPS_") {
		parsed := conf.ParseSettings(conf.UPSConf, v.key, v.name, v.value)
		l.report.Problems = append(l.report.Problems, parsed.Problems...)
		l.ups(v.key, parsed.Named()[0], base, taken)
	}
	fromEnv := l.config.UPSes
	l.config.UPSes = nil
	for _, s := range file.Named() {
		l.ups("ups.conf", s, base, taken)
	}
	l.config.UPSes = append(l.config.UPSes, fromEnv...)
}

func last(s *conf.Section, name string) string {
	d, _ := s.Last(name)
	return d.Value()
}

// ups makes one UPS, unless its name is taken.
func (l *loader) ups(file string, s *conf.Section, base Common, taken map[string]string) {
	complain := func(severity conf.Severity, format string, args ...any) {
		l.report.add(conf.Problem{File: file, Line: s.Line, Section: s.Name, Severity: severity, Text: fmt.Sprintf(format, args...)})
	}
	folded := strings.ToLower(s.Name)
	if where, ok := taken[folded]; ok {
		severity := conf.Error // the two differ in case only
		if strings.HasPrefix(where, "WATTNUT_") {
			severity = conf.Warning
		}
		complain(severity, "UPS [%s] is ignored: %s has the name already, and case makes no difference", s.Name, where)
		return
	}
	taken[folded] = fmt.Sprintf("%s:%d", file, s.Line)
	u := newUPS(file, s, base)
	for _, needed := range []struct{ name, value string }{{"driver", u.Driver}, {"port", u.Port}} {
		if needed.value == "" && !s.Broken { // else its line may be what is left out
			u.Broken = true
			complain(conf.Error, "UPS [%s]: %s: is missing", s.Name, needed.name)
		}
	}
	if strings.Contains(s.Name+u.Driver, "/") { // they become the name of a file
		u.Broken = true
		complain(conf.Error, "UPS [%s]: neither its name nor its driver's can have a slash", s.Name)
	}
	if strings.ContainsAny(s.Name, " \t\"\\@:") {
		complain(conf.Warning, "UPS [%s]: clients will have trouble with that name: letters, digits, - and _ are safe", s.Name)
	}
	l.config.UPSes = append(l.config.UPSes, u)
}

func newUPS(file string, s *conf.Section, base Common) UPS {
	u := UPS{Name: s.Name, File: file, Line: s.Line, Broken: s.Broken, Common: base}
	u.Driver, u.Port, u.Desc = last(s, "driver"), last(s, "port"), last(s, "desc")
	for _, d := range s.Directives {
		u.take(d)
	}
	return u
}

// take gives u one more setting.
func (u *UPS) take(d conf.Directive) {
	u.Settings = append(u.Settings, Setting{drivers.Setting{Name: d.Name, Value: d.Value(), Flag: !d.Set}, d.Line})
	if set, ok := common[d.Name]; ok {
		set(&u.Common, d)
	} else if name, ok := strings.CutPrefix(d.Name, "default."); ok {
		put(&u.Default, name, d.Value())
	} else if name, ok := strings.CutPrefix(d.Name, "override."); ok {
		put(&u.Override, name, d.Value())
	}
}

func put(m *map[string]string, key, value string) {
	if *m == nil {
		*m = make(map[string]string)
	}
	(*m)[key] = value
}
