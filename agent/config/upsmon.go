package config

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/nut/client"
	"github.com/wattnut/wattnut/nut/conf"
)

// UPSMon is what upsmon.conf says.
type UPSMon struct {
	Decide   monitor.Config // with a UPS for each of Monitors, in their order
	Monitors []Monitored

	ShutdownCmd   string   // SHUTDOWNCMD, for the shell; "" if it is not given
	PowerDownFlag string   // POWERDOWNFLAG; "" for none
	NotifyCmd     []string // NOTIFYCMD: the program and its first arguments; empty for none
	ShutdownBy    Shutdown // SHUTDOWN_BY, ours
	KeepIfLost    bool     // SHUTDOWN_IF_LOST no, ours: the host stays up if upsmon is lost while the battery is low
	RunUPSSched   bool     // UPSSCHED PROGRAM, ours: a NOTIFYCMD that is upssched is run as any other
	RunAsUser     string   // RUN_AS_USER; "" if it is not given
	DebugMin      int      // DEBUG_MIN

	CertPath     string // CERTPATH: a file or a folder of authorities in PEM
	CertFile     string // CERTFILE: a certificate and its key in PEM
	CertName     string // CERTIDENT's name
	CertPassword Secret // CERTIDENT's password
	CertVerify   bool   // CERTVERIFY
	ForceSSL     bool   // FORCESSL
	CertHosts    []CertHost
}

// Shutdown is a way to end the host.
type Shutdown uint8

// The ways to end the host.
const (
	ByCommand Shutdown = iota // SHUTDOWNCMD
	ByLogind                  // the login manager over D-Bus, or else SHUTDOWNCMD
	ByExit                    // the end of the process tells whoever runs it, as in a container
)

// Monitored is what a MONITOR line says of reaching a UPS.
type Monitored struct {
	Name     string // as it stands there
	Target   client.Target
	User     string
	Password Secret
	Line     int
}

// CertHost is what is asked of one host's TLS (CERTHOST).
type CertHost struct {
	Host   string
	Name   string // what its certificate must name, "" for the host itself
	Verify bool
	Force  bool
}

// LoadUPSMon reads upsmon.conf out of dir, which is looked for as [Dir] does, or
// from file if that is not "". Neither result is nil; one with fatal problems is
// not fit to be started.
func LoadUPSMon(dir, file string) (*UPSMon, *Report) {
	l := &loader{config: &Config{Dir: Dir(dir)}, report: new(Report)}
	if file == "" {
		file = filepath.Join(l.config.Dir, conf.UPSMonConf.Name)
	}
	m := l.upsmon(l.readPath(conf.UPSMonConf, file, true))
	if len(m.Monitors) == 0 {
		l.insufficient(m)
	}
	l.report.sort()
	return m, l.report
}

// upsmon takes upsmon.conf. One without a MONITOR line is that of a site that
// does without upsmon, and nothing is wrong with it.
func (l *loader) upsmon(file *conf.File) *UPSMon {
	m := &UPSMon{Decide: monitor.Defaults()}
	m.Decide.Notices = make(map[monitor.Type]monitor.Notice)
	for _, d := range file.Global().Directives {
		if set := upsmonDirectives[d.Name]; set != nil {
			set(m, d)
		} else if d.Name == "MONITOR" {
			l.monitored(m, d)
		}
	}
	for i := range m.CertHosts {
		m.CertHosts[i].inherit(file.Global(), m)
	}
	l.extras(m, file.Global())
	if len(m.Monitors) > 0 {
		l.judge(m, file.Global())
	}
	return m
}

// upsmonDirectives says what each directive does, but for MONITOR and those that
// need all MONITOR lines to be there.
var upsmonDirectives = map[string]func(*UPSMon, conf.Directive){
	"MINSUPPLIES":               func(m *UPSMon, d conf.Directive) { m.Decide.MinSupplies, _, _ = conf.Number(d.Value()) },
	"POLLFREQ":                  func(m *UPSMon, d conf.Directive) { m.Decide.PollFreq, _, _ = conf.Seconds(d.Value()) },
	"POLLFREQALERT":             func(m *UPSMon, d conf.Directive) { m.Decide.PollFreqAlert, _, _ = conf.Seconds(d.Value()) },
	"HOSTSYNC":                  func(m *UPSMon, d conf.Directive) { m.Decide.HostSync, _, _ = conf.Seconds(d.Value()) },
	"DEADTIME":                  func(m *UPSMon, d conf.Directive) { m.Decide.DeadTime, _, _ = conf.Seconds(d.Value()) },
	"RBWARNTIME":                func(m *UPSMon, d conf.Directive) { m.Decide.ReplaceWarn, _, _ = conf.Seconds(d.Value()) },
	"NOCOMMWARNTIME":            func(m *UPSMon, d conf.Directive) { m.Decide.NoCommWarn, _, _ = conf.Seconds(d.Value()) },
	"FINALDELAY":                func(m *UPSMon, d conf.Directive) { m.Decide.FinalDelay, _, _ = conf.Seconds(d.Value()) },
	"POLLFAIL_LOG_THROTTLE_MAX": func(m *UPSMon, d conf.Directive) { m.Decide.LogPollFail, _, _ = conf.Integer(d.Value()) },
	"OFFDURATION":               func(m *UPSMon, d conf.Directive) { m.Decide.Off = signed(d) },
	"OVERDURATION":              func(m *UPSMon, d conf.Directive) { m.Decide.Over = signed(d) },
	"OBLBDURATION":              func(m *UPSMon, d conf.Directive) { m.Decide.LowBattery = signed(d) },
	"ALARMCRITICAL":             func(m *UPSMon, d conf.Directive) { m.Decide.AlarmCritical, _ = conf.Bool(d.Value()) },
	"LOSTTIME":                  func(m *UPSMon, d conf.Directive) { m.Decide.LostTime, _, _ = conf.Seconds(d.Value()) },
	"SHUTDOWNEXIT":              func(m *UPSMon, d conf.Directive) { m.Decide.ShutdownExit = linger(d.Value()) },
	"NOTIFYMSG":                 (*UPSMon).notifyMessage,
	"NOTIFYFLAG":                (*UPSMon).notifyFlag,
	"NOTIFYCMD":                 func(m *UPSMon, d conf.Directive) { m.NotifyCmd = words(d.Args) },
	"SHUTDOWNCMD":               func(m *UPSMon, d conf.Directive) { m.ShutdownCmd = commandLine(d.Args) },
	"SHUTDOWN_BY":               func(m *UPSMon, d conf.Directive) { m.ShutdownBy = shutdownWays[strings.ToUpper(d.Value())] },
	"SHUTDOWN_IF_LOST":          func(m *UPSMon, d conf.Directive) { yes, _ := conf.Bool(d.Value()); m.KeepIfLost = !yes },
	"UPSSCHED":                  func(m *UPSMon, d conf.Directive) { m.RunUPSSched = strings.EqualFold(d.Value(), "PROGRAM") },
	"POWERDOWNFLAG":             func(m *UPSMon, d conf.Directive) { m.PowerDownFlag = d.Value() },
	"RUN_AS_USER":               func(m *UPSMon, d conf.Directive) { m.RunAsUser = d.Value() },
	"DEBUG_MIN":                 func(m *UPSMon, d conf.Directive) { m.DebugMin, _, _ = conf.Number(d.Value()) },
	"CERTPATH":                  func(m *UPSMon, d conf.Directive) { m.CertPath = d.Value() },
	"CERTFILE":                  func(m *UPSMon, d conf.Directive) { m.CertFile = d.Value() },
	"CERTIDENT":                 func(m *UPSMon, d conf.Directive) { m.CertName, m.CertPassword = d.Value(), Secret(d.Args[1]) },
	"CERTVERIFY":                func(m *UPSMon, d conf.Directive) { m.CertVerify, _ = conf.Bool(d.Value()) },
	"FORCESSL":                  func(m *UPSMon, d conf.Directive) { m.ForceSSL, _ = conf.Bool(d.Value()) },
	"CERTHOST": func(m *UPSMon, d conf.Directive) {
		m.CertHosts = append(m.CertHosts, CertHost{Host: d.Args[0], Name: d.Args[1]})
	},
}

var shutdownWays = map[string]Shutdown{"COMMAND": ByCommand, "LOGIND": ByLogind, "EXIT": ByExit}

func signed(d conf.Directive) time.Duration {
	n, _, _ := conf.Integer(d.Value())
	return time.Duration(n) * time.Second
}

// linger reads SHUTDOWNEXIT as [monitor.Config] has it.
func linger(word string) time.Duration {
	switch yes, ok := conf.Bool(word); {
	case word == "1": // a second, not "yes"
		return time.Second
	case ok && yes, word == "0":
		return 0
	case ok:
		return -1
	}
	d, _, _ := conf.Seconds(word)
	return d
}
