package nuttest

import (
	"bytes"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// CertDB makes a certificate for localhost in a database of the kind that
// Debian's upsd reads, and returns the lines for Config.Directives and a pool
// that has it.
func CertDB(tb testing.TB) (directives string, roots *x509.CertPool) {
	tb.Helper()
	certutil, dir := testenv.Need(tb, "certutil"), ShortDir(tb)
	password, noise := filepath.Join(dir, "password"), filepath.Join(dir, "noise")
	for path, text := range map[string][]byte{password: []byte("secret\n"), noise: bytes.Repeat([]byte("noise"), 20)} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	run := func(args ...string) []byte {
		c := exec.CommandContext(tb.Context(), certutil, append(args, "-d", dir)...)
		output, err := c.CombinedOutput()
		if err != nil {
			tb.Fatalf("certutil %q: %v: %s", args, err, output)
		}
		return output
	}
	run("-N", "-f", password)
	run("-S", "-n", "upsd", "-s", "CN=localhost", "-x", "-t", "CT,,", "-f", password, "-z", noise,
		"-v", "12", "--extSAN", "dns:localhost,ip:127.0.0.1")
	roots = x509.NewCertPool()
	if !roots.AppendCertsFromPEM(run("-L", "-n", "upsd", "-a")) {
		tb.Fatal("certutil gave no certificate")
	}
	return "CERTPATH " + dir + "\nCERTIDENT upsd secret\nDISABLE_WEAK_SSL true\n", roots
}
