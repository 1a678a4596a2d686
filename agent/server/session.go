package server

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// flushAt is how many bytes of answers are gathered before they are written,
// while more requests are at hand.
const flushAt = 32 << 10

// session is one connection. It belongs to its own goroutine, save raw.
type session struct {
	server  *Server
	policy  Policy
	number  uint64   // of all sessions of the server, its own
	raw     net.Conn // as accepted: what others may close
	conn    net.Conn // raw, or TLS over it
	address netip.Addr
	client  string // the address for people and for LIST CLIENT

	user, password       string
	hasUser, hasPassword bool
	known                time.Time // when user and password were last found right; zero if the last time they were not
	login                *state.Login
	tracking             bool
	secure               bool

	scan    wire.Scanner
	out     []byte    // answers not written yet; nil while waiting
	touched time.Time // when the deadlines were last moved
	ending  bool      // close when out is written
	overrun bool      // the client has more to send than we read
	rest    int       // bytes read behind the line being carried out
	wait    waiter
	in      [1024]byte
}

func newSession(server *Server, conn net.Conn, p Policy) *session {
	s := &session{server: server, policy: p, number: server.sessions.Add(1), raw: conn, conn: conn, client: conn.RemoteAddr().String()}
	if a, err := netip.ParseAddrPort(s.client); err == nil {
		s.address = a.Addr().Unmap()
		s.client = s.address.String()
	}
	s.wait.watch(conn, &server.looking)
	return s
}

// serve answers until the connection ends.
func (s *session) serve() {
	defer s.close()
	for s.touch(); !s.ending; {
		n, err := s.wait.read(s.conn, s.in[:])
		if n > 0 {
			err = errors.Join(err, s.answer(s.in[:n]))
		}
		if err != nil {
			s.farewell(err)
			return
		}
	}
}

// close ends the session's traces elsewhere.
func (s *session) close() {
	if s.login != nil {
		s.login.Close()
		s.server.Log.Info("client logged out", "ups", s.login.UPS().Name, "client", s.client, "user", s.user)
	}
	if s.overrun {
		s.linger()
	}
	if s.secure { // says goodbye in TLS, so that the client knows that nothing was cut off
		s.conn.Close()
	}
	s.raw.Close()
}

// linger lets a client that is still sending read its last answer: closing on
// unread bytes would take the answer away from it.
func (s *session) linger() {
	if tcp, ok := s.raw.(*net.TCPConn); ok && tcp.CloseWrite() == nil {
		s.raw.SetReadDeadline(time.Now().Add(time.Second))
		_, _ = io.CopyN(io.Discard, s.raw, 1<<20)
	}
}

// farewell notes why a session ended that nobody asked to end.
func (s *session) farewell(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) && !s.server.clients.closing.Load() {
		s.server.stats.timeouts.Add(1)
		s.server.Log.Debug("client timed out", "client", s.client)
	}
}

// answer takes data in and writes what it asked for.
func (s *session) answer(data []byte) error {
	buf := buffers.Get().(*[]byte)
	s.out = (*buf)[:0]
	s.take(data)
	err := s.flush()
	if cap(s.out) <= 2*flushAt {
		*buf = s.out
		buffers.Put(buf)
	}
	s.out = nil
	return err
}

// take carries out all complete lines of data, and keeps the rest.
func (s *session) take(data []byte) {
	lines := false
	for len(data) > 0 && !s.ending {
		n, r := s.scan.Scan(data)
		data = data[n:]
		switch r {
		case wire.Line:
			lines = true
			s.execute(s.scan.Words(), len(data))
		case wire.Bad:
			lines = true
			s.refuse(unknown, nut.ErrInvalidArgument)
		case wire.More:
			if s.scan.Pending() > s.server.MaxLine {
				s.refuse(unknown, nut.ErrInvalidArgument)
				s.ending, s.overrun = true, true
			}
		}
		if len(s.out) >= flushAt && s.flush() != nil {
			s.ending = true
		}
	}
	if lines {
		s.touch()
	}
}

// touch moves the deadlines away, as often as a second at most: a client has
// up to a second more than the timeouts say.
func (s *session) touch() {
	now := time.Now()
	if now.Sub(s.touched) < time.Second {
		return
	}
	s.touched = now
	s.raw.SetWriteDeadline(now.Add(s.server.WriteTimeout + time.Second))
	if s.server.IdleTimeout > 0 {
		s.raw.SetReadDeadline(now.Add(s.server.IdleTimeout + time.Second))
	}
	if s.server.clients.closing.Load() { // after the deadline: close sets its own behind the mark
		s.raw.SetReadDeadline(time.Unix(1, 0))
	}
}

// buffers are for answers, from a request to its flush: who waits has none.
var buffers = sync.Pool{New: func() any { return new(make([]byte, 0, 4<<10)) }}

// flush writes the answers.
func (s *session) flush() error {
	if len(s.out) == 0 {
		return nil
	}
	s.touch()
	_, err := s.conn.Write(s.out)
	s.out = s.out[:0]
	return err
}
