package prometheus

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	maxFeeds = 1 << 14
	// remembered is how long a host that is not logged in any more keeps its
	// UPS: longer than a long outage.
	remembered = 7 * 24 * time.Hour
)

// hosts remembers which hosts are fed by what.
type hosts struct {
	mu   sync.Mutex
	seen map[fedHost]time.Time
}

// feed is a UPS of a server; of the agent if that is "".
type feed struct{ ups, server string }

type fedHost struct {
	host string
	feed feed
}

func newHosts() *hosts { return &hosts{seen: make(map[fedHost]time.Time)} }

// see notes that a client is logged in to a UPS of a server, which is known to
// others by the address at.
func (h *hosts) see(client, at string, f feed, now time.Time) {
	host := hostOf(client, at)
	if host == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	key := fedHost{host, f}
	if _, known := h.seen[key]; known || len(h.seen) < maxFeeds {
		h.seen[key] = now
	}
}

// groups is what is known of the UPSes of some servers, a group for each host.
func (h *hosts) groups(now time.Time, servers map[string]bool) []group {
	h.mu.Lock()
	defer h.mu.Unlock()
	feeds := make(map[string][]feed)
	for key, at := range h.seen {
		if now.Sub(at) > remembered || !servers[key.feed.server] {
			delete(h.seen, key)
			continue
		}
		feeds[key.host] = append(feeds[key.host], key.feed)
	}
	list := make([]group, 0, len(feeds))
	for host, all := range feeds {
		list = append(list, group{[]string{host}, fedLabels(all)})
	}
	slices.SortFunc(list, func(a, b group) int { return cmp.Compare(a.Targets[0], b.Targets[0]) })
	return list
}

// fedLabels says what feeds a host. One that two UPSes feed is not lost when one
// of them is on battery, so it has no label ups that would match.
func fedLabels(feeds []feed) map[string]string {
	slices.SortFunc(feeds, func(a, b feed) int {
		return cmp.Or(cmp.Compare(a.ups, b.ups), cmp.Compare(a.server, b.server))
	})
	var names, servers []string
	for _, f := range feeds {
		names = append(names, f.ups)
		servers = append(servers, f.server)
	}
	labels := map[string]string{
		roleLabel: "host", upsesLabel: commas(names), serversLabel: commas(slices.Compact(servers)),
	}
	if len(feeds) == 1 {
		labels[upsLabel] = feeds[0].ups
	}
	return labels
}

// hostOf is the host of a client as others know it: one that came over the
// loopback of its server is the server's own host. It is a target without a
// port; "" if the client is no address.
func hostOf(client, server string) string {
	ip, err := netip.ParseAddr(client)
	if err != nil {
		return ""
	}
	host := ip.Unmap().String()
	if ip.Unmap().IsLoopback() {
		if host, _, err = net.SplitHostPort(server); err != nil {
			host = strings.Trim(server, "[]")
		}
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
