package sched

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/internal/daemon"
)

// restart runs a Scheduler over a file for a while, as one life of an agent.
func restart(t *testing.T, file string, life time.Duration, during func(*Scheduler)) (*record, *journal) {
	t.Helper()
	ran, log := newRecord(), new(journal)
	s := New(configure(t, outage), Options{File: file, Run: ran, Log: log.log()})
	ended := make(chan struct{})
	ctx, stop := context.WithTimeout(t.Context(), life)
	defer stop()
	go func() { s.Run(ctx); close(ended) }()
	during(s)
	<-ended
	return ran, log
}

func nothing(*Scheduler) {}

func TestTimersSurvive(t *testing.T) {
	for _, tt := range []struct {
		name   string
		away   time.Duration // between the lives; the first ends 20 s after the timer's start
		during func(*Scheduler)
		want   []string
		says   string
	}{
		{"in time", 25 * time.Second, nothing, []string{"15 down|a|ONBATT|ONBATT of a"}, "timer goes on"},
		{"just in time", 35 * time.Second, nothing, []string{"10 down|a|ONBATT|ONBATT of a"}, "timer goes on"},
		{"a little late", 4 * time.Minute, nothing, []string{"10 down|a|ONBATT|ONBATT of a"}, "timer goes on"},
		{"far too late", 6 * time.Minute, nothing, nil, "timer dropped: it ended too long ago"},
		{"cancelled at once", 4 * time.Minute, func(s *Scheduler) { s.Found(event("ONLINE a")) }, nil, "timer goes on"},
		{"cancelled by an event", time.Second, func(s *Scheduler) { s.Event(event("ONLINE a")) }, nil, "timer goes on"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "timers.json")
			synctest.Test(t, func(t *testing.T) {
				ran, _ := restart(t, file, 20*time.Second, func(s *Scheduler) { s.Event(event("ONBATT a")) })
				ran.want(t)
				<-time.After(tt.away)
				ran, log := restart(t, file, time.Hour, tt.during)
				ran.want(t, tt.want...)
				log.want(t, tt.says)
				ran, _ = restart(t, file, time.Hour, nothing)
				ran.want(t)
			})
		})
	}
}

// What lasts is told again after a restart: the timer that it had started goes on,
// and is the only one.
func TestToldAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "timers.json")
	synctest.Test(t, func(t *testing.T) {
		restart(t, file, 20*time.Second, func(s *Scheduler) { s.Event(event("ONBATT a")) })
		ran, _ := restart(t, file, time.Hour, func(s *Scheduler) {
			s.Event(event("ONBATT b"))
			s.Event(event("ONBATT a"))
			<-time.After(10 * time.Second)
			s.Event(event("ONBATT a")) // news, by now
		})
		ran.want(t, "40 down|a|ONBATT|ONBATT of a", "60 down|b|ONBATT|ONBATT of b", "70 down|a|ONBATT|ONBATT of a")
	})
}

// An agent that is killed leaves a file that is as good as one that ends.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	file, copied := filepath.Join(dir, "timers.json"), filepath.Join(dir, "copy.json")
	synctest.Test(t, func(t *testing.T) {
		restart(t, file, 20*time.Second, func(s *Scheduler) {
			s.Event(event("ONBATT a"))
			synctest.Wait() // here it is killed
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(copied, text, 0o600); err != nil {
				t.Fatal(err)
			}
		})
		ran, _ := restart(t, copied, time.Hour, nothing)
		ran.want(t, "40 down|a|ONBATT|ONBATT of a")
	})
}

func TestSharedTimerSurvives(t *testing.T) {
	file := filepath.Join(t.TempDir(), "timers.json")
	synctest.Test(t, func(t *testing.T) {
		restart(t, file, time.Second, func(s *Scheduler) {
			for _, e := range []string{"ONBATT a", "LOWBATT b"} {
				s.Apply(Order{Verb: StartShared, Name: "all", After: time.Minute, Cause: event(e)})
			}
		})
		ran, _ := restart(t, file, time.Hour, nothing)
		ran.want(t, "59 all|a,b|ONBATT,LOWBATT|ONBATT of a.~LOWBATT of b")
	})
}

// A clock that was set back makes no timer run longer than it ever should.
func TestClockSetBack(t *testing.T) {
	now := time.Now()
	timer := Timer{Name: "x", End: now.Add(24 * time.Hour), After: time.Minute}
	if !timer.resume(new(journal).log(), Options{Overdue: time.Minute}, now) {
		t.Fatal("dropped")
	}
	if left := timer.End.Sub(now); left != time.Minute || len(timer.Causes) != 1 {
		t.Errorf("%v left, causes %v", left, timer.Causes)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"empty", "", "their file cannot be read"},
		{"cut off", `{"boot":"x","timers":[{"name":"a`, "their file cannot be read"},
		{"something else", "[]", "their file cannot be read"},
		{"of another boot", `{"boot":"x","timers":[{"name":"a","end":"2000-01-01T00:00:30Z","after":60}]}`, "before the host was started"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "timers.json")
			if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				ran, log := restart(t, file, time.Minute, func(s *Scheduler) { s.Event(event("FSD a")) })
				ran.want(t, "0 fsd|a|FSD|FSD of a")
				log.want(t, tt.says)
				_, log = restart(t, file, time.Minute, nothing)
				if text := log.text.String(); text != "" {
					t.Errorf("the next life says %s", text)
				}
			})
		})
	}
}

// A disk that takes nothing costs the file, and no timer.
func TestNoPlaceForTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "gone", "timers.json")
	synctest.Test(t, func(t *testing.T) {
		ran, log := restart(t, file, time.Hour, func(s *Scheduler) { s.Event(event("ONBATT a")) })
		ran.want(t, "60 down|a|ONBATT|ONBATT of a")
		log.want(t, "timers not kept")
	})
}

func TestFileIsPrivateAndWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "timers.json")
	for range 2 {
		if err := store(file, stored{Timers: []Timer{{Name: "x"}}}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if all, _ := os.ReadDir(dir); len(all) != 1 {
		t.Errorf("files %v", all)
	}
}

// Whatever the file holds, it is read or refused, and what is kept of it is
// within the bounds.
func FuzzRestore(f *testing.F) {
	f.Add(`{"timers":[{"name":"a","end":"2026-01-02T03:04:05Z","after":60000000000,"causes":[{"type":"ONBATT"}]}]}`)
	f.Add(`{"timers":[{"end":"2026-01-02T03:05:05Z","after":-1}]}`)
	f.Add(`{"timers":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(t.TempDir(), "timers.json")
		text = strings.Replace(text, "{", `{"boot":"`+daemon.BootID()+`",`, 1)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o := Options{File: file, Log: new(journal).log(), Overdue: time.Hour, Settle: time.Second}
		timers := restore(o, began)
		if len(timers) > MaxTimers {
			t.Errorf("%d timers", len(timers))
		}
		for _, timer := range timers {
			if timer.End.Before(began.Add(o.Settle)) || len(timer.Causes) == 0 || len(timer.Causes) > MaxCauses {
				t.Errorf("%+v", timer)
			}
		}
	})
}
