package monitor

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// recorder is an Ender and a Notifier that remembers.
type recorder struct {
	mu    sync.Mutex
	begun time.Time
	log   []string // what came, after so many seconds
	at    map[string]time.Duration
	gone  error
	fine  bool // Low(false) was told
	down  chan struct{}
}

func newRecorder() *recorder {
	return &recorder{begun: time.Now(), at: make(map[string]time.Duration), down: make(chan struct{})}
}

func (r *recorder) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, what)
	if _, ok := r.at[what]; !ok {
		r.at[what] = time.Since(r.begun)
	}
}

func (r *recorder) Alive() error { return r.gone }
func (r *recorder) Low(low bool) error {
	if low {
		r.note("low")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fine = !low
	return r.gone
}

func (r *recorder) Shutdown() error {
	if r.gone == nil {
		r.note("POWEROFF")
		close(r.down)
	}
	return r.gone
}

func (r *recorder) Notify(n Notify) { r.note(strings.TrimSpace(n.Type.String() + " " + n.UPS)) }

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.log, "; ")
}

func (r *recorder) when(what string) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at[what]
}

// linksOf links each UPS of c to a server.
func linksOf(c Config, address string) []Link {
	var all []Link
	for _, u := range c.UPSes {
		target, err := client.ParseTarget(u.Name + "@" + address)
		if err != nil {
			panic(err)
		}
		all = append(all, Link{Name: u.Name, Target: target, User: "upsmon", Password: "secret"})
	}
	return all
}

// site is a Store with one UPS, and a Monitor over it.
type site struct {
	*recorder

	store  *state.Store
	ups    *state.UPS
	draft  nut.Draft
	runner *Monitor
	result chan error
}

func newSite(t *testing.T, c Config, change func(*Options)) *site {
	t.Helper()
	s := &site{recorder: newRecorder(), store: new(state.Store), result: make(chan error, 1)}
	s.ups = state.NewUPS("a", "", nil)
	s.store.Replace([]*state.UPS{s.ups})
	o := Options{
		Ender: s, Notifier: s, Store: s.store,
		Own: func(t client.Target) bool { return t.Host == "here" },
	}
	if change != nil {
		change(&o)
	}
	r, err := NewMonitor(c, linksOf(c, "here"), o)
	if err != nil {
		t.Fatal(err)
	}
	s.runner = r
	return s
}

// start runs the Runner until the test ends.
func (s *site) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.result <- s.runner.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
}

// say publishes a status, as a device that was heard just now.
func (s *site) say(words ...string) {
	s.draft.SetStatus(words...)
	now := time.Now()
	s.ups.Heard(now)
	s.ups.Publish(s.draft.Freeze("a", nut.Live, now))
}

func (s *site) expect(t *testing.T, want string) {
	t.Helper()
	if got := s.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// A whole outage of a UPS of this agent, as the primary.
func TestLocalShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, config("a=1p"), nil)
		s.start(t)
		s.say("OL")
		wait(time.Minute)
		secondary := s.ups.Login("192.0.2.1", func() {})
		if got := s.ups.Clients(); !slices.Equal(got, []string{"127.0.0.1", "192.0.2.1"}) {
			t.Errorf("logged in: %q", got)
		}
		s.say("OB")
		wait(0)
		s.expect(t, "ONBATT a")
		s.say("OB", "LB")
		wait(0)
		if !s.ups.Forced() {
			t.Error("no forced shutdown")
		}
		wait(3 * time.Second)
		s.expect(t, "ONBATT a; LOWBATT a; FSD a; SHUTDOWN_HOSTSYNC; low")
		secondary.Close()
		wait(250 * time.Millisecond)
		s.expect(t, "ONBATT a; LOWBATT a; FSD a; SHUTDOWN_HOSTSYNC; low; SHUTDOWN")
		if err := <-s.result; err != nil {
			t.Error(err)
		}
		s.expect(t, "ONBATT a; LOWBATT a; FSD a; SHUTDOWN_HOSTSYNC; low; SHUTDOWN; POWEROFF")
		if n := s.ups.Logins(); n != 0 {
			t.Errorf("%d are still logged in", n)
		}
		if got := s.runner.Status().State; got != "ended" {
			t.Errorf("state %s", got)
		}
	})
}

// The decision on a published change takes no time, beyond what is configured.
func TestLocalIsImmediate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config("a=1p")
		c.FinalDelay = 0
		s := newSite(t, c, nil)
		s.start(t)
		s.say("OL")
		wait(time.Minute)
		s.say("OB", "LB")
		<-s.down
		if took := s.when("POWEROFF"); took != time.Minute {
			t.Errorf("POWEROFF after %v", took)
		}
	})
}

func TestLocalStories(t *testing.T) {
	for _, tt := range []struct {
		name  string
		upses string
		play  func(s *site)
		want  string
	}{
		{"no UPS of that name", "b=0p", func(*site) {}, "COMMBAD b"},
		{"a device that is never reached", "a=1p", func(*site) {}, "COMMBAD a"},
		{"a device that takes its time", "a=1p", func(s *site) { wait(5 * time.Second); s.say("OL") }, ""},
		{"a device that is quiet is heard as long as it is Live", "a=1p", func(s *site) { s.say("OB"); wait(10 * time.Minute) }, "ONBATT a"},
		{"a device that is lost on battery", "a=1p", func(s *site) {
			s.say("OB")
			wait(time.Minute)
			s.ups.Publish(s.ups.Snapshot().With(nut.Stale, time.Now()))
		}, "ONBATT a; COMMBAD a; FSD a; SHUTDOWN; low; POWEROFF"},
		{"the latch of another client", "a=1s", func(s *site) { s.say("OL"); wait(0); s.ups.Force() }, "FSD a; SHUTDOWN; low; POWEROFF"},
		{"a UPS that is dropped and comes back", "a=1p", func(s *site) {
			s.say("OL")
			wait(time.Minute)
			s.store.Replace(nil)
			wait(time.Minute)
			s.ups = state.NewUPS("A", "", nil)
			s.say("OL")
			s.store.Replace([]*state.UPS{s.ups})
		}, "COMMBAD a; COMMOK a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := config(tt.upses)
				if strings.HasPrefix(tt.upses, "b") {
					c.MinSupplies = 0
				}
				s := newSite(t, c, nil)
				s.start(t)
				tt.play(s)
				wait(time.Minute)
				s.expect(t, tt.want)
			})
		})
	}
}

func TestForce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, config("a=1p"), nil)
		s.start(t)
		s.say("OL")
		wait(time.Second)
		if err := s.runner.Force(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.expect(t, "FSD a; SHUTDOWN; low")
		<-s.result
		s.expect(t, "FSD a; SHUTDOWN; low; POWEROFF")
		if err := s.runner.Force(t.Context()); err == nil {
			t.Error("an order is taken after the end")
		}
	})
}

func TestRunnerReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, config("a=1p"), nil)
		s.start(t)
		s.say("OB")
		wait(time.Second)
		c := config("a=2p b=0p")
		c.MinSupplies = 2
		if err := s.runner.Reload(t.Context(), c, linksOf(c, "here")); err != nil {
			t.Fatal(err)
		}
		if got := s.runner.Status(); got.Supplies != 2 || got.Needed != 2 || got.State != "watching" || got.Low {
			t.Errorf("status %+v", got)
		}
		if n := s.ups.Logins(); n != 1 {
			t.Errorf("%d logins", n)
		}
		wait(time.Minute)
		s.expect(t, "ONBATT a; COMMBAD b")
		if err := s.runner.Reload(t.Context(), config("z=0p"), nil); err == nil {
			t.Error("a UPS without a link is taken")
		}
		c = config("a=1p")
		c.MinSupplies = 9
		if err := s.runner.Reload(t.Context(), c, linksOf(c, "here")); err == nil {
			t.Error("too few supplies are taken")
		}
		if err := s.runner.Reload(t.Context(), config("a=1p"), linksOf(config("a=1p"), "here")); err != nil {
			t.Error(err)
		}
		if len(s.runner.sources) != 1 {
			t.Errorf("%d sources", len(s.runner.sources))
		}
	})
}

// sleeper sleeps when a test says so.
type sleeper struct{ sleeps chan bool }

func (s sleeper) Run(ctx context.Context, prepare func(bool)) error {
	for {
		select {
		case sleep := <-s.sleeps:
			prepare(sleep)
		case <-ctx.Done():
			return nil
		}
	}
}

// What was said before the host slept does not count until it is said again.
func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bed := sleeper{make(chan bool)}
		s := newSite(t, config("a=1p"), func(o *Options) { o.Sleeper = bed })
		s.start(t)
		s.say("OB")
		wait(time.Second)
		bed.sleeps <- true
		wait(time.Second)
		bed.sleeps <- false
		wait(time.Second)
		if s.runner.machine.upses[0].fresh {
			t.Error("what was said before the sleep counts")
		}
		s.ups.Heard(time.Now())
		wait(10 * time.Second)
		if !s.runner.machine.upses[0].fresh {
			t.Error("what was said after it does not")
		}
		s.expect(t, "ONBATT a; SUSPEND_STARTING; SUSPEND_FINISHED; ONBATT a")
	})
}

// A host that nobody can end is told of, and ended as soon as somebody can.
func TestOrphan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, config("a=1p"), nil)
		s.gone = context.Canceled
		s.start(t)
		s.say("OB", "LB")
		if err := <-s.result; err == nil {
			t.Error("all is said to be well")
		}
		if got := s.String(); !strings.Contains(got, "NOPARENT") || strings.Contains(got, "POWEROFF") {
			t.Error(got)
		}
	})
}

// That all is fine is not said before it is known.
func TestFine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, config("a=1p"), nil)
		s.start(t)
		wait(time.Minute)
		if s.fine {
			t.Error("all is said to be fine with a UPS that nobody has heard")
		}
		s.say("OB")
		wait(0)
		if !s.fine {
			t.Error("it is not said that all is fine")
		}
	})
}

// Of each UPS it is told once what it was found to be, before its notices.
func TestFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *site
		s = newSite(t, config("a=1p"), func(o *Options) {
			o.Found = func(ups string, kinds []Type) {
				var names []string
				for _, k := range kinds {
					names = append(names, k.String())
				}
				s.note(ups + " is " + strings.Join(names, " "))
			}
		})
		s.say("BOOST", "OB", "ODD")
		s.start(t)
		wait(0)
		s.say("OL")
		wait(0)
		s.expect(t, "a is COMMOK BOOST ONBATT NOTCAL NOTOFF NOTOVER NOTTRIM NOTBYPASS NOTECO NOTALARM OTHER; "+
			"BOOST a; ONBATT a; OTHER a; NOTBOOST a; ONLINE a; NOTOTHER a")
	})
}
