package server

import (
	"github.com/wattnut/wattnut/nut"
)

func (s *session) setUser(args [][]byte) error {
	if s.hasUser {
		return nut.ErrAlreadySetUsername
	}
	s.user, s.hasUser = string(args[0]), true
	return s.say("OK")
}

func (s *session) setPassword(args [][]byte) error {
	if s.hasPassword {
		return nut.ErrAlreadySetPassword
	}
	s.password, s.hasPassword = string(args[0]), true
	return s.say("OK")
}

// logIn counts the client as fed by a UPS, until the connection ends. The UPS
// need not have a driver (RFC 9271 section 4.2.1).
func (s *session) logIn(args [][]byte) error {
	if s.login != nil {
		return nut.ErrAlreadyLoggedIn
	}
	u, err := s.ups(args[0])
	if err != nil {
		return err
	}
	if err := s.may(func(r Rights) bool { return r.Login }); err != nil {
		return err
	}
	raw := s.raw
	if s.login = u.Login(s.client, func() { raw.Close() }); s.login == nil {
		return nut.ErrUnknownUPS
	}
	s.server.Log.Info("client logged in", "ups", u.Name, "client", s.client, "user", s.user)
	return s.say("OK")
}

func (s *session) logOut([][]byte) error {
	s.ending = true
	return s.say("OK Goodbye")
}

func (s *session) primary(args [][]byte) error { return s.role(args[0], "PRIMARY-GRANTED") }
func (s *session) master(args [][]byte) error  { return s.role(args[0], "MASTER-GRANTED") }

// role tells whether the user may be the UPS' primary; nothing is kept of it.
func (s *session) role(ups []byte, granted string) error {
	if _, err := s.ups(ups); err != nil {
		return err
	}
	if err := s.may(func(r Rights) bool { return r.Primary }); err != nil {
		return err
	}
	return s.say("OK", granted)
}

// forceShutdown sets the latch that tells all clients to shut down now (RFC
// 9271 section 4.2.2).
func (s *session) forceShutdown(args [][]byte) error {
	u, err := s.ups(args[0])
	if err != nil {
		return err
	}
	if err := s.may(func(r Rights) bool { return r.FSD }); err != nil {
		return err
	}
	s.server.Log.Warn("forced shutdown", "ups", u.Name, "client", s.client, "user", s.user)
	u.Force()
	return s.say("OK FSD-SET")
}
