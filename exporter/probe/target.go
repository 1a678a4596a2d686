package probe

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut/client"
)

// Target is a server that may be asked, and how. Targets come from [Load] or
// [Parse].
type Target struct {
	Address string            // host:port in lower case
	Labels  map[string]string // what the operator says about the server
	UPS     []string          // the only UPSes that are shown; none for all
	Timeout time.Duration     // for a whole answer

	user, password, passwordFile string

	encrypt string      // one of the words for tls
	tls     *tls.Config // not for encryptNo
}

// The words for tls.
const (
	encryptNo  = "no"
	encryptTry = "try"
	encryptYes = "yes"
)

// String is the address, so that no password gets into a message.
func (t Target) String() string { return t.Address }

// Host is the host of the address.
func (t Target) Host() string {
	host, _, _ := net.SplitHostPort(t.Address) // an address has both
	return host
}

// Address returns the one spelling of host[:port] by which targets are found.
func Address(s string) (string, error) {
	host, port, err := client.SplitAddress(s)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(strings.ToLower(host), port), nil
}

const maxSecret = 4096 // bytes of a file with a password

// secret is the password, from its file as it is now.
func (t Target) secret() (string, error) {
	if t.passwordFile == "" {
		return t.password, nil
	}
	f, err := os.Open(t.passwordFile)
	if err != nil {
		return "", fmt.Errorf("password file: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecret))
	if err != nil {
		return "", fmt.Errorf("password file: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" {
		return "", errors.New("password file: it is empty")
	}
	return password, nil
}
