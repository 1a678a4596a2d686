package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"syscall"
)

// Family restricts the addresses that are listened on.
type Family uint8

// The families.
const (
	AnyFamily Family = iota
	OnlyIPv4
	OnlyIPv6
)

func (f Family) network() string {
	switch f {
	case OnlyIPv4:
		return "tcp4"
	case OnlyIPv6:
		return "tcp6"
	case AnyFamily:
	}
	return "tcp"
}

// listen opens the sockets for a host and a port: one for "*", which takes
// both families where the system can, and one for each address that a name
// has. All sockets are open, or none.
func listen(ctx context.Context, family Family, host, port string) ([]net.Listener, error) {
	hosts := []string{""}
	if host != "*" {
		var err error
		if hosts, err = resolve(ctx, family, host); err != nil {
			return nil, listenError(host, port, err)
		}
	}
	var all []net.Listener
	for _, h := range hosts {
		l, err := new(net.ListenConfig).Listen(ctx, family.network(), net.JoinHostPort(h, port))
		if err != nil {
			closeAll(all)
			return nil, listenError(host, port, err)
		}
		all = append(all, l)
	}
	return all, nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}

// resolve returns the addresses of a host, which may be one already.
func resolve(ctx context.Context, family Family, host string) ([]string, error) {
	if _, err := netip.ParseAddr(host); err == nil {
		return []string{host}, nil
	}
	network := map[Family]string{AnyFamily: "ip", OnlyIPv4: "ip4", OnlyIPv6: "ip6"}[family]
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, network, host)
	if err != nil {
		return nil, err
	}
	hosts := make([]string, len(addrs))
	for i, a := range addrs {
		hosts[i] = a.Unmap().String()
	}
	return hosts, nil
}

// listenError says what a person can do about it.
func listenError(host, port string, err error) error {
	what := "listen on " + net.JoinHostPort(host, port)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: another program has this port already; stop it, or choose another port", what)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s: this machine does not have that address", what)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: this user may not use that port; ports under 1024 need privileges", what)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// ListenWeb opens the socket of the web pages; address is host:port. Its
// errors say what a person can do.
func ListenWeb(ctx context.Context, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("web address %q: it must be host:port, such as 127.0.0.1:9199", address)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, listenError(host, port, err)
	}
	return l, nil
}
