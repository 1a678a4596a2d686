package web_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/wattnut/wattnut/exporter/web"
)

// pair makes a certificate and its key, signed by itself.
func pair(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// write writes files, and returns the path of web.yml among them.
func write(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "web.yml")
}

func fetch(client *http.Client, url, user, password string) (int, string) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body)
}

// TLS, certificates of clients and passwords are asked for as the web config file
// of Prometheus exporters says.
func TestServeWithConfig(t *testing.T) {
	cert, key := pair(t, "server")
	clientCert, clientKey := pair(t, "client")
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	config := write(t, map[string][]byte{
		"cert.pem": cert, "key.pem": key, "client.pem": clientCert,
		"web.yml": fmt.Appendf(nil, `tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: client.pem
basic_auth_users: {prometheus: %q}
http_server_config: {headers: {Strict-Transport-Security: max-age=1}}
`, hash),
	})
	if err := web.CheckConfig(config); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	addr, ended := listen(t, ctx, &web.Server{Fleet: fleet{}, Config: config})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cert)
	mine, err := tls.X509KeyPair(clientCert, clientKey)
	if err != nil {
		t.Fatal(err)
	}
	speak := func(certificates ...tls.Certificate) *http.Client {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: certificates}}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	}
	url := "https://" + addr + "/healthz"
	if code, text := fetch(speak(mine), url, "prometheus", "secret"); code != http.StatusOK || text != "ok\n" {
		t.Errorf("answered with %d %s", code, text)
	}
	for _, user := range []string{"", "prometheus", "other"} {
		if code, _ := fetch(speak(mine), url, user, "wrong"); code != http.StatusUnauthorized {
			t.Errorf("%q is answered with %d", user, code)
		}
	}
	if code, text := fetch(speak(), url, "prometheus", "secret"); code != 0 || !strings.Contains(text, "certificate") {
		t.Errorf("without a certificate it is answered with %d %s", code, text)
	}
	if code, _ := fetch(http.DefaultClient, "http://"+addr+"/healthz", "prometheus", "secret"); code != http.StatusBadRequest {
		t.Errorf("in clear it is answered with %d", code)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the end is %v", err)
	}
}

// A policy of the operator's goes before ours.
func TestServeWithHeaders(t *testing.T) {
	config := write(t, map[string][]byte{"web.yml": []byte("http_server_config: {headers: {Content-Security-Policy: sandbox}}\n")})
	ctx, cancel := context.WithCancel(t.Context())
	addr, ended := listen(t, ctx, &web.Server{Fleet: fleet{}, Config: config})
	answer, err := http.Get("http://" + addr + "/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header.Get("Content-Security-Policy"); got != "sandbox" {
		t.Errorf("the policy is %q", got)
	}
	cancel()
	<-ended
}

func TestCheckConfig(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "",
		"basic_auth_users: {a: plain}":         "hash",
		"tls_server_config: {cert_file: none}": "key",
		"tls_server_config: {cert_file: none, key_file: none}": "none",
		"basic_auth: {}": "basic_auth",
		"\t":             "yaml",
	} {
		path := write(t, map[string][]byte{"web.yml": []byte(text)})
		err := web.CheckConfig(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), path)) {
			t.Errorf("%q is %v", text, err)
		}
	}
	if err := web.CheckConfig("/none.yml"); err == nil {
		t.Error("a file that is not there is good")
	}
	if err := web.CheckConfig(""); err != nil {
		t.Error(err)
	}
}
