package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"slices"
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

// errNoAddress: this machine does not have the address.
var errNoAddress = errors.New("this machine does not have that address")

// listen opens the sockets for a host and a port: one for "*", which takes
// both families where the system can, and one for each address of this machine
// that a name has. All sockets are open, or none.
func listen(ctx context.Context, family Family, host, port string) ([]net.Listener, error) {
	hosts := []string{""}
	if host != "*" {
		var err error
		if hosts, err = resolve(ctx, family, host); err != nil {
			return nil, listenError(host, port, err)
		}
	}
	var all []net.Listener
	var absent error
	for _, h := range hosts {
		l, err := new(net.ListenConfig).Listen(ctx, family.network(), net.JoinHostPort(h, port))
		if err = listenError(host, port, err); errors.Is(err, errNoAddress) && len(hosts) > 1 {
			absent = err
			continue
		}
		if err != nil {
			closeAll(all)
			return nil, err
		}
		all = append(all, l)
	}
	if len(all) == 0 {
		return nil, absent
	}
	return all, nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}

// resolve returns the addresses of a host, which may be one already, each once.
func resolve(ctx context.Context, family Family, host string) ([]string, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		if family == OnlyIPv4 && !a.Unmap().Is4() || family == OnlyIPv6 && a.Unmap().Is4() {
			return nil, syscall.EADDRNOTAVAIL
		}
		return []string{host}, nil
	}
	network := map[Family]string{AnyFamily: "ip", OnlyIPv4: "ip4", OnlyIPv6: "ip6"}[family]
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, network, host)
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, a := range addrs {
		if h := a.Unmap().String(); !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts, nil
}

// listenError says what a person can do about it; nil stays nil.
func listenError(host, port string, err error) error {
	what := "listen on " + net.JoinHostPort(host, port)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: another program has this port already; stop it, or choose another port: LISTEN in upsd.conf or WATTNUT_LISTEN, for the web WATTNUT_WEB_LISTEN", what)
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
		return fmt.Errorf("%s: %w", what, errNoAddress)
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
