package server

import (
	"context"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are in memory, so that time can be
// faked around them.
type pipes struct {
	tb    testing.TB
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes(tb testing.TB) *pipes {
	tb.Helper()
	return &pipes{tb: tb, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects as a client of that address.
func (p *pipes) dial(address string) *peer {
	p.tb.Helper()
	ours, theirs := net.Pipe()
	select {
	case p.conns <- from{theirs, address}:
	case <-p.done:
		p.tb.Fatal("the listener is closed")
	}
	return newPeer(p.tb, ours)
}

// sleep lets fake time pass.
func (p *pipes) sleep(d time.Duration) { pause(p.tb.Context(), d) }

// from is a connection with an address.
type from struct {
	net.Conn
	address string
}

func (f from) RemoteAddr() net.Addr {
	a, err := net.ResolveTCPAddr("tcp", f.address)
	if err != nil {
		panic(err) // an address of this test
	}
	return a
}

// bubble runs f in fake time, with a server that is shut down behind it.
func bubble(t *testing.T, s *Server, p Policy, f func(l *pipes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newPipes(t)
		served := make(chan error, 1)
		go func() { served <- s.Serve(context.Background(), l, p) }()
		f(l)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_ = s.Shutdown(ctx) // a client that does not read is cut off
		<-served
	})
}

const (
	someone = "192.0.2.1:1000"
	another = "192.0.2.2:1000"
)
