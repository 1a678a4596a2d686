package snmp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// hub hears traps for all devices of the process: one socket for each address
// that they name. A trap is not believed: that something came from an agent is
// a reason to ask it, and what it is is not looked at. The zero hub is ready.
type hub struct {
	mu        sync.Mutex
	listeners map[netip.AddrPort]*listener
}

// listener is a socket, and who waits for what comes in.
type listener struct {
	hub  *hub
	at   netip.AddrPort
	conn *net.UDPConn
	done chan struct{}
	ears map[netip.Addr][]*ear // guarded by hub.mu
}

// ear is one device that waits for traps of its agent.
type ear struct {
	listener *listener
	agent    netip.Addr
	news     chan struct{}
	heard    time.Time // guarded by hub.mu
}

// minGap is the shortest time from one early reading of a device to the next,
// however many traps come.
const minGap = time.Second

// parseListen reads the option traps: an address and a port, or only ":port".
func parseListen(text string) (netip.AddrPort, error) {
	if strings.HasPrefix(text, ":") {
		text = "[::]" + text
	}
	at, err := netip.ParseAddrPort(text)
	if err != nil || at.Port() == 0 {
		return at, fmt.Errorf("%q is not address:port or :port", text)
	}
	return at, nil
}

// join begins to hear traps of an agent.
func (h *hub) join(text string, agent netip.Addr) (*ear, error) {
	at, err := parseListen(text)
	if err != nil {
		return nil, err
	}
	if !agent.IsValid() {
		return nil, errors.New("traps: the agent's address is not known")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.listeners[at]
	if l == nil {
		if l, err = h.listen(at); err != nil {
			return nil, fmt.Errorf("traps: %w; ports below 1024 need CAP_NET_BIND_SERVICE", err)
		}
	}
	e := &ear{listener: l, agent: agent.WithZone(""), news: make(chan struct{}, 1)}
	l.ears[e.agent] = append(l.ears[e.agent], e)
	return e, nil
}

// listen opens a socket. h.mu is held.
func (h *hub) listen(at netip.AddrPort) (*listener, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, err
	}
	l := &listener{hub: h, at: at, conn: conn, done: make(chan struct{}), ears: make(map[netip.Addr][]*ear)}
	if h.listeners == nil {
		h.listeners = make(map[netip.AddrPort]*listener)
	}
	h.listeners[at] = l
	go l.hear()
	return l, nil
}

// hear wakes devices until the socket is closed.
func (l *listener) hear() {
	defer close(l.done)
	head := make([]byte, 16)
	for {
		n, from, err := l.conn.ReadFromUDPAddrPort(head)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case n > 0 && isMessage(head[:n]): // where it is longer than head, some systems call that an error
			l.wake(from.Addr().Unmap().WithZone(""), time.Now())
		}
	}
}

// isMessage tells whether a datagram begins as an SNMP message does: a sequence
// whose first part is the version, an INTEGER of one byte.
func isMessage(head []byte) bool {
	if len(head) < 2 || head[0] != 0x30 {
		return false
	}
	rest := head[2:]
	if long := head[1]; long&0x80 != 0 {
		if n := int(long & 0x7f); n <= len(rest) {
			rest = rest[n:]
		}
	}
	return len(rest) > 2 && rest[0] == 2 && rest[1] == 1 && rest[2] <= 3
}

// wake asks the devices at an address to be read.
func (l *listener) wake(from netip.Addr, now time.Time) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	for _, e := range l.ears[from] {
		if now.Sub(e.heard) < minGap {
			continue
		}
		e.heard = now
		select {
		case e.news <- struct{}{}:
		default:
		}
	}
}

// leave ends hearing, and closes the socket that nobody else needs.
func (e *ear) leave() {
	l, h := e.listener, e.listener.hub
	h.mu.Lock()
	var rest []*ear
	for _, other := range l.ears[e.agent] {
		if other != e {
			rest = append(rest, other)
		}
	}
	l.ears[e.agent] = rest
	if rest == nil {
		delete(l.ears, e.agent)
	}
	last := len(l.ears) == 0
	if last {
		delete(h.listeners, l.at)
		l.conn.Close() //nolint:errcheck // nobody needs it any more
	}
	h.mu.Unlock()
	if last {
		<-l.done
	}
}
