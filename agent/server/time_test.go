package server

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// within tells whether d is at least low and at most a second more, which is
// how exactly the server keeps its timeouts.
func about(d, low time.Duration) bool { return d >= low && d <= low+time.Second }

// cutOff returns how long it takes until the server closes p.
func cutOff(t *testing.T, p *peer) time.Duration {
	t.Helper()
	start := time.Now()
	p.SetReadDeadline(start.Add(time.Hour))
	if c, err := p.r.ReadByte(); err == nil {
		t.Errorf("the client is sent %q", c)
	}
	return time.Since(start)
}

func TestIdleTimeout(t *testing.T) {
	bubble(t, new(Server), Policy{}, func(l *pipes) {
		silent := l.dial(someone)
		if took := cutOff(t, silent); !about(took, time.Minute) {
			t.Errorf("a silent client is cut off after %v", took)
		}
		busy := l.dial(someone)
		for range 10 {
			l.sleep(55 * time.Second)
			busy.ask("NOSUCH", "ERR UNKNOWN-COMMAND") // errors count, too
		}
		if took := cutOff(t, busy); !about(took, time.Minute) {
			t.Errorf("a client that fell silent is cut off after %v", took)
		}
	})
}

func TestBytesWithoutLineDoNotCount(t *testing.T) {
	bubble(t, new(Server), Policy{}, func(l *pipes) {
		p := l.dial(someone)
		start := time.Now()
		for time.Since(start) < time.Hour {
			l.sleep(5 * time.Second)
			if _, err := p.Write([]byte("x")); err != nil {
				break
			}
		}
		if took := time.Since(start); took > 70*time.Second {
			t.Errorf("a client without a line is cut off after %v", took)
		}
	})
}

func TestNoIdleTimeout(t *testing.T) {
	bubble(t, &Server{IdleTimeout: -1}, Policy{}, func(l *pipes) {
		p := l.dial(someone)
		l.sleep(24 * time.Hour)
		p.ask("PROTVER", "1.3")
	})
}

func TestTrackingExpires(t *testing.T) {
	door := new(orders)
	s := &Server{Store: storeOf(newUPS("u", door, nut.Live, orderable)), Users: accounts(), IdleTimeout: -1}
	bubble(t, s, Policy{}, func(l *pipes) {
		p := l.dial(someone)
		p.asks("USERNAME admin", "OK", "PASSWORD sekret", "OK", "SET TRACKING ON", "OK")
		p.send("SET VAR u ups.id y\n")
		id := strings.TrimPrefix(p.line(), "OK TRACKING ")
		p.ask("GET TRACKING "+id, "PENDING")
		_, done := door.last()
		done(nut.ErrInvalidArgument)
		l.sleep(59 * time.Minute)
		p.ask("GET TRACKING "+id, "ERR INVALID-ARGUMENT")
		l.sleep(2 * time.Minute)
		p.ask("GET TRACKING "+id, "ERR UNKNOWN")
		done(nil) // late, and for nobody
		p.ask("GET TRACKING "+id, "ERR UNKNOWN")
	})
}

func TestTrackingIsBounded(t *testing.T) {
	tracked := tracker{keep: time.Hour}
	s := &session{user: "u", number: 1}
	first, _ := tracked.start(s)
	for range mostTracked {
		tracked.start(s)
	}
	if _, ok := tracked.lookup(first); ok {
		t.Error("the oldest is kept")
	}
	if n := len(tracked.entries); n != mostTracked {
		t.Errorf("%d are kept", n)
	}
}

func TestGuessingIsSlowed(t *testing.T) {
	s := &Server{Store: storeOf(newUPS("u", nil, nut.Live, orderable)), Users: accounts(), IdleTimeout: -1}
	bubble(t, s, Policy{}, func(l *pipes) {
		p := l.dial(someone)
		p.asks("USERNAME admin", "OK", "PASSWORD guess", "OK")
		guess := func(p *peer) time.Duration {
			start := time.Now()
			p.ask("FSD u", "ERR ACCESS-DENIED")
			return time.Since(start)
		}
		for i, want := range []time.Duration{0, 0, 0, 250 * time.Millisecond, 500 * time.Millisecond, time.Second} {
			if took := guess(p); took != want {
				t.Errorf("guess %d takes %v, want %v", i+1, took, want)
			}
		}
		if n := s.Stats().AuthFailures; n != 6 {
			t.Errorf("%d failures counted", n)
		}
		right := l.dial(another)
		right.asks("USERNAME admin", "OK", "PASSWORD sekret", "OK")
		start := time.Now()
		right.ask("FSD u", "OK FSD-SET")
		if took := time.Since(start); took != 0 {
			t.Errorf("another address waits %v", took)
		}
		l.sleep(2 * time.Minute)
		if took := guess(p); took != 0 {
			t.Errorf("after two quiet minutes a guess takes %v", took)
		}
	})
}

func TestGuessingOverManyConnections(t *testing.T) {
	s := &Server{Store: storeOf(newUPS("u", nil, nut.Live, orderable)), Users: accounts()}
	bubble(t, s, Policy{}, func(l *pipes) {
		start := time.Now()
		for range 40 {
			p := l.dial(someone)
			p.asks("USERNAME admin", "OK", "PASSWORD guess", "OK")
			p.send("FSD u\n")
			go io.Copy(io.Discard, p)
		}
		synctest.Wait()
		l.sleep(20 * time.Second)
		checked := s.Stats().AuthFailures
		if failed := s.guard.fails[network(netip.MustParseAddr("192.0.2.1"))].count; failed > 10 {
			t.Errorf("in %v, %d guesses were checked", time.Since(start), failed)
		}
		if checked != 40 {
			t.Errorf("%d of 40 guesses are answered", checked)
		}
	})
}

// A client that was found right does not wait for others at its address who
// guess: on a machine with a hostile user, the primary's order to shut down
// would come too late.
func TestFoundRightDoesNotWait(t *testing.T) {
	s := &Server{Store: storeOf(newUPS("u", nil, nut.Live, orderable)), Users: accounts(), IdleTimeout: -1}
	bubble(t, s, Policy{}, func(l *pipes) {
		right, p := l.dial(someone), l.dial(someone)
		right.asks("USERNAME primon", "OK", `PASSWORD "pass word"`, "OK", "LOGIN u", "OK")
		p.asks("USERNAME admin", "OK", "PASSWORD guess", "OK")
		for range 6 {
			p.ask("FSD u", "ERR ACCESS-DENIED")
		}
		counted := s.guard.fails[network(netip.MustParseAddr("192.0.2.1"))].count
		start := time.Now()
		right.asks("PRIMARY u", "OK PRIMARY-GRANTED", "FSD u", "OK FSD-SET")
		if took := time.Since(start); took != 0 {
			t.Errorf("a shutdown waits %v", took)
		}
		if now := s.guard.fails[network(netip.MustParseAddr("192.0.2.1"))].count; now != counted {
			t.Errorf("guesses are forgiven for it: %d, were %d", now, counted)
		}
	})
}

// slow takes a minute to compare a password.
type slow struct{}

func (slow) Authenticate(string, string) (Rights, bool) {
	<-time.After(time.Minute)
	return Rights{}, false
}

// Who waits for the turn of its password does not hold up the end.
func TestShutdownDoesNotWaitForPasswords(t *testing.T) {
	s := &Server{Store: storeOf(newUPS("u", nil, nut.Live, orderable)), Users: slow{}, LoginDelay: -1}
	synctest.Test(t, func(t *testing.T) {
		l := newPipes(t)
		served := make(chan error, 1)
		go func() { served <- s.Serve(t.Context(), l, Policy{}) }()
		for range 20 {
			p := l.dial(someone)
			p.asks("USERNAME admin", "OK", "PASSWORD guess", "OK")
			p.send("FSD u\n")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_ = s.Shutdown(ctx)
		if took := time.Since(start); took > time.Minute {
			t.Errorf("the end takes %v", took)
		}
		<-served
	})
}

func TestGuardIsBounded(t *testing.T) {
	g := guard{delay: time.Second}
	now := time.Now()
	for i := range 3 * mostFails {
		g.failed(addressOf(i), now)
	}
	if len(g.fails) > mostFails {
		t.Errorf("%d networks are kept in mind", len(g.fails))
	}
}

func TestShutdownWaitsForAnswers(t *testing.T) {
	s := &Server{Store: storeOf(newUPS("u", nil, nut.Live, orderable))}
	synctest.Test(t, func(t *testing.T) {
		l := newPipes(t)
		served := make(chan error, 1)
		go func() { served <- s.Serve(t.Context(), l, Policy{}) }()
		idle, asking := l.dial(someone), l.dial(another)
		asking.send("PROTVER\n") // and is slow to read
		synctest.Wait()
		ended := make(chan error, 1)
		go func() { ended <- s.Shutdown(t.Context()) }()
		synctest.Wait()
		idle.closed()
		if got := asking.line(); got != "1.3" {
			t.Errorf("the answer under way is %q", got)
		}
		asking.closed()
		if err := <-ended; err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; !errors.Is(err, ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
		if err := s.Serve(t.Context(), newPipes(t), Policy{}); !errors.Is(err, ErrServerClosed) {
			t.Errorf("serve after shutdown: %v", err)
		}
	})
}

func TestShutdownLosesPatience(t *testing.T) {
	s := new(Server)
	synctest.Test(t, func(t *testing.T) {
		l := newPipes(t)
		served := make(chan error, 1)
		go func() { served <- s.Serve(t.Context(), l, Policy{}) }()
		stalled := l.dial(someone)
		stalled.send("PROTVER\n") // and never reads
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("shutdown: %v", err)
		}
		stalled.closed()
		<-served
	})
}

func TestServeEndsWithItsContext(t *testing.T) {
	s := new(Server)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l, other := newPipes(t), newPipes(t)
		served := make(chan error, 2)
		go func() { served <- s.Serve(ctx, l, Policy{}) }()
		go func() { served <- s.Serve(t.Context(), other, Policy{}) }()
		p := l.dial(someone)
		cancel()
		if err := <-served; !errors.Is(err, context.Canceled) {
			t.Errorf("serve: %v", err)
		}
		p.ask("PROTVER", "1.3") // who is connected stays so
		other.dial(another).ask("PROTVER", "1.3")
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		<-served
	})
}

func TestRightPasswordsAreForgiven(t *testing.T) {
	g := guard{delay: time.Second}
	now, a := time.Now(), addressOf(1)
	for range freeFails {
		g.failed(a, now)
	}
	for range 5 {
		now = now.Add(3 * time.Second)
		if wait, ok := g.reserve(a, now); wait != 0 || !ok {
			t.Errorf("a right password waits %v, %v", wait, ok)
		}
		g.right(a)
	}
	if n := g.fails[network(a)].count; n != freeFails {
		t.Errorf("%d are counted", n)
	}
}
