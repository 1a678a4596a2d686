package probe

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/nut/client"
)

// idle returns a connection and a channel that is closed when it is.
func idle() (*conn, <-chan struct{}) {
	near, far := net.Pipe()
	closed := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, far)
		close(closed)
	}()
	return &conn{Client: client.New(near, nil)}, closed
}

func isClosed(c <-chan struct{}) bool {
	synctest.Wait()
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestPoolEndsWhatIsIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pool
		if p.take() != nil {
			t.Error("an empty pool has a connection")
		}
		a, closedA := idle()
		p.put(a)
		<-time.After(idleTime / 2)
		b, closedB := idle()
		p.put(b)
		<-time.After(idleTime/2 + time.Second)
		if !isClosed(closedA) || isClosed(closedB) {
			t.Error("not just the first is closed after its time")
		}
		if p.take() != b || p.take() != nil {
			t.Error("the second is not there")
		}
		<-time.After(2 * idleTime)
		if isClosed(closedB) {
			t.Error("a connection in use was closed")
		}
		p.put(b)
		p.close()
		if !isClosed(closedB) {
			t.Error("the pool's end left a connection open")
		}
		c, closedC := idle()
		p.put(c)
		if !isClosed(closedC) || p.take() != nil {
			t.Error("a closed pool keeps connections")
		}
		p.close()
	})
}

func TestPoolIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pool
		var closed []<-chan struct{}
		for range maxIdle + 2 {
			c, done := idle()
			p.put(c)
			closed = append(closed, done)
		}
		for i, done := range closed {
			if isClosed(done) != (i >= maxIdle) {
				t.Errorf("connection %d: closed is %v", i, i < maxIdle)
			}
		}
		p.close()
	})
}

func TestVersion(t *testing.T) {
	for said, want := range map[string]string{
		"Network UPS Tools upsd 2.8.0 - http://www.networkupstools.org/": "2.8.0",
		"wattnut 1.2.3":    "1.2.3",
		"v2.8.1-dirty x":   "v2.8.1-dirty x",
		"":                 "",
		"  a server  ":     "a server",
		"upsd 2.8.0-rc1\t": "2.8.0-rc1",
	} {
		if got := version(said); got != want {
			t.Errorf("%q is %q, want %q", said, got, want)
		}
	}
}
