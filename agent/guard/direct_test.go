package guard

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a way down that takes its time.
type slow struct {
	mu     sync.Mutex
	ended  int
	probes int
	err    error
}

func (s *slow) End(context.Context) error {
	<-time.After(time.Minute)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended++
	return s.err
}

func (s *slow) set(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *slow) Probe(context.Context) []Check {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probes++
	return []Check{check("way", "open", s.err)}
}

func TestDirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{err: errors.New("closed")}
		d := NewDirect(NewHost("", s, slog.New(slog.DiscardHandler)))
		if err := errors.Join(d.Alive(), d.Low(true), d.Wait(t.Context())); err != nil || s.ended != 0 {
			t.Fatalf("%d, %v", s.ended, err)
		}
		start := time.Now()
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if err := d.Shutdown(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if time.Since(start) > 0 {
			t.Error("waited for the way down")
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := d.Wait(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := d.Wait(t.Context()); !errors.Is(err, s.err) || s.ended != 1 {
			t.Errorf("%d times, %v", s.ended, err)
		}
	})
}

// TestProbes probes every hour, and tells of the first failure and the end of
// failing.
func TestProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{}
		var text strings.Builder
		d := NewDirect(NewHost("", s, slog.New(slog.NewTextHandler(&text, nil))))
		if d.Checks() != nil {
			t.Error("knows before it looked")
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- d.Run(ctx) }()
		<-time.After(time.Minute) // between two probes
		for _, err := range []error{nil, errors.New("closed"), errors.New("shut"), nil, nil} {
			s.set(err)
			<-time.After(time.Hour)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if s.probes != 6 || len(d.Checks()) != 1 || !d.Checks()[0].OK {
			t.Errorf("%d probes, %+v", s.probes, d.Checks())
		}
		if bad, good := strings.Count(text.String(), "would fail"), strings.Count(text.String(), "work again"); bad != 1 || good != 1 {
			t.Errorf("told %d and %d times:\n%s", bad, good, text.String())
		}
	})
}

// TestProbesEnd ends the probes of a Host whom nobody listens to.
func TestProbesEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	NewHost("", &slow{}, slog.New(slog.DiscardHandler)).probes(ctx, time.Hour, nil)
}
