package server

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// registry holds what must end with the server. The zero registry is ready.
type registry struct {
	closing atomic.Bool
	running sync.WaitGroup // one for each session

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	sessions  map[*session]struct{}
	networks  map[netip.Addr]int // sessions of each
}

// listen notes a listener, unless the server is closing.
func (r *registry) listen(l net.Listener) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing.Load() {
		return false
	}
	if r.listeners == nil {
		r.listeners = make(map[net.Listener]struct{})
	}
	r.listeners[l] = struct{}{}
	return true
}

func (r *registry) unlisten(l net.Listener) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.listeners, l)
}

// add notes a session if there is room for it; remove must follow. perNetwork 0
// is no limit.
func (r *registry) add(s *session, limit, perNetwork int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := network(s.address)
	switch {
	case r.closing.Load(), len(r.sessions) >= limit:
		return false
	case perNetwork > 0 && r.networks[key] >= perNetwork:
		return false
	}
	if r.sessions == nil {
		r.sessions, r.networks = make(map[*session]struct{}), make(map[netip.Addr]int)
	}
	r.sessions[s] = struct{}{}
	r.networks[key]++
	r.running.Add(1) // here, so that it cannot come behind the Wait of a Shutdown
	return true
}

func (r *registry) remove(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.running.Done()
	delete(r.sessions, s)
	key := network(s.address)
	if r.networks[key]--; r.networks[key] <= 0 {
		delete(r.networks, key)
	}
}

func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.sessions)
}

// close ends listening, and wakes the sessions that wait for a request.
func (r *registry) close() {
	r.closing.Store(true)
	r.mu.Lock()
	defer r.mu.Unlock()
	for l := range r.listeners {
		l.Close()
	}
	for s := range r.sessions {
		s.raw.SetReadDeadline(time.Unix(1, 0))
	}
}

// cut closes all connections.
func (r *registry) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.sessions {
		s.raw.Close()
	}
}
