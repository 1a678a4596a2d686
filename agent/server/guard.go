package server

import (
	"net/netip"
	"slices"
	"sync"
	"time"
)

// guard slows who guesses passwords. The zero guard with a delay is ready.
type guard struct {
	delay time.Duration

	mu    sync.Mutex
	fails map[netip.Addr]*fails
}

// fails is what is known of one network.
type fails struct {
	count int // wrong ones, and those of later checks that wait
	last  time.Time
	next  time.Time // when the next check may begin
}

const (
	freeFails   = 3                // wrong passwords that cost nothing: people mistype
	longestWait = 5 * time.Second  // between two checks of one network
	longestLine = 15 * time.Second // who would have to wait longer is refused unheard
	forgetAfter = time.Minute      // without a wrong one
	mostFails   = 4096             // networks kept in mind
)

// reserve returns how long a check for an address must wait, and whether it
// may wait at all. Checks of one network wait one behind the other, so more
// connections guess no faster.
func (g *guard) reserve(a netip.Addr, now time.Time) (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.fails[network(a)]
	if f == nil || f.count < freeFails || g.delay < 0 {
		return 0, true
	}
	if now.Sub(f.last) > forgetAfter {
		delete(g.fails, network(a))
		return 0, true
	}
	delay := min(g.delay<<min(f.count-freeFails, 16), longestWait)
	at := latest(now, f.next, f.last.Add(delay))
	if at.Sub(now) > longestLine {
		return 0, false
	}
	f.next = at.Add(delay)
	f.count++ // taken for wrong until it is found right
	return at.Sub(now), true
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// failed notes a wrong password.
func (g *guard) failed(a netip.Addr, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := network(a)
	f := g.fails[key]
	if f == nil {
		g.makeRoom(now)
		f = new(fails)
		g.fails[key] = f
	}
	f.count = max(f.count, min(f.count+1, freeFails))
	f.last = now
}

// right notes a right password.
func (g *guard) right(a netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.fails[network(a)]; f != nil && f.count > freeFails {
		f.count--
	}
}

// makeRoom keeps the map small: it forgets who was quiet, and then anybody.
func (g *guard) makeRoom(now time.Time) {
	if g.fails == nil {
		g.fails = make(map[netip.Addr]*fails)
	}
	if len(g.fails) < mostFails {
		return
	}
	for key, f := range g.fails {
		if now.Sub(f.last) > forgetAfter {
			delete(g.fails, key)
		}
	}
	for key := range g.fails {
		if len(g.fails) < mostFails {
			return
		}
		delete(g.fails, key)
	}
}
