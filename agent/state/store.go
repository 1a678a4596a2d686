package state

import (
	"strings"
	"sync"
	"sync/atomic"
)

// Store is the set of UPSes. The zero Store is empty and ready.
type Store struct {
	mu   sync.Mutex // held by writers
	list atomic.Pointer[list]
}

type list struct {
	all    []*UPS
	byName map[string]*UPS // by name in lower case
}

// All returns the UPSes in the order of the configuration. The caller must not
// change the slice.
func (s *Store) All() []*UPS {
	if l := s.list.Load(); l != nil {
		return l.all
	}
	return nil
}

// Lookup returns the UPS of that name, compared without regard to case, or nil.
func (s *Store) Lookup(name string) *UPS {
	l := s.list.Load()
	if l == nil {
		return nil
	}
	if u := l.byName[name]; u != nil {
		return u
	}
	return l.byName[strings.ToLower(name)]
}

// Replace makes all the set of UPSes. Those that were in the set and are not
// any more lose their logins. Names must differ in more than case.
func (s *Store) Replace(all []*UPS) {
	next := &list{all: all, byName: make(map[string]*UPS, len(all))}
	for _, u := range all {
		next.byName[strings.ToLower(u.Name)] = u
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.list.Swap(next)
	if old == nil {
		return
	}
	for _, u := range old.all {
		if next.byName[strings.ToLower(u.Name)] != u {
			u.remove()
		}
	}
}
