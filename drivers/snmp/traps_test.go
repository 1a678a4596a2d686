package snmp

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
)

// freeUDP is a loopback address whose port nobody has.
func freeUDP(tb testing.TB) string {
	tb.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}

// trap sends one, as an agent does.
func trap(tb testing.TB, to string, version gosnmp.SnmpVersion) {
	tb.Helper()
	at := netip.MustParseAddrPort(to)
	g := &gosnmp.GoSNMP{
		Target: at.Addr().String(), Port: at.Port(), Version: version, Community: "anything", Timeout: time.Second,
	}
	if err := g.Connect(); err != nil {
		tb.Fatal(err)
	}
	defer g.Conn.Close()
	t := gosnmp.SnmpTrap{
		Variables:  []gosnmp.SnmpPDU{{Name: ".1.3.6.1.6.3.1.1.4.1.0", Type: gosnmp.ObjectIdentifier, Value: ".1.3.6.1.2.1.33.2.1"}},
		Enterprise: ".1.3.6.1.2.1.33.2", AgentAddress: "127.0.0.1",
	}
	if _, err := g.SendTrap(t); err != nil {
		tb.Fatal(err)
	}
}

func isHeard(e *ear) bool {
	select {
	case <-e.news:
		return true
	case <-time.After(2 * time.Second):
		return false
	}
}

// TestTraps: a trap wakes the devices of its agent, by whatever version, and
// nobody else.
func TestTraps(t *testing.T) {
	h := new(hub)
	at := freeUDP(t)
	here, elsewhere := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.7")
	var ears []*ear
	for _, agent := range []netip.Addr{here, here, elsewhere} {
		e, err := h.join(at, agent)
		if err != nil {
			t.Fatal(err)
		}
		ears = append(ears, e)
	}
	if len(h.listeners) != 1 {
		t.Errorf("%d sockets for one address", len(h.listeners))
	}
	for _, version := range []gosnmp.SnmpVersion{gosnmp.Version1, gosnmp.Version2c} {
		for _, e := range ears {
			h.mu.Lock()
			e.heard = time.Time{}
			h.mu.Unlock()
		}
		trap(t, at, version)
		if !isHeard(ears[0]) || !isHeard(ears[1]) || len(ears[2].news) > 0 {
			t.Errorf("%v: the wrong devices are woken", version)
		}
	}
	for _, e := range ears {
		e.leave()
	}
	if len(h.listeners) != 0 {
		t.Error("the socket outlives its devices")
	}
	if e, err := h.join(at, here); err != nil {
		t.Errorf("the address is not free again: %v", err)
	} else {
		e.leave()
	}
}

// TestTrapsAreBounded: however many come, a device is woken once a second, and
// noise wakes nobody.
func TestTrapsAreBounded(t *testing.T) {
	l := &listener{hub: new(hub), ears: make(map[netip.Addr][]*ear)}
	from := netip.MustParseAddr("127.0.0.1")
	e := &ear{listener: l, agent: from, news: make(chan struct{}, 1)}
	l.ears[from] = []*ear{e}
	now := time.Now()
	woken := 0
	for i := range 10_000 {
		l.wake(from, now.Add(time.Duration(i)*time.Millisecond))
		select {
		case <-e.news:
			woken++
		default:
		}
	}
	if woken != 10 {
		t.Errorf("woken %d times in 10 s", woken)
	}
	for _, noise := range []string{"", "0", "\x30", "\x30\x05\x02\x01", "GET / HTTP", "\x30\x84\x00\x00", "\x30\x03\x04\x01\x00", "\x30\x03\x02\x01\x07"} {
		if isMessage([]byte(noise)) {
			t.Errorf("%q is taken for a message", noise)
		}
	}
	if !isMessage([]byte("\x30\x29\x02\x01\x00")) || !isMessage([]byte("\x30\x82\x01\x00\x02\x01\x03")) {
		t.Error("a message is not taken for one")
	}
}

// TestTrapReads: a device is read at once, whatever the trap says.
func TestTrapReads(t *testing.T) {
	at := freeUDP(t)
	a := serve(t, played(t, "ietf").Recording, snmpagent.Config{})
	open, err := Driver.Bind(settings("port", a.Addr().String(), "traps", at))
	if err != nil {
		t.Fatal(err)
	}
	d, err := open(t.Context(), testEnv())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	trap(t, at, gosnmp.Version2c)
	if u := d.(*device); !isHeard(u.trap) || u.News() == nil {
		t.Error("the device does not ask to be read")
	}
	_, err = open(t.Context(), testEnv())
	if err != nil {
		t.Errorf("a second device at the same address: %v", err)
	}
	if _, err := new(hub).join(at, netip.Addr{}); err == nil {
		t.Error("an agent without an address can be heard")
	}
	if _, err := new(hub).join(at, netip.MustParseAddr("127.0.0.1")); err == nil {
		t.Error("an address that is taken is free")
	}
	_ = fmt.Sprint
}
