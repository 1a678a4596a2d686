package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut/conf"
)

// server takes upsd.conf, and what nut.conf says of the server.
func (l *loader) server(upsd, nut *conf.File) {
	s := &l.config.Server
	*s = Server{MaxAge: 15 * time.Second, TrackingDelay: time.Hour}
	var listens []conf.Directive
	for _, d := range upsd.Global().Directives {
		switch set := serverDirectives[d.Name]; {
		case d.Name == "LISTEN":
			listens = append(listens, d)
		case d.Name == "STATEPATH":
			l.state = d.Value()
		case set != nil:
			set(s, d)
		}
	}
	l.allow("ALLOW_NO_DEVICE", nut, &s.AllowNoDevice)
	l.allow("ALLOW_NOT_ALL_LISTENERS", nut, &s.AllowNotAllListeners)
	source := "upsd.conf"
	if l.config.Env.Listen != "" {
		source, listens = "WATTNUT_LISTEN", l.listenEnv(l.config.Env.Listen)
	}
	for _, d := range listens {
		l.listen(source, d)
	}
	switch {
	case len(listens) == 0 && source == "upsd.conf":
		s.Listen = []Listen{{Host: "127.0.0.1", Port: defaultPort}, {Host: "::1", Port: defaultPort}}
		s.ListenDefault = true
	case len(s.Listen) == 0:
		l.report.Add(source, errors.New("there is nowhere to listen: no LISTEN can be used"))
	}
	l.secure(source)
}

// secure reports TLS that is asked for and cannot be had. A certificate that is
// asked for wrongly is fatal: the server would speak in clear.
func (l *loader) secure(source string) {
	s := &l.config.Server
	for i, p := range l.report.Problems {
		if p.File == "upsd.conf" && p.Severity == conf.Error && (strings.HasPrefix(p.Text, "CERT") || strings.HasPrefix(p.Text, "DISABLE_WEAK_SSL")) {
			l.report.Problems[i].Severity = conf.Fatal
		}
	}
	if s.CertFile != "" {
		return
	}
	if slices.ContainsFunc(s.Listen, func(l Listen) bool { return l.TLSRequired }) {
		l.report.add(conf.Problem{File: source, Severity: conf.Error, Text: "LISTEN: tls-required, and no CERTFILE: nobody could be served there"})
	}
	if s.CertPath != "" || s.CertName != "" {
		l.report.add(conf.Problem{
			File: "upsd.conf",
			Text: "there is no TLS without CERTFILE, a certificate with its key in PEM; a database of NSS, as CERTPATH and CERTIDENT name it, has to be exported: " +
				"pk12util -d DATABASE -n NAME -o x.p12; openssl pkcs12 -nodes -in x.p12 -out CERTFILE",
		})
	}
}

// serverDirectives says what each directive of upsd.conf does, but LISTEN and
// STATEPATH.
var serverDirectives = map[string]func(*Server, conf.Directive){
	"MAXAGE":                  func(s *Server, d conf.Directive) { s.MaxAge, _, _ = conf.Seconds(d.Value()) },
	"TRACKINGDELAY":           func(s *Server, d conf.Directive) { s.TrackingDelay, _, _ = conf.Seconds(d.Value()) },
	"MAXCONN":                 func(s *Server, d conf.Directive) { s.MaxConn, _, _ = conf.Number(d.Value()) },
	"DATAPATH":                func(s *Server, d conf.Directive) { s.DataPath = d.Value() },
	"DEBUG_MIN":               func(s *Server, d conf.Directive) { s.DebugMin, _, _ = conf.Number(d.Value()) },
	"ALLOW_NO_DEVICE":         func(s *Server, d conf.Directive) { s.AllowNoDevice, _ = conf.Bool(d.Value()) },
	"ALLOW_NOT_ALL_LISTENERS": func(s *Server, d conf.Directive) { s.AllowNotAllListeners, _ = conf.Bool(d.Value()) },
	"CERTFILE":                func(s *Server, d conf.Directive) { s.CertFile = d.Value() },
	"CERTPATH":                func(s *Server, d conf.Directive) { s.CertPath = d.Value() },
	"CERTIDENT":               func(s *Server, d conf.Directive) { s.CertName, s.CertPassword = d.Value(), Secret(d.Args[1]) },
	"CERTREQUEST":             func(s *Server, d conf.Directive) { s.ClientAuth = clientAuth(d.Value()) },
	"DISABLE_WEAK_SSL":        func(s *Server, d conf.Directive) { s.DisableWeakSSL, _ = conf.Bool(d.Value()) },
}

func clientAuth(word string) tls.ClientAuthType {
	switch strings.ToUpper(word) {
	case "1", "REQUEST":
		return tls.VerifyClientCertIfGiven
	case "2", "REQUIRE":
		return tls.RequireAndVerifyClientCert
	}
	return tls.NoClientCert
}

// allow lets the environment, or else nut.conf, decide over upsd.conf.
func (l *loader) allow(name string, nut *conf.File, value *bool) {
	if d, ok := nut.Global().Last(name); ok {
		*value, _ = conf.Bool(d.Value())
	}
	text := os.Getenv(name)
	if text == "" {
		return
	}
	b, ok := conf.Bool(text)
	if !ok {
		l.report.add(conf.Problem{File: name, Text: fmt.Sprintf("%q is neither yes nor no, and is ignored", text)})
		return
	}
	*value = b
}

const defaultPort = "3493"

// listenEnv reads what WATTNUT_LISTEN has for LISTEN. Here, and nowhere else,
// host:port will do for the two words.
func (l *loader) listenEnv(value string) []conf.Directive {
	var text strings.Builder
	for item := range strings.SplitSeq(value, ",") {
		address, rest, _ := strings.Cut(strings.TrimSpace(item), " ")
		if host, port, err := net.SplitHostPort(address); err == nil {
			address = host + " " + port
		}
		fmt.Fprintf(&text, "LISTEN %s %s\n", address, rest)
	}
	file, err := conf.Parse(conf.UPSDConf, strings.NewReader(text.String()))
	if err != nil {
		l.report.Add("WATTNUT_LISTEN", err)
		return nil
	}
	for _, p := range file.Problems {
		p.File = "WATTNUT_LISTEN"
		l.report.add(p)
	}
	return file.Global().Directives
}

// listen takes one LISTEN. To NUT's upsd all have to be good, unless told
// otherwise.
func (l *loader) listen(file string, d conf.Directive) {
	entry := Listen{Host: strings.Trim(d.Args[0], "[]"), Port: defaultPort}
	words := d.Args[1:]
	if len(words) > 0 && !slices.Contains(conf.ListenWords, strings.ToLower(words[0])) {
		entry.Port, words = words[0], words[1:]
	}
	err := entry.check()
	for _, w := range words {
		entry.TLSRequired = entry.TLSRequired || strings.EqualFold(w, "tls-required")
		entry.NoAnonymous = entry.NoAnonymous || strings.EqualFold(w, "no-anonymous")
		if !slices.Contains(conf.ListenWords, strings.ToLower(w)) {
			// NUT passes over it, but here it may be a bolt that was misspelt.
			err = fmt.Errorf("%q is none of %s", w, strings.Join(conf.ListenWords, ", "))
		}
	}
	if err != nil {
		severity := conf.Error
		if l.options.Strict && !l.config.Server.AllowNotAllListeners {
			severity = conf.Fatal
		}
		l.report.add(conf.Problem{File: file, Line: d.Line, Severity: severity, Text: "LISTEN: " + err.Error()})
		return
	}
	l.config.Server.Listen = append(l.config.Server.Listen, entry)
}

// check tells what a person may have meant by what cannot be listened on.
func (l Listen) check() error {
	if n, err := strconv.Atoi(l.Port); err == nil {
		if n < 0 || n > 65535 {
			return fmt.Errorf("port %d is not between 0 and 65535", n)
		}
	} else if _, err := net.LookupPort("tcp", l.Port); err != nil || l.Port == "" {
		return fmt.Errorf("%q is neither the number of a port nor a service's name", l.Port)
	}
	if host, port, err := net.SplitHostPort(l.Host); err == nil && strings.Count(l.Host, ":") == 1 {
		return fmt.Errorf("the port is a word of its own: LISTEN %s %s", host, port)
	}
	if l.Host == "" || strings.Contains(l.Host, ":") && !isAddr(l.Host) {
		return fmt.Errorf("%q is neither an address nor a name", l.Host)
	}
	return nil
}

func isAddr(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
