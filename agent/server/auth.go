package server

import (
	"slices"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// Users is the user file. It is asked anew for each command that needs a right,
// so what a reload changes holds for open connections, too. It may take its
// time, and is called from many goroutines.
type Users interface {
	// Authenticate returns what the user may do; false means that there is
	// no such user or that this is not the password.
	Authenticate(user, password string) (Rights, bool)
}

// Rights is what a user may do. The zero Rights is nothing but reading.
type Rights struct {
	Login   bool // LOGIN
	Primary bool // PRIMARY and MASTER
	FSD     bool // FSD
	Set     bool // SET VAR

	AllCommands bool       // INSTCMD with any command
	Commands    []nut.Name // INSTCMD with these
}

// Takes tells whether the rights cover an instant command.
func (r Rights) Takes(command nut.Name) bool {
	return r.AllCommands || slices.ContainsFunc(r.Commands, command.Equal)
}

// meets tells whether the client did what a command asks of it.
func (s *session) meets(n need) error {
	switch {
	case n == credentials, n == reading && s.policy.NoAnonymous:
	default:
		return nil
	}
	if !s.hasUser {
		return nut.ErrUsernameRequired
	}
	if !s.hasPassword {
		return nut.ErrPasswordRequired
	}
	if n == reading {
		return s.mayRead()
	}
	return nil
}

// readAgain is how long reads trust that user and password were right.
const readAgain = 5 * time.Second

// mayRead tells whether the client is a known user. Reads are many, so it does
// not ask at each.
func (s *session) mayRead() error {
	if !s.known.IsZero() && time.Since(s.known) < readAgain {
		return nil
	}
	_, err := s.rights()
	return err
}

// authChecks is how many passwords are compared at once: comparing can be made
// costly on purpose.
const authChecks = 2

// rights is what the client's user may do, now.
func (s *session) rights() (Rights, error) {
	if !s.hasUser || !s.hasPassword || s.server.Users == nil {
		return Rights{}, nut.ErrAccessDenied
	}
	r, ok := s.check()
	if !ok {
		s.known = time.Time{}
		s.server.stats.authFailures.Add(1)
		s.server.Log.Warn("wrong user or password", "client", s.client, "user", s.user)
		return Rights{}, nut.ErrAccessDenied
	}
	s.known = time.Now()
	return r, nil
}

// check compares the password, when it is this client's turn. A client that was
// found right does not guess, and need not wait for those at its address who
// do: they must not hold up its order for a shutdown.
func (s *session) check() (r Rights, ok bool) {
	wait, heard, found := time.Duration(0), true, !s.known.IsZero()
	compare := func() { r, ok = s.compare(found) }
	inTurn := s.server.inTurn(func() {
		if !found {
			wait, heard = s.server.guard.reserve(s.address, time.Now())
		}
		if heard && wait == 0 {
			compare()
		}
	})
	if inTurn && heard && wait > 0 && pause(s.server.base, wait) {
		s.server.inTurn(compare)
	}
	return r, ok
}

// inTurn does f when fewer than authChecks others are at it, and tells whether
// it did: not when the server ends.
func (s *Server) inTurn(f func()) bool {
	select {
	case s.checking <- struct{}{}:
	case <-s.base.Done():
		return false
	}
	defer func() { <-s.checking }()
	f()
	return true
}

// compare compares the password now, and notes what came of it. found is set
// where it was right before.
func (s *session) compare(found bool) (Rights, bool) {
	r, ok := s.server.Users.Authenticate(s.user, s.password)
	switch {
	case !ok:
		s.server.guard.failed(s.address, time.Now())
	case !found:
		s.server.guard.right(s.address)
	}
	return r, ok
}

// may returns ErrAccessDenied unless allowed says yes to the client's rights.
func (s *session) may(allowed func(Rights) bool) error {
	r, err := s.rights()
	if err == nil && !allowed(r) {
		s.server.Log.Info("user has no right to that", "client", s.client, "user", s.user)
		err = nut.ErrAccessDenied
	}
	return err
}
