package upsclient

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// tlsConfig reads what the settings name; files without a path are looked for
// in the configuration folder.
func (c *Config) tlsConfig(dir string) (*tls.Config, error) {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12,
		// Where TLS may be left out altogether, a bad certificate is no
		// worse than that.
		InsecureSkipVerify: cmp.Or(c.Verify, verifyByDefault[c.TLS]) == "no",
	}
	if c.CAFile != "" {
		pem, err := readFile(within(dir, c.CAFile))
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: no certificate in it", c.CAFile)
		}
	}
	if c.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(within(dir, c.CertFile), within(dir, c.KeyFile))
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

var verifyByDefault = map[string]string{tlsTry: "no", tlsYes: "yes"}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// readFile reads a file of at most 1 MiB.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 1<<20))
}
