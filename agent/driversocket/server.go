package driversocket

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/nut"
)

// maxConns is how many may be connected at once: NUT's upsd is one.
const maxConns = 64

// Server serves the facts of one UPS. UPS is required; the rest may be zero.
type Server struct {
	UPS  *state.UPS
	Log  *slog.Logger // nil: nobody is told
	Core Core

	tasks   sync.WaitGroup // all goroutines but Serve's own
	working atomic.Bool    // a command of the Core is under way

	mu    sync.Mutex
	told  *nut.Snapshot // what the connections know
	flags flags
	conns map[*conn]struct{}
}

// Serve accepts connections from l and serves them until ctx ends, or l fails.
// It closes l and all connections before it returns: nil if ctx ended. It is
// called once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	s.begin()
	changed, stop := s.UPS.Watch()
	s.tasks.Go(func() { s.watch(ctx, changed) })
	s.tasks.Go(func() {
		<-ctx.Done()
		l.Close()
	})
	err := s.accept(ctx, l)
	cancel()
	stop()
	s.end()
	s.tasks.Wait()
	return err
}

func (s *Server) begin() {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	s.conns = make(map[*conn]struct{})
	s.told = s.UPS.Snapshot()
	s.flags = flags{s.Core.AllowKillpower, s.Core.DebugLevel}
	s.refresh()
}

func (s *Server) accept(ctx context.Context, l net.Listener) error {
	for {
		nc, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				nc.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // out of files, say: it may pass
			s.Log.Warn("socket takes nobody", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		default:
			s.admit(ctx, newConn(nc))
		}
	}
}

// admit serves c, if there is room.
func (s *Server) admit(ctx context.Context, c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) == maxConns {
		s.Log.Warn("socket has too many connections")
		c.net.Close()
		return
	}
	s.conns[c] = struct{}{}
	s.tasks.Go(func() {
		defer s.dismiss(c)
		s.converse(ctx, c)
	})
}

func (s *Server) dismiss(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// end ends the connections that are left, as soon as what was said to them is
// written.
func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.end()
		c.net.SetReadDeadline(time.Now())
	}
}

// watch tells the connections of each change.
func (s *Server) watch(ctx context.Context, changed <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			s.refresh()
		}
	}
}

// refresh tells all connections what has changed since it last did.
func (s *Server) refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refreshLocked()
}

func (s *Server) refreshLocked() {
	next := s.overlay(s.latest())
	lines := appendChanges(nil, s.told, next)
	s.told = next
	if len(lines) == 0 {
		return
	}
	for c := range s.conns {
		if !c.quiet {
			c.push(lines)
		}
	}
}

// latest is the latest snapshot. While it is not complete it has the facts that
// were told last: NUT's drivers keep theirs too, and say that they are stale.
func (s *Server) latest() *nut.Snapshot {
	now := s.UPS.Snapshot()
	if now.Health == nut.Absent || now.Health == nut.Waiting {
		return s.told.With(now.Health, now.Time)
	}
	return now
}

// facts brings all connections up to date, and returns what they now know.
func (s *Server) facts() *nut.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refreshLocked()
	return s.told
}
