package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/nut/conf"
)

// inherit takes a CERTHOST's last words, of which -1 stands for what CERTVERIFY
// and FORCESSL say.
func (h *CertHost) inherit(s *conf.Section, m *UPSMon) {
	h.Verify, h.Force = m.CertVerify, m.ForceSSL
	for _, d := range s.Directives {
		if d.Name != "CERTHOST" || d.Args[0] != h.Host {
			continue
		}
		if d.Args[2] != "-1" {
			h.Verify, _ = conf.Bool(d.Args[2])
		}
		if d.Args[3] != "-1" {
			h.Force, _ = conf.Bool(d.Args[3])
		}
	}
}

// certificates tells of TLS that cannot work.
func (l *loader) certificates(m *UPSMon, s *conf.Section) {
	if _, err := m.Links(); err != nil {
		d, ok := s.Last("CERTPATH")
		if !ok || m.CertFile != "" && !strings.Contains(err.Error(), m.CertPath) {
			d, _ = s.Last("CERTFILE")
		}
		l.complain(conf.Fatal, d, "%v", err)
	}
}

// Links returns how each of m.Monitors is reached. It reads the certificates.
func (m *UPSMon) Links() ([]monitor.Link, error) {
	var pair []tls.Certificate
	if m.CertFile != "" {
		c, err := tls.LoadX509KeyPair(m.CertFile, m.CertFile)
		if err != nil {
			return nil, fmt.Errorf("certificate: %w", err)
		}
		pair = []tls.Certificate{c}
	}
	verifies := m.CertVerify || slices.ContainsFunc(m.CertHosts, func(h CertHost) bool { return h.Verify })
	var roots *x509.CertPool
	if verifies && m.CertPath != "" {
		var err error
		if roots, err = authorities(m.CertPath); err != nil {
			return nil, err
		}
	}
	links := make([]monitor.Link, 0, len(m.Monitors))
	for _, o := range m.Monitors {
		h := m.host(o.Target.Host)
		links = append(links, monitor.Link{
			Name: o.Name, Target: o.Target, User: o.User, Password: string(o.Password),
			RequireTLS: h.Force || h.Verify,
			TLS: &tls.Config{
				MinVersion: tls.VersionTLS12, ServerName: h.Name, RootCAs: roots, Certificates: pair,
				InsecureSkipVerify: !h.Verify,
			},
		})
	}
	return links, nil
}

// host is what is asked of a host's TLS. Its Name is never "".
func (m *UPSMon) host(name string) CertHost {
	h := CertHost{Verify: m.CertVerify, Force: m.ForceSSL}
	if i := slices.IndexFunc(m.CertHosts, func(h CertHost) bool { return strings.EqualFold(h.Host, name) }); i >= 0 {
		h = m.CertHosts[i]
	}
	if h.Name == "" {
		h.Name = name
	}
	return h
}

// maxPEM is the most that is read of one file.
const maxPEM = 1 << 20

// authorities reads the certificates of a file, or of the files of a folder.
func authorities(path string) (*x509.CertPool, error) {
	files := []string{path}
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	} else if info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*")); err != nil {
			return nil, fmt.Errorf("certificates: %w", err)
		}
	}
	pool, found := x509.NewCertPool(), false
	for _, name := range files {
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			continue
		}
		text, err := readPEM(name)
		if err != nil {
			return nil, fmt.Errorf("certificates: %w", err)
		}
		found = pool.AppendCertsFromPEM(text) || found
	}
	if !found {
		return nil, fmt.Errorf("certificates: there is none in PEM form in %s (a database of NSS has to be exported: certutil -L -n NAME -a)", path)
	}
	return pool, nil
}

func readPEM(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxPEM))
}
