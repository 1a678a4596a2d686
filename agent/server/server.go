package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/nut"
)

// ErrServerClosed is what Serve returns after Shutdown.
var ErrServerClosed = errors.New("server closed")

// Server answers clients. The zero Server works: it knows no UPS and no user.
// Its fields must not change once Serve was called; what a reload changes
// changes behind Store, Users, Descriptions and TLS.
type Server struct {
	Store        *state.Store // the UPSes; nil for none
	Users        Users        // who may do what; nil lets nobody do anything that needs a password
	TLS          *tls.Config  // for STARTTLS; nil answers FEATURE-NOT-CONFIGURED
	Descriptions Descriptions // for GET DESC and GET CMDDESC; nil has none
	Log          *slog.Logger // nil discards
	Version      string       // server.version; "" is "unknown"

	TrackingDelay time.Duration // how long the outcome of an order is kept; 0 is an hour
	OrderTimeout  time.Duration // how long the way to a device may take to take an order; 0 is 5 s

	MaxConns           int           // clients at once; 0 is 16384
	MaxConnsPerAddress int           // of one IPv4 address or IPv6 /64; 0 is 1024, and no limit for this host
	MaxLine            int           // bytes of a line; 0 is 64 KiB. Who sends more is told so and cut off
	IdleTimeout        time.Duration // without a complete line; 0 is the 60 s of upsd, negative is never
	WriteTimeout       time.Duration // for a client that does not read; 0 is 10 s
	HandshakeTimeout   time.Duration // of TLS; 0 is 5 s
	// LoginDelay slows who guesses passwords: from the fourth wrong one of
	// an address on, checks wait this long, twice as long each time, at most
	// 5 s. 0 is 250 ms, negative is never.
	LoginDelay time.Duration

	once     sync.Once
	base     context.Context // of all orders; ends when Shutdown loses patience
	cancel   context.CancelFunc
	clients  registry
	tracking tracker
	guard    guard
	stats    stats
	checking chan struct{} // holds as many as passwords are being compared
	sessions atomic.Uint64 // how many there were
	looking  atomic.Bool   // see waiter
}

// Policy is what one LISTEN address asks of its clients.
type Policy struct {
	TLSRequired bool // nothing but STARTTLS is answered in clear: TLS-NOT-ENABLED
	NoAnonymous bool // GET and LIST need a user and a password, too (RFC 9271 section 4.2.13)
}

// Descriptions says in words what variables and commands are. Names come in
// any case; "" means that there are no words for it.
type Descriptions interface {
	Variable(nut.Name) string
	Command(nut.Name) string
}

// setUp gives the fields that were left zero their meaning.
func (s *Server) setUp() {
	s.once.Do(func() {
		s.base, s.cancel = context.WithCancel(context.Background())
		if s.Store == nil {
			s.Store = new(state.Store)
		}
		if s.Log == nil {
			s.Log = slog.New(slog.DiscardHandler)
		}
		s.checking = make(chan struct{}, authChecks)
		orDefault(&s.Version, "unknown")
		orDefault(&s.TrackingDelay, time.Hour)
		orDefault(&s.OrderTimeout, 5*time.Second)
		orDefault(&s.MaxConns, 16384)
		orDefault(&s.MaxLine, 64<<10)
		orDefault(&s.IdleTimeout, time.Minute)
		orDefault(&s.WriteTimeout, 10*time.Second)
		orDefault(&s.HandshakeTimeout, 5*time.Second)
		orDefault(&s.LoginDelay, 250*time.Millisecond)
		s.guard.delay = s.LoginDelay
		s.tracking.keep = s.TrackingDelay
	})
}

func orDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Serve answers the clients of l, which it closes, until ctx ends, Shutdown is
// called, or l fails. The error is ctx's, ErrServerClosed, or l's. Clients that
// are connected stay so until Shutdown. Serve may run on several listeners.
func (s *Server) Serve(ctx context.Context, l net.Listener, p Policy) error {
	s.setUp()
	defer l.Close()
	if !s.clients.listen(l) {
		return ErrServerClosed
	}
	defer s.clients.unlisten(l)
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for wait := time.Duration(0); ; {
		conn, err := l.Accept()
		switch {
		case err == nil:
			wait = 0
			s.accept(conn, p)
		case s.clients.closing.Load():
			return ErrServerClosed
		case ctx.Err() != nil:
			return ctx.Err()
		case !passing(err):
			return err
		default: // out of descriptors: some will be free again
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			s.Log.Warn("connection not accepted", "error", err, "retry", wait)
			pause(ctx, wait)
		}
	}
}

// passing tells whether Accept may work again after err.
func passing(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && !errors.Is(err, net.ErrClosed) && (ne.Timeout() || temporary(err))
}

// temporary tells whether err is a want of something that comes back.
func temporary(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// accept starts the session of a new connection, or turns it away.
func (s *Server) accept(conn net.Conn, p Policy) {
	c := newSession(s, conn, p)
	limit := s.MaxConnsPerAddress
	if limit == 0 && !c.address.IsLoopback() {
		limit = 1024
	}
	if !s.clients.add(c, s.MaxConns, limit) {
		s.stats.refused.Add(1)
		s.Log.Debug("too many connections", "client", c.client)
		turnAway(conn)
		return
	}
	s.stats.accepted.Add(1)
	go func() {
		defer s.clients.remove(c)
		c.serve()
	}()
}

// turnAway tells a client that there is no room for it. It must not wait: the
// one line fits into any socket's buffer.
func turnAway(conn net.Conn) {
	conn.SetDeadline(time.Now().Add(100 * time.Millisecond))
	_, _ = conn.Write([]byte("ERR ACCESS-DENIED\n")) // who is gone already needs no answer
	conn.Close()
}

// Shutdown ends the server: listeners close at once, clients when what they
// asked for is answered. When ctx ends first they are cut off, and Shutdown
// returns ctx's error. When it returns, all goroutines of s have ended.
func (s *Server) Shutdown(ctx context.Context) error {
	s.setUp()
	s.clients.close()
	ended := make(chan struct{})
	go func() {
		s.clients.running.Wait()
		close(ended)
	}()
	defer s.cancel()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	s.cancel()
	s.clients.cut()
	<-ended
	return ctx.Err()
}

// network is the part of an address that counts as one client: an IPv4
// address, or the /64 of an IPv6 one.
func network(a netip.Addr) netip.Addr {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

// pause waits, and tells whether it waited to the end.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
