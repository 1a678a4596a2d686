package upsclient

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/libp2p/zeroconf/v2"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut/client"
)

// Scanners look for the UPSes of other servers: at addresses, and where servers
// announce themselves.
var Scanners = []drivers.Scanner{
	{Bus: drivers.BusOldNUT, Scan: scanAddresses},
	{Bus: drivers.BusAvahi, Scan: scanAnnounced},
}

// service is the name under which a upsd announces itself by mDNS (DNS-SD).
const service = "_nut._tcp"

// repeater is the driver that a section for a UPS of another server names: the
// one that NUT has too.
const repeater = "dummy-ups"

func scanAddresses(ctx context.Context, where drivers.Search, found func(drivers.Found)) error {
	var one sync.Mutex
	where.Each(ctx, func(ctx context.Context, address netip.Addr) {
		// Nobody there, or no upsd: what a scan mostly meets.
		list, err := listAt(ctx, where, address.String())
		if err != nil {
			return
		}
		one.Lock()
		defer one.Unlock()
		for _, f := range list {
			found(f)
		}
	})
	return ctx.Err()
}

// listAt asks one server which UPSes it has.
func listAt(ctx context.Context, where drivers.Search, host string) ([]drivers.Found, error) {
	ctx, cancel := context.WithTimeout(ctx, where.Wait())
	defer cancel()
	address := host
	if where.Port != 0 {
		address = net.JoinHostPort(host, strconv.Itoa(where.Port))
	}
	options := Config{Timeout: where.Wait()}.options()
	c, err := client.Dial(ctx, address, options)
	if err != nil {
		return nil, err
	}
	list, err := c.ListUPS(ctx)
	if err = errors.Join(err, c.Close()); err != nil {
		return nil, err
	}
	all := make([]drivers.Found, len(list))
	for i, ups := range list {
		all[i] = drivers.Found{Driver: repeater, Settings: []drivers.Setting{{Name: "port", Value: spell(ups.Name, host, where.Port)}}}
	}
	return all, nil
}

// spell writes ups@host as people do: the port only where it is not upsd's own.
func spell(ups, host string, port int) string {
	if own, _ := strconv.Atoi(client.DefaultPort); port != 0 && port != own {
		return ups + "@" + net.JoinHostPort(host, strconv.Itoa(port))
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() {
		return ups + "@[" + host + "]"
	}
	return ups + "@" + host
}

// scanAnnounced listens for as long as one answer may take, and asks who was
// heard.
func scanAnnounced(ctx context.Context, where drivers.Search, found func(drivers.Found)) error {
	heard, err := listen(ctx, where.Wait())
	for _, e := range heard {
		where.Port = e.Port
		list, _ := listAt(ctx, where, hostOf(e)) // it may have gone since
		for _, f := range list {
			found(f)
		}
	}
	return errors.Join(err, ctx.Err())
}

// listen returns the servers that announced themselves within the time, one
// entry for each, all with an address.
func listen(ctx context.Context, limit time.Duration) ([]*zeroconf.ServiceEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	entries := make(chan *zeroconf.ServiceEntry)
	browsed := make(chan error, 1)
	go func() { browsed <- zeroconf.Browse(ctx, service, "local.", entries) }()

	var heard []*zeroconf.ServiceEntry
	for {
		select {
		case e, more := <-entries:
			// Browse writes on in what it has sent, until it returns.
			switch {
			case !more:
				entries = nil
			case len(heard) < maxAnnounced:
				heard = append(heard, e)
			}
		case err := <-browsed:
			return slices.DeleteFunc(heard, func(e *zeroconf.ServiceEntry) bool { return hostOf(e) == "" }), err
		}
	}
}

// maxAnnounced bounds what a network may make us ask.
const maxAnnounced = 1024

// hostOf is the address that a server announced; IPv4 before IPv6, as a link-local
// address of the latter says nothing without its link. "" if there is none.
func hostOf(e *zeroconf.ServiceEntry) string {
	for _, ip := range append(e.AddrIPv4, e.AddrIPv6...) {
		if !ip.IsLinkLocalUnicast() && !ip.IsUnspecified() {
			return ip.String()
		}
	}
	return ""
}
