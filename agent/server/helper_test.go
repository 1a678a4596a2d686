package server

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/nut"
)

// listen serves s on a free port of this host until the test ends, and returns
// the address.
func listen(tb testing.TB, s *Server, p Policy) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), l, p) }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			tb.Errorf("shutdown: %v", err)
		}
		if err := <-served; !errors.Is(err, ErrServerClosed) {
			tb.Errorf("serve: %v", err)
		}
	})
	return l.Addr().String()
}

// peer is a client by hand.
type peer struct {
	net.Conn
	tb testing.TB
	r  *bufio.Reader
}

func dial(tb testing.TB, address string) *peer {
	tb.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	return newPeer(tb, c)
}

func newPeer(tb testing.TB, c net.Conn) *peer {
	tb.Helper()
	tb.Cleanup(func() { c.Close() })
	return &peer{c, tb, bufio.NewReader(c)}
}

func (p *peer) send(text string) {
	p.tb.Helper()
	p.SetWriteDeadline(time.Now().Add(5 * time.Second))
	if _, err := p.Write([]byte(text)); err != nil {
		p.tb.Fatal(err)
	}
}

// line reads one line without its LF; "" if the connection is closed.
func (p *peer) line() string {
	p.tb.Helper()
	p.SetReadDeadline(time.Now().Add(5 * time.Second))
	line, err := p.r.ReadString('\n')
	if err != nil {
		if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
			p.tb.Fatal("no answer")
		}
		return ""
	}
	return line[:len(line)-1]
}

// ask sends a request and compares the one line that is its answer.
func (p *peer) ask(request, want string) {
	p.tb.Helper()
	p.send(request + "\n")
	if got := p.line(); got != want {
		p.tb.Errorf("%q is answered %q, want %q", request, got, want)
	}
}

// asks asks pairs of requests and answers.
func (p *peer) asks(pairs ...string) {
	p.tb.Helper()
	for i := 0; i < len(pairs); i += 2 {
		p.ask(pairs[i], pairs[i+1])
	}
}

// closed checks that the server has closed the connection.
func (p *peer) closed() {
	p.tb.Helper()
	if got := p.line(); got != "" {
		p.tb.Errorf("the connection says %q, want it closed", got)
	}
}

// orders is a door that keeps what it was asked.
type orders struct {
	mu   sync.Mutex
	got  []nut.Order
	fail error
	done []func(error)
}

func (o *orders) Order(_ context.Context, order nut.Order, done func(error)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return o.fail
	}
	o.got = append(o.got, order)
	o.done = append(o.done, done)
	return nil
}

// last is the latest order.
func (o *orders) last() (nut.Order, func(error)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.got) == 0 {
		return nut.Order{}, nil
	}
	return o.got[len(o.got)-1], o.done[len(o.done)-1]
}

// newUPS is an entry with the facts that write puts in.
func newUPS(name string, door nut.Door, health nut.Health, write func(*nut.Draft)) *state.UPS {
	u := state.NewUPS(name, "", door)
	var d nut.Draft
	if write != nil {
		write(&d)
	}
	u.Publish(d.Freeze(name, health, time.Now()))
	return u
}

// storeOf is a store of UPSes.
func storeOf(all ...*state.UPS) *state.Store {
	s := new(state.Store)
	s.Replace(all)
	return s
}

// accounts are the users of the recorded dialogues.
func accounts() *Accounts {
	a := new(Accounts)
	a.Replace([]Account{
		{"admin", "sekret", Rights{Set: true, FSD: true, AllCommands: true}},
		{"primon", "pass word", Rights{Login: true, Primary: true, FSD: true}},
		{"legacy", "leg", Rights{Login: true, Primary: true, FSD: true}},
		{"secmon", "s3c", Rights{Login: true}},
		{"limited", "lim", Rights{Commands: []nut.Name{"test.panel.start", "load.off"}}},
		{"setter", `a=b#c"d\e`, Rights{Set: true}},
		{"nopw", "", Rights{Set: true, Login: true, Primary: true, FSD: true}},
	})
	return a
}

// addressOf is the i-th of many addresses.
func addressOf(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}
