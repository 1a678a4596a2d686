package state

import (
	"slices"
	"strings"
)

// Login is a client that counts itself as fed by a UPS (RFC 9271 section 4.2.1).
type Login struct {
	Address string // of the client, without a port
	kick    func()
	ups     *UPS
}

// Login counts a client in. kick, which must not block, is called once if the
// UPS is dropped from the configuration. It returns nil if the UPS already was.
func (u *UPS) Login(address string, kick func()) *Login {
	l := &Login{Address: address, kick: kick, ups: u}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.removed {
		return nil
	}
	if u.logins == nil {
		u.logins = make(map[*Login]struct{})
	}
	u.logins[l] = struct{}{}
	return l
}

// Close counts the client out. It may be called more than once.
func (l *Login) Close() {
	l.ups.mu.Lock()
	defer l.ups.mu.Unlock()
	delete(l.ups.logins, l)
}

// UPS is what the client is logged into.
func (l *Login) UPS() *UPS { return l.ups }

// Logins is how many clients count themselves in.
func (u *UPS) Logins() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.logins)
}

// Clients returns the addresses of the clients that count themselves in, in
// order; one that is logged in twice is there twice.
func (u *UPS) Clients() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := make([]string, 0, len(u.logins))
	for l := range u.logins {
		all = append(all, l.Address)
	}
	slices.SortFunc(all, strings.Compare)
	return all
}

// remove ends the UPS for those who are logged into it.
func (u *UPS) remove() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.removed = true
	for l := range u.logins {
		l.kick()
	}
}
