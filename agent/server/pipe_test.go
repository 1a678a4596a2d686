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
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

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
func (p *pipes) dial(tb testing.TB, address string) *peer {
	tb.Helper()
	ours, theirs := net.Pipe()
	select {
	case p.conns <- from{theirs, address}:
	case <-p.done:
		tb.Fatal("the listener is closed")
	}
	return newPeer(tb, ours)
}

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
func bubble(t *testing.T, s *Server, p Policy, f func(t *testing.T, l *pipes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		served := make(chan error, 1)
		go func() { served <- s.Serve(context.Background(), l, p) }()
		f(t, l)
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
