package probe

import (
	"errors"
	"iter"
	"log/slog"
	"slices"
	"sync"
)

var (
	// ErrNoTargets says that no server may be asked, as there is no list.
	ErrNoTargets = errors.New("no server may be asked, since there is no file of targets (WATTNUT_PROBE_CONFIG)")
	// ErrNotAllowed says that a server is not in the list.
	ErrNotAllowed = errors.New("it is not in the file of targets (WATTNUT_PROBE_CONFIG)")
)

// Servers are the servers that may be asked, and what is known of them. Their
// methods may be called from any goroutine. Make them with [New].
type Servers struct {
	log *slog.Logger

	mu    sync.Mutex
	list  []*Server
	index map[string]*Server // by address
}

// New returns the servers of a list. They are told about on log when they
// cannot be asked, once, and when they can again. nil Servers are none.
func New(targets []Target, log *slog.Logger) *Servers {
	s := &Servers{log: log}
	s.Replace(targets)
	return s
}

// Replace puts another list in the place of the former one. What is known of a
// server that is in both stays known; connections are made anew.
func (s *Servers) Replace(targets []Target) {
	s.mu.Lock()
	defer s.mu.Unlock()
	former := s.index
	s.list, s.index = make([]*Server, 0, len(targets)), make(map[string]*Server, len(targets))
	for _, t := range targets {
		next := newServer(t, s.log.With("target", t.Address))
		if old := former[t.Address]; old != nil {
			next.memory = old.memory
		}
		s.list = append(s.list, next)
		s.index[t.Address] = next
	}
	for _, old := range former {
		old.idle.close()
	}
}

// Lookup finds the server of host[:port], or says why it may not be asked:
// [ErrNoTargets], [ErrNotAllowed], or what is wrong with the address.
func (s *Servers) Lookup(address string) (*Server, error) {
	address, err := Address(address)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, ErrNoTargets
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.index[address]; found != nil {
		return found, nil
	}
	return nil, ErrNotAllowed
}

// All yields the servers in the order of the list.
func (s *Servers) All() iter.Seq[*Server] {
	if s == nil {
		return func(func(*Server) bool) {}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Values(s.list)
}

// Close ends the connections that are kept. Servers can still be asked, but
// keep none any more.
func (s *Servers) Close() {
	for server := range s.All() {
		server.idle.close()
	}
}
