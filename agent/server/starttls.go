package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

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
	conn := tls.Server(&handshaken{Conn: s.raw}, s.server.TLS)
	if err := conn.HandshakeContext(ctx); err != nil {
		s.server.stats.handshakesFailed.Add(1)
		s.server.Log.Info("TLS handshake failed", "client", s.client, "error", err)
		return err
	}
	s.conn, s.secure = conn, true
	s.wait = waiter{}
	return nil
}

// handshaken is a connection whose first byte must be that of a TLS handshake:
// who goes on in clear is not waited for.
type handshaken struct {
	net.Conn
	begun bool
}

// recordHandshake is the first byte of a TLS handshake (RFC 8446 section 5.1).
const recordHandshake = 22

var errNotTLS = errors.New("no TLS behind STARTTLS")

// Read is net.Conn's.
func (h *handshaken) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if n > 0 && !h.begun {
		if h.begun = true; p[0] != recordHandshake {
			return 0, errNotTLS
		}
	}
	return n, err
}
