package upsclient

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate makes a self-signed one for 127.0.0.1, and its PEM.
func certificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// serveTLS answers STARTTLS, and then as the script says.
func serveTLS(t *testing.T, cert tls.Certificate, answers map[string]string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &server{addr: l.Addr().String(), answers: answers}
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		buf := make([]byte, len("STARTTLS\n"))
		if _, err := conn.Read(buf); err == nil && string(buf) == "STARTTLS\n" {
			conn.Write([]byte("OK STARTTLS\n"))
			s.talk(tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}}))
		}
		conn.Close()
	}()
	return s
}

func TestTLS(t *testing.T) {
	cert, ca := certificate(t)
	for _, tt := range []struct {
		name     string
		settings []string
		fails    string
	}{
		{"trusted", []string{"tls", "yes", "cafile", "ca.pem"}, ""},
		{"not trusted", []string{"tls", "yes"}, "certificate"},
		{"not verified", []string{"tls", "yes", "verify", "no"}, ""},
		{"tried", []string{"tls", "try"}, ""},
		{"tried and verified", []string{"tls", "try", "verify", "yes"}, "certificate"},
		{"no such file", []string{"tls", "yes", "cafile", "none.pem"}, "none.pem"},
		{"no certificate", []string{"tls", "yes", "cafile", "empty.pem"}, "no certificate in it"},
		{"no key", []string{"tls", "yes", "certfile", "ca.pem", "keyfile", "none.pem"}, "none.pem"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := serveTLS(t, cert, simple())
			e := env(t)
			for name, text := range map[string][]byte{"ca.pem": ca, "empty.pem": nil} {
				if err := os.WriteFile(filepath.Join(e.ConfDir, name), text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r, err := dial(t, e, append(tt.settings, "port", "u@"+server.addr)...)
			switch {
			case tt.fails == "" && err != nil:
				t.Fatal(err)
			case tt.fails == "" && !r.client.Secure():
				t.Error("it goes on in clear")
			case tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)):
				t.Errorf("it brings %v, want something of %q", err, tt.fails)
			}
		})
	}
}

// TestNoTLS: a server without it is good enough for try, and not for yes.
func TestNoTLS(t *testing.T) {
	for mode, good := range map[string]bool{"try": true, "yes": false} {
		answers := simple()
		answers["STARTTLS"] = "ERR FEATURE-NOT-CONFIGURED\n"
		_, err := dial(t, env(t), "port", "u@"+serve(t, answers).addr, "tls", mode)
		if (err == nil) != good {
			t.Errorf("tls = %s brings %v", mode, err)
		}
	}
}
