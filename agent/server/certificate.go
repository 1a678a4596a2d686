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
// on being used.
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
	seen    map[string]fileState
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
		l.source.Log.Error("certificate not read again", "err", err)
		return l.current, nil
	}
	l.source.Log.Info("certificate read again", "file", l.source.File)
	l.current = next
	return next, nil
}

// stale tells whether any file is not as it was when it was last looked at.
func (l *certLoader) stale() bool {
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
// reads is seen the next time, and a broken file is told once.
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
	if c.ClientAuth == tls.NoClientCert || c.ClientCAs == "" {
		return config, nil
	}
	l.seen[c.ClientCAs] = look(c.ClientCAs)
	config.ClientCAs, err = authorities(c.ClientCAs)
	return config, err
}

// authorities reads the certificates of a bundle, or of all files of a folder
// that are PEM.
func authorities(path string) (*x509.CertPool, error) {
	files := []string{path}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("client authorities: %w", err)
	}
	if info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*")); err != nil {
			return nil, fmt.Errorf("client authorities %s: %w", path, err)
		}
	}
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

var errNoCertificate = errors.New("no certificate in PEM form there")
