package probe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut/client"
)

// Server is a server that may be asked, and the connections to it. Its methods
// may be called from any goroutine.
type Server struct {
	Target

	log    *slog.Logger
	slots  chan struct{} // one for each question that may be under way
	idle   *pool
	memory *memory
}

const (
	maxAtOnce = 4 // questions to one server
	// patience is the share of the whole time that one answer may take, so that
	// after one that never ends there is time for the others.
	patience = 3
)

func newServer(t Target, log *slog.Logger) *Server {
	return &Server{
		Target: t, log: log,
		slots:  make(chan struct{}, maxAtOnce),
		idle:   &pool{},
		memory: newMemory(),
	}
}

// User is who asks, in place of whom the list says. The zero User is whom the
// list says.
type User struct{ Name, Password string }

// line is a conversation with a server: one connection after another.
type line struct {
	server *Server
	user   User
}

// enter waits until fewer than maxAtOnce questions are under way.
func (s *Server) enter(ctx context.Context) (leave func(), err error) {
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %d questions are under way already: %w", s.Address, maxAtOnce, context.Cause(ctx))
	}
}

// take returns a connection that was kept, or else a new one.
func (l line) take(ctx context.Context) (c *conn, kept bool, err error) {
	if l.user == (User{}) {
		if c := l.server.idle.take(); c != nil {
			return c, true, nil
		}
	}
	c, err = l.connect(ctx)
	return c, false, err
}

// put keeps a connection, unless it is of a user of whom the list knows nothing.
func (l line) put(c *conn) {
	if l.user != (User{}) {
		discard(c)
		return
	}
	l.server.idle.put(c)
}

func (l line) connect(ctx context.Context) (*conn, error) {
	// The limits are those of lists that UPSes really have, and some more.
	opened, err := client.Dial(ctx, l.server.Address, &client.Options{
		Timeout: l.server.Timeout / patience, MaxLine: 8 << 10, MaxRows: maxUPS, MaxList: 512 << 10,
	})
	if err != nil {
		return nil, err
	}
	c := &conn{Client: opened}
	if err := l.greet(ctx, c); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// greet turns to TLS, says who asks, and asks who answers.
func (l line) greet(ctx context.Context, c *conn) error {
	t := l.server.Target
	switch t.encrypt {
	case encryptYes:
		if err := c.StartTLS(ctx, t.tls); err != nil {
			return err // and no password has been sent
		}
	case encryptTry:
		if _, err := c.TryTLS(ctx, t.tls); err != nil {
			return err
		}
	}
	user := l.user
	if user == (User{}) && t.user != "" {
		password, err := t.secret()
		if err != nil {
			return err
		}
		user = User{t.user, password}
	}
	if user.Name != "" {
		if err := c.Authenticate(ctx, user.Name, user.Password); err != nil {
			return err
		}
	}
	said, err := c.Version(ctx)
	c.version = version(said)
	return err
}

// version finds the number in what a server says of itself, as in "Network UPS
// Tools upsd 2.8.0 - http://www.networkupstools.org/".
func version(said string) string {
	for word := range strings.FieldsSeq(said) {
		if '0' <= word[0] && word[0] <= '9' {
			return word
		}
	}
	return strings.TrimSpace(said)
}

// deadline is the end of the time for a whole answer.
func (s *Server) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.Timeout, fmt.Errorf("no answer within %v", s.Timeout.Round(time.Millisecond)))
}
