package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/kelseyhightower/envconfig"

	"github.com/wattnut/wattnut/nut/conf"
)

// Env is what the variables WATTNUT_* say: WebListen is WATTNUT_WEB_LISTEN.
type Env struct {
	Listen           string     `split_words:"true" desc:"where to serve clients, in place of upsd.conf: what LISTEN takes, several apart by commas, as in \"0.0.0.0:3493, ::1\""`
	WebListen        string     `split_words:"true" default:"127.0.0.1:9199" desc:"where to serve the web pages and /metrics; empty serves none"`
	WebConfig        string     `split_words:"true" desc:"a file that asks for TLS and passwords there, as Prometheus exporters take it (web.yml)"`
	WebSystemdSocket Choice     `split_words:"true" default:"auto" desc:"whether to serve the web pages on the socket that systemd opened, in place of WATTNUT_WEB_LISTEN: yes, no, or auto, which is where it opened one"`
	ProbeConfig      string     `split_words:"true" desc:"a file of the NUT servers that /probe may ask, and how (probe.yml); without it, none"`
	VariableInfo     Switch     `split_words:"true" desc:"whether what a variable says that is no number is a metric too, nut_variable_info{variable,value}; each new value is a new series"`
	CompatDRuggeri   Switch     `envconfig:"COMPAT_DRUGGERI" default:"true" desc:"whether there is /ups_metrics, the page of DRuggeri's nut_exporter"`
	CompatHON95      Switch     `envconfig:"COMPAT_HON95" default:"true" desc:"whether there is /nut, the page of HON95's prometheus-nut-exporter"`
	CompatPeaNUT     Switch     `envconfig:"COMPAT_PEANUT" default:"true" desc:"whether there is /api/v1/devices, the part of PeaNUT's API that widgets read"`
	PprofListen      string     `split_words:"true" desc:"a loopback address, such as 127.0.0.1:6060, for profiles and to set the log's level; empty serves none"`
	OTLPHardware     Switch     `split_words:"true" desc:"whether hw.* of OpenTelemetry's conventions is sent to the collector beside nut.*; OTEL_* say where to"`
	LogFormat        LogFormat  `split_words:"true" default:"text" desc:"text, json, or journal: systemd's own, with a field for each attribute"`
	LogLevel         slog.Level `split_words:"true" default:"info" desc:"debug, info, warn or error"`
	StateDir         string     `split_words:"true" desc:"the folder of the local sockets, before NUT_STATEPATH and all files"`
	History          string     `desc:"the file that the history of the UPSes is kept in; off keeps it in memory only; without it, history.db in $STATE_DIRECTORY, else in /var/lib/wattnut if it is there, else in the state folder"`
	UPSMon           Choice     `envconfig:"UPSMON" default:"auto" desc:"whether the agent does what upsmon would, where upsmon.conf has a MONITOR line: yes, no, or auto, which is where it has the rights to shut the host down"`
}

// prefix is what the variables of Env begin with.
const prefix = "WATTNUT"

// LogFormat is how to log, and where to.
type LogFormat string

// The formats of a log.
const (
	LogText    LogFormat = "text"
	LogJSON    LogFormat = "json"
	LogJournal LogFormat = "journal" // systemd's
)

// UnmarshalText takes these, and nothing for text.
func (f *LogFormat) UnmarshalText(text []byte) error {
	switch format := LogFormat(text); format {
	case LogText, LogJSON, LogJournal:
		*f = format
	case "":
		*f = LogText
	default:
		return errors.New("it is none of text, json and journal")
	}
	return nil
}

// Variable is one of the environment's that the agent heeds.
type Variable struct{ Name, Default, About string }

// Variables lists those that begin with WATTNUT_; a name that ends in "name"
// stands for many.
func Variables() []Variable {
	var rows bytes.Buffer
	if err := envconfig.Usagef(prefix, new(Env), &rows, "{{range .}}{{usage_key .}}\t{{usage_default .}}\t{{usage_description .}}\n{{end}}"); err != nil {
		panic(err) // the text above, and Env, are at fault
	}
	var all []Variable
	for row := range strings.Lines(rows.String()) {
		words := strings.SplitN(strings.TrimSuffix(row, "\n"), "\t", 3)
		all = append(all, Variable{words[0], words[1], words[2]})
	}
	return append(all,
		Variable{"WATTNUT_UPS_name", "", `a UPS without ups.conf, as in "driver=dummy-ups port=office.dev"`},
		Variable{"WATTNUT_USER_name", "", `a user without upsd.users, as in "password=... actions=SET instcmds=ALL"`})
}

// Usage writes what variables there are, for the help of a program.
func Usage(w io.Writer) {
	for _, v := range Variables() {
		if v.Default != "" {
			v.Name += " (" + v.Default + ")"
		}
		fmt.Fprintf(w, "  %s\n      %s\n", v.Name, v.About)
	}
}

// Choice is "yes", "no" or "auto".
type Choice string

// UnmarshalText takes these, all that conf.Bool takes, and nothing for auto.
func (c *Choice) UnmarshalText(text []byte) error {
	word := string(text)
	yes, ok := conf.Bool(word)
	switch {
	case ok && yes:
		*c = "yes"
	case ok:
		*c = "no"
	case word == "" || strings.EqualFold(word, "auto"):
		*c = "auto"
	default:
		return errors.New("it is none of yes, no and auto")
	}
	return nil
}

// Switch is yes or no.
type Switch bool

// UnmarshalText takes all that conf.Bool takes.
func (s *Switch) UnmarshalText(text []byte) error {
	yes, ok := conf.Bool(string(text))
	if !ok {
		return errors.New("it is neither yes nor no")
	}
	*s = Switch(yes)
	return nil
}

// environment reads Env, and reports what is wrong with it.
func (l *loader) environment() Env {
	var e Env
	if err := envconfig.Process(prefix, &e); err != nil {
		p := conf.Problem{File: "the environment", Severity: conf.Fatal, Text: err.Error()}
		if pe, ok := errors.AsType[*envconfig.ParseError](err); ok {
			p.File, p.Text = pe.KeyName, fmt.Sprintf("%q: %v", pe.Value, pe.Err)
		}
		l.report.add(p)
	}
	l.strangers()
	return e
}

// strangers warns of variables that look like ours and are not.
func (l *loader) strangers() {
	var names []string
	for _, v := range Variables() {
		if !strings.HasSuffix(v.Name, "_name") {
			names = append(names, v.Name)
		}
	}
	for _, v := range variables(prefix + "_") {
		kind, _, _ := strings.Cut(v.name, "_")
		switch {
		case slices.Contains(names, v.key), kind == "ups", kind == "user":
		case v.key == "WATTNUT_ALL_TESTS", v.key == "WATTNUT_SHARED": // for tests
		default:
			l.report.add(conf.Problem{File: v.key, Text: "this variable means nothing; there are " + strings.Join(names, ", ")})
		}
	}
}

// variable is one of the environment's.
type variable struct{ key, name, value string } // name is what follows the prefix, in lower case

// variables lists those whose keys begin with prefix, by key.
func variables(prefix string) []variable {
	var all []variable
	for _, v := range os.Environ() {
		key, value, _ := strings.Cut(v, "=")
		if name, ok := strings.CutPrefix(key, prefix); ok && name != "" {
			all = append(all, variable{key, strings.ToLower(name), value})
		}
	}
	slices.SortFunc(all, func(a, b variable) int { return strings.Compare(a.key, b.key) })
	return all
}
