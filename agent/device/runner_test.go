package device

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// script is a device whose behaviour a test sets while it runs.
type script struct {
	mu     sync.Mutex // hung devices come back at any time
	opens  int
	closes int
	got    []string // orders
	how    how
}

type how struct {
	status string
	err    error         // what Read returns
	hang   chan struct{} // Read waits for it, deaf to its context
	panics bool
}

func (s *script) be(h how) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.how = h
}

func (s *script) now() how {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.how
}

func (s *script) count(n *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*n++
}

func (s *script) Read(_ context.Context, d *nut.Draft) error {
	h := s.now()
	if h.hang != nil {
		<-h.hang
	}
	if h.panics {
		panic("boom")
	}
	if h.err == nil {
		d.SetStatus(h.status)
	}
	return h.err
}

func (s *script) Close() error { s.count(&s.closes); return nil }

func (s *script) Command(_ context.Context, cmd nut.Name, arg string) error {
	s.got = append(s.got, string(cmd)+" "+arg)
	if cmd == "bad" {
		return errors.New("no way")
	}
	return nil
}

func (s *script) Set(_ context.Context, name nut.Name, value string) error {
	s.got = append(s.got, string(name)+"="+value)
	s.be(how{status: value})
	return nil
}

// run starts a Runner for s and returns it. It ends with the test's bubble.
func run(t *testing.T, s *script, config Config) *Runner {
	t.Helper()
	config.Open = func(context.Context, drivers.Env) (drivers.Device, error) { s.count(&s.opens); return s, nil }
	config.UPS = state.NewUPS("u", "", nil)
	r := New(config)
	config.UPS.Configure("", r)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { _ = r.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	synctest.Wait()
	return r
}

func wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func check(t *testing.T, r *Runner, health nut.Health, status string) {
	t.Helper()
	s := r.ups.Snapshot()
	if s.Health != health || s.Value("ups.status") != status {
		t.Errorf("got %s %q, want %s %q", s.Health, s.Value("ups.status"), health, status)
	}
}

func TestPublishesWhatTheDeviceSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{how: how{status: "OL"}}
		r := run(t, s, Config{})
		check(t, r, nut.Live, "OL")
		first := r.ups.Snapshot()
		wait(10 * time.Second)
		if r.ups.Snapshot() != first {
			t.Error("a poll that found nothing new published something")
		}
		if at, _ := r.ups.Contact(); time.Since(at) > 2*time.Second {
			t.Error("a quiet poll did not move the time of contact")
		}
		s.be(how{status: "OB"})
		wait(2 * time.Second)
		check(t, r, nut.Live, "OB")
	})
}

func TestStaleAfterMaxAgeAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{how: how{status: "OB"}}
		r := run(t, s, Config{})
		s.be(how{err: errors.New("no answer")})
		wait(14 * time.Second)
		check(t, r, nut.Live, "OB") // lost packets are borne for MAXAGE
		wait(4 * time.Second)
		check(t, r, nut.Stale, "OB")
		if s.opens < 3 || s.opens != s.closes+1 && s.opens != s.closes {
			t.Errorf("%d opens, %d closes", s.opens, s.closes)
		}
		s.be(how{status: "OB"})
		wait(6 * time.Second)
		check(t, r, nut.Live, "OB")
	})
}

func TestDeviceSaysHowItIs(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want nut.Health
	}{{drivers.ErrWaiting, nut.Waiting}, {drivers.ErrStale, nut.Stale}, {drivers.ErrGone, nut.Absent}} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{how: how{status: "OL"}}
			r := run(t, s, Config{})
			s.be(how{err: fmt.Errorf("wrapped: %w", tt.err)})
			wait(2 * time.Second)
			if got := r.ups.Snapshot().Health; got != tt.want {
				t.Errorf("%v: got %s", tt.err, got)
			}
			s.be(how{status: "OL"})
			wait(6 * time.Second)
			check(t, r, nut.Live, "OL")
		})
	}
}

func TestHangingDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{how: how{status: "OL"}}
		r := run(t, s, Config{Timeout: 3 * time.Second})
		hang := make(chan struct{})
		s.be(how{hang: hang})
		wait(18 * time.Second)
		check(t, r, nut.Stale, "OL")
		wait(10 * time.Minute)
		if s.opens > maxHung+1 {
			t.Errorf("opened %d times though it hangs", s.opens)
		}
		s.be(how{status: "OL"})
		close(hang)
		wait(time.Minute)
		check(t, r, nut.Live, "OL")
	})
}

func TestPanickingDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{how: how{status: "OL"}}
		r := run(t, s, Config{})
		s.be(how{panics: true})
		wait(20 * time.Second)
		check(t, r, nut.Stale, "OL")
		s.be(how{status: "OL"})
		wait(6 * time.Second)
		check(t, r, nut.Live, "OL")
	})
}

func TestOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{how: how{status: "OL"}}
		r := run(t, s, Config{})
		results := make(chan error, 1)
		order := func(o nut.Order) error {
			if err := r.ups.Order(t.Context(), o, func(err error) { results <- err }); err != nil {
				t.Fatal(err)
			}
			return <-results
		}
		if err := order(nut.Order{Set: true, Name: "ups.status", Value: "OB"}); err != nil {
			t.Error(err)
		}
		check(t, r, nut.Live, "OB") // what it did is seen when it is told
		if err := order(nut.Order{Name: "bad", Value: "7"}); !errors.Is(err, nut.ErrFailed) {
			t.Errorf("got %v", err)
		}
		if got := strings.Join(s.got, ","); got != "ups.status=OB,bad 7" {
			t.Errorf("device got %q", got)
		}
	})
}

func TestOrderWithoutContact(t *testing.T) {
	r := New(Config{UPS: state.NewUPS("u", "", nil), Open: func(context.Context, drivers.Env) (drivers.Device, error) { return nil, drivers.ErrGone }})
	if err := r.Order(t.Context(), nut.Order{}, nil); !errors.Is(err, nut.ErrDriverNotConnected) {
		t.Errorf("got %v", err)
	}
}

func TestTooManyOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{how: how{status: "OL"}}
		r := run(t, s, Config{Timeout: time.Second})
		hang := make(chan struct{})
		s.be(how{hang: hang})
		wait(2 * time.Second)
		outcomes := make(chan error, maxOrders)
		for range maxOrders {
			if err := r.Order(t.Context(), nut.Order{Name: "x"}, func(err error) { outcomes <- err }); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Order(t.Context(), nut.Order{Name: "x"}, nil); !errors.Is(err, nut.ErrFailed) {
			t.Errorf("got %v", err)
		}
		wait(20 * time.Second)
		for range maxOrders {
			if err := <-outcomes; !errors.Is(err, nut.ErrFailed) {
				t.Errorf("order of a hung device ended with %v", err)
			}
		}
		s.be(how{status: "OL"})
		close(hang)
	})
}

// Why there is no contact is told once for each reason, and that it is back.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &script{how: how{err: errors.New("no cable")}}
		r := run(t, s, Config{Env: drivers.Env{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			},
		}))}})
		wait(time.Minute)
		s.be(how{err: errors.New("no power")})
		wait(time.Minute)
		s.be(how{status: "OL"})
		wait(time.Minute)
		check(t, r, nut.Live, "OL")
		want := "level=WARN msg=\"no contact\" error=\"no cable\"\nlevel=WARN msg=\"no contact\" error=\"no power\"\nlevel=INFO msg=\"contact again\"\n"
		if log.String() != want {
			t.Errorf("log:\n%swant:\n%s", log.String(), want)
		}
	})
}

// Facts that were waited for are waited for no more when contact is lost: there
// is nobody who would bring them.
func TestWaitEndsWithContact(t *testing.T) {
	for _, after := range []how{{err: errors.New("no answer")}, {panics: true}, {err: drivers.ErrGone}} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{how: how{err: drivers.ErrWaiting}}
			r := run(t, s, Config{})
			check(t, r, nut.Waiting, "")
			s.be(after)
			wait(3 * time.Second)
			check(t, r, nut.Absent, "")
		})
	}
}

// noisy is a device that panics where it is asked for its news.
type noisy struct{ *script }

func (noisy) News() <-chan struct{} { panic("boom") }

func TestPanickingNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := state.NewUPS("u", "", nil)
		s := new(script)
		r := New(Config{UPS: u, Open: func(context.Context, drivers.Env) (drivers.Device, error) { return noisy{s}, nil }})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := r.Run(ctx); err != nil || slices.Max(r.Stats().Polls) > 0 || s.closes == 0 {
			t.Errorf("got %v, %+v, %d closes", err, r.Stats(), s.closes)
		}
	})
}

// An order that comes as contact is lost is not for the next contact.
func TestOrderAfterContact(t *testing.T) {
	r := New(Config{UPS: state.NewUPS("u", "", nil)})
	r.reach(true)
	var told error
	if err := r.Order(t.Context(), nut.Order{Name: "load.off"}, func(err error) { told = err }); err != nil {
		t.Fatal(err)
	}
	r.reach(false)
	r.refuse()
	if err := r.Order(t.Context(), nut.Order{Name: "load.off"}, nil); !errors.Is(err, nut.ErrDriverNotConnected) || !errors.Is(told, nut.ErrFailed) {
		t.Errorf("got %v, and for the one before %v", err, told)
	}
	if len(r.orders) != 0 {
		t.Error("an order waits for the next contact")
	}
}
