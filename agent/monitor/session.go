package monitor

import (
	"context"
	"crypto/tls"
	"errors"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

const (
	// deniedPause is how long a LOGIN that was denied is left alone.
	deniedPause = 5 * time.Minute
	// leaveTime is how long the goodbye may take.
	leaveTime = time.Second
)

var errNoLink = errors.New("not connected")

// session is a connection to an upsd, and what it was granted.
type session struct {
	*client.Client

	loggedIn bool
	tried    time.Time // when LOGIN was asked for
	denied   bool      // and was denied
	forced   bool      // the forced shutdown is latched
}

// connect connects, and says who asks.
func (r *remote) connect(ctx context.Context) {
	if r.link == nil {
		r.polled = time.Now()
	}
	bounded, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	link, err := r.open(bounded)
	if err == nil {
		r.link = link
		err = r.introduce(ctx)
	}
	if err != nil {
		r.hangUp()
		r.refused++
		if ctx.Err() == nil {
			r.fail(err, nut.Absent)
		}
		return
	}
	r.refused, r.polled = 0, time.Time{}
}

// open connects and turns to TLS.
func (r *remote) open(ctx context.Context) (*session, error) {
	conn, err := r.dial(ctx, r.network, r.Target.Address())
	if err != nil {
		return nil, err
	}
	c := client.New(conn, &client.Options{Timeout: r.timeout})
	config := r.TLS
	if config == nil {
		config = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
	}
	if r.RequireTLS {
		err = c.StartTLS(ctx, config)
	} else {
		_, err = c.TryTLS(ctx, config)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &session{Client: c}, nil
}

// introduce gives user and password, counts this host in, and asks for the role
// of the primary. What the server refuses is told once, and polling goes on, as
// NUT's upsmon does: the UPS is seen, though not told of this host.
func (r *remote) introduce(ctx context.Context) error {
	if r.User != "" {
		r.once("user", "this host is nobody to the server", r.link.Authenticate(ctx, r.User, r.Password))
	}
	r.logIn(ctx)
	if r.primary && r.link.Unusable() == nil {
		r.once("primary", "this host may not force a shutdown", r.link.Primary(ctx, r.Target.UPS))
	}
	return r.link.Unusable()
}

// logIn counts this host in, where it is fed by the UPS and not counted yet. It
// is not asked for at each poll where it was denied.
func (r *remote) logIn(ctx context.Context) {
	s := r.link
	if !r.counts || s.loggedIn || s.Unusable() != nil || s.denied && time.Since(s.tried) < deniedPause {
		return
	}
	s.tried = time.Now()
	err := s.Login(ctx, r.Target.UPS)
	s.loggedIn = err == nil
	s.denied = errors.Is(err, nut.ErrAccessDenied)
	r.once("login", "the UPS is watched, but its primary will not wait for this host", err)
}

// latch sets the forced shutdown.
func (r *remote) latch(ctx context.Context) {
	err := r.link.FSD(ctx, r.Target.UPS)
	r.link.forced = err == nil
	r.once("fsd", "the secondaries are not told to shut down", err)
	r.lost()
}

// count asks how many are logged in.
func (r *remote) count(ctx context.Context) {
	n, err := 0, errNoLink
	if r.link == nil {
		r.log.Debug("logins not counted", "error", err)
	} else if n, err = r.link.NumLogins(ctx, r.Target.UPS); err == nil && !r.link.loggedIn {
		n++ // this host, which the server does not count
	}
	r.lost()
	if err == nil {
		r.unheard = 0
		r.publish(func(l *Reading) { l.Logins = max(n, 1) })
		return
	}
	if r.unheard++; r.unheard >= unanswered {
		r.publish(func(l *Reading) { l.Logins = 1 })
	}
}

// lost forgets a connection that is of no more use.
func (r *remote) lost() {
	if r.link != nil && r.link.Unusable() != nil {
		r.hangUp()
	}
}

// hangUp ends the connection, if there is one.
func (r *remote) hangUp() {
	if r.link != nil {
		r.link.Close() //nolint:errcheck // there is nothing left to lose
		r.link = nil
	}
}

// leave says goodbye at the end.
func (r *remote) leave(ctx context.Context) {
	if r.link == nil {
		return
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	r.link.Logout(bounded) //nolint:errcheck // a server may hang up first
	r.link = nil
}
