package probe

import (
	"slices"
	"sync"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut/client"
)

// memory is what is known of a server from the last time.
type memory struct {
	mu       sync.Mutex
	list     []client.UPS
	last     map[string]collectors.UPS // what each UPS said, by name
	suspects map[string]bool           // those that broke the conversation
	trouble  string                    // why the server could not be asked; "" if it could
}

func newMemory() *memory {
	return &memory{last: make(map[string]collectors.UPS), suspects: make(map[string]bool)}
}

// learn takes a list over, and forgets the UPSes that are not in it.
func (m *memory) learn(list []client.UPS) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = list
	listed := make(map[string]bool, len(list))
	for _, u := range list {
		listed[u.Name] = true
	}
	for name := range m.last {
		if !listed[name] {
			delete(m.last, name)
		}
	}
	for name := range m.suspects {
		if !listed[name] {
			delete(m.suspects, name)
		}
	}
}

func (m *memory) names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := make([]string, len(m.list))
	for i, u := range m.list {
		names[i] = u.Name
	}
	return names
}

// suspect notes that a UPS broke the conversation, and tells whether that is
// new.
func (m *memory) suspect(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.suspects[name] || len(m.suspects) >= maxUPS {
		return false
	}
	m.suspects[name] = true
	return true
}

// suspectsLast puts those behind the others, in place.
func (m *memory) suspectsLast(names []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.SortStableFunc(names, func(a, b string) int {
		switch {
		case m.suspects[a] == m.suspects[b]:
			return 0
		case m.suspects[b]:
			return -1
		}
		return 1
	})
}

// note takes over what a UPS says now. What it says again in the same words is
// the former snapshot, with all that was worked out from it. Silence leaves the
// time when it was last heard.
func (m *memory) note(u collectors.UPS) collectors.UPS {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := u.Snapshot.UPS
	former, known := m.last[name]
	if u.Contact.IsZero() {
		u.Contact = former.Contact
		return u
	}
	delete(m.suspects, name)
	if known && former.Snapshot.Same(u.Snapshot) {
		u.Snapshot = former.Snapshot
	}
	if known || len(m.last) < maxUPS {
		m.last[name] = u
	}
	return u
}

// changed notes why the server cannot be asked, and tells whether that is new.
func (m *memory) changed(trouble string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.trouble
	m.trouble = trouble
	return (was == "") != (trouble == "")
}
