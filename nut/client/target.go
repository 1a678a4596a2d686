package client

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Where a server is, unless something else is said (RFC 9271 section 4.2).
const (
	DefaultHost = "localhost"
	DefaultPort = "3493"
)

// Target is a UPS of a server, as NUT's programs name it:
// ups[@host[:port]], an IPv6 address in brackets.
type Target struct {
	UPS  string
	Host string // without brackets
	Port string
}

// ParseTarget reads "myups", "myups@host", "myups@host:3493" or
// "myups@[::1]:3493". What is missing is the default.
func ParseTarget(s string) (Target, error) {
	ups, server, at := strings.Cut(s, "@")
	if ups == "" {
		return Target{}, fmt.Errorf("UPS name %q: no name before the @", s)
	}
	if !at {
		return Target{UPS: ups, Host: DefaultHost, Port: DefaultPort}, nil
	}
	host, port, err := SplitAddress(server)
	if err != nil {
		return Target{}, fmt.Errorf("UPS name %q: %w", s, err)
	}
	return Target{UPS: ups, Host: host, Port: port}, nil
}

// Address is the host and port to dial.
func (t Target) Address() string { return net.JoinHostPort(t.Host, t.Port) }

// String is the form that ParseTarget reads, without what is the default.
func (t Target) String() string {
	host := t.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	switch {
	case t.Port != DefaultPort && t.Port != "":
		return t.UPS + "@" + host + ":" + t.Port
	case t.Host != DefaultHost && t.Host != "":
		return t.UPS + "@" + host
	}
	return t.UPS
}

// SplitAddress reads "host", "host:port", "[::1]", "[::1]:port" or a bare IPv6
// address. A missing port is the default; there is always a host.
func SplitAddress(s string) (host, port string, err error) {
	if _, err := netip.ParseAddr(s); err == nil {
		return s, DefaultPort, nil
	}
	rest := ""
	switch inside, bracketed := strings.CutPrefix(s, "["); {
	case bracketed:
		var closed bool
		if host, rest, closed = strings.Cut(inside, "]"); !closed {
			return "", "", fmt.Errorf("address %q: no closing bracket", s)
		}
	case strings.Contains(s, ":"):
		i := strings.IndexByte(s, ':')
		host, rest = s[:i], s[i:]
	default:
		host = s
	}
	port = DefaultPort
	if rest != "" {
		port = strings.TrimPrefix(rest, ":")
		if n, err := strconv.ParseUint(port, 10, 16); port == rest || err != nil || n == 0 {
			return "", "", fmt.Errorf("address %q: no port number behind the host", s)
		}
	}
	if host == "" {
		return "", "", fmt.Errorf("address %q: no host", s)
	}
	return host, port, nil
}
