package probe

import (
	"slices"
	"sync"
	"time"

	"github.com/wattnut/wattnut/nut/client"
)

const (
	maxIdle  = 2               // connections that are kept for a server
	idleTime = 3 * time.Minute // how long: more than most pause between scrapes
)

// conn is a connection to a server, past the greeting.
type conn struct {
	*client.Client
	version string // what the server says of itself
	end     *time.Timer
}

// pool keeps connections that nobody uses, for a while.
type pool struct {
	mu     sync.Mutex
	idle   []*conn
	closed bool
}

// take returns the connection that was used last, or nil.
func (p *pool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	c := p.idle[last]
	p.idle = p.idle[:last]
	c.end.Stop()
	return c
}

// put keeps a connection, or closes it where there are enough.
func (p *pool) put(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) >= maxIdle {
		discard(c)
		return
	}
	p.idle = append(p.idle, c)
	c.end = time.AfterFunc(idleTime, func() { p.expire(c) })
}

// expire closes a connection if it is still not used.
func (p *pool) expire(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.idle, c); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
		discard(c)
	}
}

// close closes all, and those that are put from here on.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.idle {
		c.end.Stop()
		discard(c)
	}
	p.idle, p.closed = nil, true
}

// discard closes a connection that has nothing to lose.
func discard(c *conn) { _ = c.Close() }
