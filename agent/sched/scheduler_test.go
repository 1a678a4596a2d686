package sched

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

const outage = heading + "AT ONBATT * START-TIMER down 60\nAT ONLINE * CANCEL-TIMER down back\nAT FSD * EXECUTE fsd\n"

// bubble runs a test in fake time, with a Scheduler that runs until its end.
func bubble(t *testing.T, o Options, f func(t *testing.T, s *Scheduler, ran *record, log *journal)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ran, log := newRecord(), new(journal)
		o.Run, o.Log = ran, log.log()
		s := New(configure(t, outage), o)
		ctx, stop := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer stop()
		go s.Run(ctx)
		f(t, s, ran, log)
	})
}

// after lets time go by.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestScheduler(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Scheduler, ran *record, _ *journal) {
		t.Helper()
		s.Event(event("ONBATT a"))
		after(59 * time.Second)
		ran.want(t)
		s.Event(event("ONLINE a"))
		after(2 * time.Hour)
		ran.want(t)
		s.Event(event("ONBATT a"))
		after(30 * time.Second)
		s.Event(event("ONBATT b"))
		s.Event(event("FSD b"))
		after(3 * time.Hour)
		s.Event(event("ONLINE b"))
		ran.want(t, "7289 fsd|b|FSD|FSD of b", "7319 down|a|ONBATT|ONBATT of a", "7349 down|b|ONBATT|ONBATT of b", "18089 back|b|ONLINE|ONLINE of b")
	})
}

func TestReload(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Scheduler, ran *record, _ *journal) {
		t.Helper()
		s.Event(event("ONBATT a"))
		s.Reload(configure(t, heading+"AT ONBATT * EXECUTE other\n"))
		s.Event(event("ONBATT a"))
		after(time.Hour)
		ran.want(t, "0 other|a|ONBATT|ONBATT of a", "60 down|a|ONBATT|ONBATT of a")
	})
}

// What a UPS is found to be cancels, and does nothing else.
func TestFound(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Scheduler, ran *record, _ *journal) {
		t.Helper()
		s.Event(event("ONBATT a"))
		s.Found(event("ONLINE a"))
		s.Found(event("ONLINE a"))
		s.Found(event("FSD a"))
		s.Found(event("ONBATT a"))
		s.Event(event("ONBATT b"))
		s.Found(event("ONLINE a")) // that is another one
		after(time.Hour)
		ran.want(t, "60 down|b|ONBATT|ONBATT of b")
	})
}

func TestRefusalIsLogged(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Scheduler, ran *record, log *journal) {
		t.Helper()
		for range MaxTimers + 1 {
			s.Event(event("ONBATT a"))
		}
		log.want(t, "timer down: too many timers run")
	})
}

// Ten thousand events cost no more than the bound, and the first count.
func TestFlood(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Scheduler, ran *record, _ *journal) {
		t.Helper()
		for i := range 10_000 {
			s.Event(event(fmt.Sprint("ONBATT ups", i)))
		}
		if timers, err := s.Timers(); err != nil || len(timers) != MaxTimers {
			t.Errorf("%d timers, %v", len(timers), err)
		}
		after(time.Hour)
		if len(ran.ran) != MaxTimers || ran.ran[0] != "60 down|ups0|ONBATT|ONBATT of ups0" {
			t.Errorf("ran %d, first %q", len(ran.ran), ran.ran[0])
		}
	})
}

func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := newRecord()
		s := New(configure(t, outage), Options{Run: ran, Log: new(journal).log(), Idle: 15 * time.Second})
		ended := make(chan time.Duration, 1)
		go func() { s.Run(t.Context()); ended <- time.Since(ran.start) }()
		after(14 * time.Second)
		if err := s.Apply(Order{Verb: StartTimer, Name: "x", After: time.Hour}); err != nil {
			t.Error(err)
		}
		after(30 * time.Minute)
		if err := s.Apply(Order{Verb: CancelTimer, Name: "y"}); err != nil {
			t.Error(err)
		}
		if got, want := <-ended, 14*time.Second+time.Hour+15*time.Second; got != want {
			t.Errorf("ended after %v, want %v", got, want)
		}
		ran.want(t, "3614 x")
		if err := s.Apply(Order{Verb: StartTimer, Name: "x"}); !errors.Is(err, ErrClosed) {
			t.Errorf("apply: %v", err)
		}
		if _, err := s.Timers(); !errors.Is(err, ErrClosed) {
			t.Errorf("timers: %v", err)
		}
	})
}
