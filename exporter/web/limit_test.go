package web

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
)

// ready is a listener with clients always at the door.
type ready struct{ closed bool }

func (l *ready) Accept() (net.Conn, error) {
	if l.closed {
		return nil, net.ErrClosed
	}
	c, _ := net.Pipe()
	return c, nil
}

func (l *ready) Close() error   { l.closed = true; return nil }
func (l *ready) Addr() net.Addr { return &net.TCPAddr{} }

func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit(&ready{}, 2)
		accepted := make(chan net.Conn, 10)
		ended := make(chan error, 1)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					ended <- err
					return
				}
				accepted <- c
			}
		}()
		synctest.Wait()
		if len(accepted) != 2 {
			t.Fatalf("%d connections, want 2", len(accepted))
		}
		c := <-accepted
		c.Close()
		c.Close() // frees its place once only
		synctest.Wait()
		if len(accepted) != 2 {
			t.Fatalf("%d connections after the end of one, want 2", len(accepted))
		}
		l.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("the end is %v", err)
		}
	})
}

func TestLimitFreesAfterAnError(t *testing.T) {
	inner := &ready{closed: true}
	l := limit(inner, 1)
	for range 3 {
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Fatal(err)
		}
	}
	inner.closed = false
	if _, err := l.Accept(); err != nil {
		t.Errorf("errors took the place of a connection: %v", err)
	}
}
