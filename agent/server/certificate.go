package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Certificate is where the server's certificate comes from, and what it asks of
// its clients'.
type Certificate struct {
	File       string             // PEM: the certificate, its chain, and its key (CERTFILE)
	KeyFile    string             // PEM: the key; "" is File
	ClientCAs  string             // PEM, a bundle or a folder: who signs clients' certificates (CERTPATH)
	ClientAuth tls.ClientAuthType // what is asked of clients (CERTREQUEST)
	MinVersion uint16             // tls.VersionTLS12 for DISABLE_WEAK_SSL; 0 is Go's own floor
	Log        *slog.Logger       // nil discards
}

// Config reads the files and returns the configuration for [Server.TLS]. It
// looks at the files again at each handshake, and reads them again if they
// changed; files that became unusable are logged, and what was read before goes
// on being used until they are good again. To ask for certificates without
// saying who signs them is an error: the system's authorities sign anybody's.
func (c Certificate) Config() (*tls.Config, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.KeyFile == "" {
		c.KeyFile = c.File
	}
	l := &certLoader{source: c}
	current, err := l.load()
	if err != nil {
		return nil, err
	}
	l.current = current
	outer := current.Clone()
	outer.GetConfigForClient = l.get
	return outer, nil
}

// certLoader keeps a configuration and the state its files were in.
type certLoader struct {
	source Certificate

	mu      sync.Mutex
	current *tls.Config
	seen    map[string]fileState // of what was read; nil if that was no use
	fault   string               // what was wrong the last time, "" for nothing
}

type fileState struct {
	changed time.Time
	size    int64
}

// get is tls.Config.GetConfigForClient.
func (l *certLoader) get(*tls.ClientHelloInfo) (*tls.Config, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.stale() {
		return l.current, nil
	}
	next, err := l.load()
	if err != nil {
		if l.seen = nil; l.fault != err.Error() {
			l.fault = err.Error()
			l.source.Log.Error("certificate not read again", "error", err)
		}
		return l.current, nil
	}
	l.source.Log.Info("certificate read again", "file", l.source.File)
	l.current, l.fault = next, ""
	return next, nil
}

// stale tells whether any file is not as it was when it was last read, or could
// not be read then: it may be readable now, and look the same.
func (l *certLoader) stale() bool {
	if l.seen == nil {
		return true
	}
	for path, was := range l.seen {
		if look(path) != was {
			return true
		}
	}
	return false
}

// look returns the state of a file, the zero state if it cannot be had.
func look(path string) fileState {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{}
	}
	return fileState{info.ModTime(), info.Size()}
}

// load reads all files. It notes their state first, so that a change while it
// reads is seen the next time.
func (l *certLoader) load() (*tls.Config, error) {
	c := l.source
	l.seen = map[string]fileState{c.File: look(c.File), c.KeyFile: look(c.KeyFile)}
	pair, err := tls.LoadX509KeyPair(c.File, c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("certificate %s: %w", c.File, err)
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{pair},
		MinVersion:   c.MinVersion,
		ClientAuth:   c.ClientAuth,
	}
	if c.ClientAuth == tls.NoClientCert {
		return config, nil
	}
	files, err := authorityFiles(c.ClientCAs)
	if err != nil {
		return nil, err
	}
	for _, path := range append(files, c.ClientCAs) {
		l.seen[path] = look(path)
	}
	config.ClientCAs, err = authorities(c.ClientCAs, files)
	return config, err
}

// authorityFiles are a bundle, or all files of a folder.
func authorityFiles(path string) ([]string, error) {
	if path == "" {
		return nil, errNoAuthorities
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("client authorities: %w", err)
	}
	files := make([]string, len(entries))
	for i, e := range entries {
		files[i] = filepath.Join(path, e.Name())
	}
	return files, nil
}

// authorities reads the certificates of those files that are PEM.
func authorities(path string, files []string) (*x509.CertPool, error) {
	pool, found := x509.NewCertPool(), false
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && pool.AppendCertsFromPEM(data) {
			found = true
		}
	}
	if !found {
		return nil, fmt.Errorf("client authorities %s: %w", path, errNoCertificate)
	}
	return pool, nil
}

var (
	errNoCertificate = errors.New("no certificate in PEM form there")
	errNoAuthorities = errors.New("client authorities: certificates are asked of clients, but not said is who signs them")
)
