package server

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// handshakeWith returns the name of the certificate that a server with config
// shows to a client with its own.
func handshakeWith(t *testing.T, address string, config *tls.Config) (string, error) {
	t.Helper()
	p := dial(t, address)
	p.ask("STARTTLS", "OK STARTTLS")
	p.SetDeadline(time.Now().Add(5 * time.Second))
	c := tls.Client(p.Conn, config)
	if err := c.Handshake(); err != nil {
		return "", err
	}
	if _, err := c.Write([]byte("PROTVER\n")); err != nil {
		return "", err
	}
	if _, err := c.Read(make([]byte, 8)); err != nil { // where TLS 1.3 tells that it wants another certificate
		return "", err
	}
	return c.ConnectionState().PeerCertificates[0].Subject.CommonName, nil
}

func TestCertificateIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "server.pem")
	renew := func(name string, when time.Time) {
		cert, key := newCertificate(t, name)
		write(t, file, cert, key)
		if err := os.Chtimes(file, when, when); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	renew("first", now)
	config, err := Certificate{File: file}.Config()
	if err != nil {
		t.Fatal(err)
	}
	address := listen(t, &Server{TLS: config}, Policy{})
	insecure := &tls.Config{InsecureSkipVerify: true}
	shows := func(want string) {
		t.Helper()
		if got, err := handshakeWith(t, address, insecure); got != want || err != nil {
			t.Errorf("shows %q, %v, want %q", got, err, want)
		}
	}
	shows("first")
	renew("second", now.Add(time.Minute))
	shows("second")
	write(t, file, []byte("not a certificate"))
	shows("second")
	os.Remove(file)
	shows("second")
	renew("third", now.Add(2*time.Minute))
	shows("third")
}

func TestClientCertificates(t *testing.T) {
	dir := t.TempDir()
	cert, key := newCertificate(t, "server")
	file := write(t, filepath.Join(dir, "server.pem"), cert, key)
	clientCert, clientKey := newCertificate(t, "client")
	cas := filepath.Join(dir, "cas")
	if err := os.Mkdir(cas, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(cas, "README"), []byte("no certificate"))
	bundle := write(t, filepath.Join(cas, "client.pem"), clientCert)
	pair, err := tls.X509KeyPair(clientCert, clientKey)
	if err != nil {
		t.Fatal(err)
	}
	known := &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}}
	unknown := &tls.Config{InsecureSkipVerify: true}
	for _, path := range []string{cas, bundle} {
		config, err := Certificate{File: file, ClientCAs: path, ClientAuth: tls.RequireAndVerifyClientCert}.Config()
		if err != nil {
			t.Fatal(err)
		}
		address := listen(t, &Server{TLS: config}, Policy{})
		if _, err := handshakeWith(t, address, known); err != nil {
			t.Errorf("a known client: %v", err)
		}
		if _, err := handshakeWith(t, address, unknown); err == nil {
			t.Error("an unknown client is let in")
		}
	}
}

func TestTLSFloor(t *testing.T) {
	cert, key := newCertificate(t, "server")
	file := write(t, filepath.Join(t.TempDir(), "server.pem"), cert, key)
	for floor, want := range map[uint16]bool{0: false, tls.VersionTLS10: true, tls.VersionTLS12: false} {
		config, err := Certificate{File: file, MinVersion: floor}.Config()
		if err != nil {
			t.Fatal(err)
		}
		address := listen(t, &Server{TLS: config}, Policy{})
		old := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS11, MaxVersion: tls.VersionTLS11}
		if _, err := handshakeWith(t, address, old); (err == nil) != want {
			t.Errorf("floor %#x, TLS 1.1: %v", floor, err)
		}
	}
}

func TestCertificateErrors(t *testing.T) {
	dir := t.TempDir()
	cert, key := newCertificate(t, "server")
	good := write(t, filepath.Join(dir, "good.pem"), cert, key)
	noKey := write(t, filepath.Join(dir, "nokey.pem"), cert)
	for name, c := range map[string]Certificate{
		"missing.pem":  {File: filepath.Join(dir, "missing.pem")},
		"nokey.pem":    {File: noKey},
		"said nothing": {File: good, ClientAuth: tls.VerifyClientCertIfGiven},
		"no authority": {File: good, ClientCAs: filepath.Join(dir, "none"), ClientAuth: tls.RequireAndVerifyClientCert},
		"in PEM form":  {File: good, ClientCAs: write(t, filepath.Join(dir, "junk"), []byte("junk")), ClientAuth: tls.RequestClientCert},
	} {
		_, err := c.Config()
		if err == nil {
			t.Errorf("%s is taken", name)
			continue
		}
		if text := err.Error(); strings.Contains(text, "\n") || !strings.HasPrefix(text, "certificate ") && !strings.HasPrefix(text, "client authorities") {
			t.Errorf("%s: %q", name, text)
		}
	}
	if pool, err := authorities(good, []string{good}); err != nil || pool.Equal(x509.NewCertPool()) {
		t.Errorf("authorities of a bundle with a key: %v", err)
	}
}

// A file that could not be used is tried again though it looks the same: its
// owner or its mode may be what changed.
func TestCertificateIsTriedAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "server.pem")
	moment := time.Now().Add(-time.Hour)
	put := func(when time.Time, parts ...[]byte) {
		data := make([]byte, 4096) // of one size
		n := 0
		for _, p := range parts {
			n += copy(data[n:], p)
		}
		for i := n; i < len(data); i++ {
			data[i] = '\n'
		}
		write(t, file, data)
		if err := os.Chtimes(file, when, when); err != nil {
			t.Fatal(err)
		}
	}
	cert, key := newCertificate(t, "first")
	put(moment, cert, key)
	var log strings.Builder
	config, err := Certificate{File: file, Log: slog.New(slog.NewTextHandler(&log, nil))}.Config()
	if err != nil {
		t.Fatal(err)
	}
	name := func() string {
		c, err := config.GetConfigForClient(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(c.Certificates[0].Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.Subject.CommonName
	}
	put(moment.Add(time.Minute), []byte("junk"))
	for range 3 {
		if got := name(); got != "first" {
			t.Errorf("shows %q", got)
		}
	}
	if n := strings.Count(log.String(), "not read again"); n != 1 {
		t.Errorf("told %d times", n)
	}
	cert, key = newCertificate(t, "second")
	put(moment.Add(time.Minute), cert, key)
	if got := name(); got != "second" {
		t.Errorf("shows %q when the file is good again", got)
	}
}

// A certificate in a folder of authorities that is written anew is read anew.
func TestAuthoritiesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	cert, key := newCertificate(t, "server")
	one, _ := newCertificate(t, "one")
	two, _ := newCertificate(t, "two")
	file := write(t, filepath.Join(dir, "server.pem"), cert, key)
	cas := filepath.Join(dir, "cas")
	if err := os.Mkdir(cas, 0o700); err != nil {
		t.Fatal(err)
	}
	ca := write(t, filepath.Join(cas, "ca.pem"), one)
	config, err := Certificate{File: file, ClientCAs: cas, ClientAuth: tls.RequireAndVerifyClientCert}.Config()
	if err != nil {
		t.Fatal(err)
	}
	write(t, ca, two)
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(ca, later, later); err != nil {
		t.Fatal(err)
	}
	want := x509.NewCertPool()
	want.AppendCertsFromPEM(two)
	if got, err := config.GetConfigForClient(nil); err != nil || !got.ClientCAs.Equal(want) {
		t.Errorf("the former authority is still the one, %v", err)
	}
}
