package driversocket

import (
	"net"
	"sync"
	"time"
)

const (
	maxUnread = 1 << 20         // bytes that a connection may leave unread here
	stallTime = 2 * time.Second // for one write
)

// conn is one who is connected. What is pushed to it is written by a goroutine
// of its own, so that nobody waits for a peer that does not read.
type conn struct {
	net   net.Conn
	quiet bool // NOBROADCAST; guarded by Server.mu

	mu     sync.Mutex
	unsent []byte
	ended  bool // nothing more is taken
	wake   chan struct{}
}

func newConn(nc net.Conn) *conn { return &conn{net: nc, wake: make(chan struct{}, 1)} }

// push queues lines for the peer; it never waits. A peer that leaves too much
// unread is dropped.
func (c *conn) push(lines []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	if len(c.unsent)+len(lines) > maxUnread {
		c.endLocked()
		c.net.Close()
		return
	}
	c.unsent = append(c.unsent, lines...)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// end has the writing goroutine write what is left, and end.
func (c *conn) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endLocked()
}

func (c *conn) endLocked() {
	if !c.ended {
		c.ended = true
		close(c.wake)
	}
}

// write writes what is pushed, until the end or an error.
func (c *conn) write() {
	for range c.wake {
		if !c.flush() {
			return
		}
	}
	c.flush()
}

func (c *conn) flush() bool {
	c.mu.Lock()
	lines := c.unsent
	c.unsent = nil
	c.mu.Unlock()
	c.net.SetWriteDeadline(time.Now().Add(stallTime))
	if _, err := c.net.Write(lines); err != nil {
		c.net.Close() // which ends the reading too
		return false
	}
	return true
}
