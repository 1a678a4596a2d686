package server

import (
	"context"
	"crypto/tls"

	"github.com/wattnut/wattnut/nut"
)

// startTLS answers in clear and goes on encrypted (RFC 9271 section 4.2.12).
// What a client sent behind STARTTLS before it had the answer came in clear and
// from anybody: such a connection ends. What was said before holds on.
func (s *session) startTLS([][]byte) error {
	switch {
	case s.secure:
		return nut.ErrAlreadySSLMode
	case s.server.TLS == nil:
		return nut.ErrFeatureNotConfigured
	case s.rest > 0:
		s.ending, s.overrun = true, true
		return nut.ErrInvalidArgument
	}
	if err := s.say("OK STARTTLS"); err != nil {
		return err
	}
	if s.flush() != nil || s.handshake() != nil {
		s.ending = true
	}
	return nil
}

// handshake makes the connection an encrypted one.
func (s *session) handshake() error {
	ctx, cancel := context.WithTimeout(s.server.base, s.server.HandshakeTimeout)
	defer cancel()
	conn := tls.Server(s.raw, s.server.TLS)
	if err := conn.HandshakeContext(ctx); err != nil {
		s.server.stats.handshakesFailed.Add(1)
		s.server.Log.Info("TLS handshake failed", "client", s.client, "err", err)
		return err
	}
	s.conn, s.secure = conn, true
	s.wait = waiter{}
	return nil
}
