package agent

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// sticky is a device that takes a while to close.
type sticky struct {
	open, most *atomic.Int32
	close      time.Duration
}

func (s *sticky) Read(_ context.Context, d *nut.Draft) error { d.SetStatus("OL"); return nil }

func (s *sticky) Close() error {
	<-time.After(s.close)
	s.open.Add(-1)
	return nil
}

// stickyFleet is a fleet whose devices are sticky.
func stickyFleet() (f *fleet, open, most *atomic.Int32) {
	open, most = new(atomic.Int32), new(atomic.Int32)
	type settings struct {
		Port string `conf:"port"`
	}
	driver := drivers.Define("sticky", "1", "closes slowly", settings{}, func(context.Context, drivers.Env, settings) (drivers.Device, error) {
		for n := open.Add(1); n > most.Load(); {
			most.Store(n)
		}
		return &sticky{open, most, 300 * time.Millisecond}, nil
	})
	return &fleet{options: Options{Drivers: []drivers.Driver{driver}, Log: quiet(nil)}, store: new(state.Store)}, open, most
}

func stickies(names ...string) *config.Config {
	c := new(config.Config)
	for _, name := range names {
		c.UPSes = append(c.UPSes, config.UPS{Name: name, Driver: "sticky", Port: "x"})
	}
	return c
}

// live waits until all UPSes of the fleet are.
func live(t *testing.T, f *fleet) {
	t.Helper()
	for range 100 {
		waiting := false
		for _, u := range f.store.All() {
			waiting = waiting || u.Snapshot().Health != nut.Live
		}
		if !waiting {
			return
		}
		pause(t)
	}
	t.Fatal("a UPS does not come to life")
}

// A UPS that is dropped and comes back opens its device when it is closed.
func TestOneOwnerAtATime(t *testing.T) {
	f, open, most := stickyFleet()
	f.begin(stickies("a"))
	live(t, f)
	f.apply(stickies())
	f.apply(stickies("a"))
	live(t, f)
	if err := f.stop(time.Minute); err != nil || most.Load() != 1 || open.Load() != 0 {
		t.Errorf("%v; %d devices open at once, %d left", err, most.Load(), open.Load())
	}
}

// What a reload dropped is closed before the agent ends, and what it brings
// behind the end is not opened.
func TestStopWaitsForAll(t *testing.T) {
	f, open, _ := stickyFleet()
	f.begin(stickies("a", "b"))
	live(t, f)
	f.apply(stickies("b"))
	if err := f.stop(time.Minute); err != nil || open.Load() != 0 {
		t.Errorf("%v; %d devices are open", err, open.Load())
	}
	f.apply(stickies("a", "b", "c"))
	if open.Load() != 0 {
		t.Error("a device was opened behind the end")
	}
}

func TestStopGivesUp(t *testing.T) {
	f, _, _ := stickyFleet()
	f.begin(stickies("a"))
	live(t, f)
	if err := f.stop(time.Millisecond); err == nil {
		t.Error("a device that does not close in time is not told")
	}
	if err := f.stop(time.Minute); err != nil {
		t.Error(err)
	}
}

// TestReloadAtAnyTime: before Run, while it runs, and behind it.
func TestReloadAtAnyTime(t *testing.T) {
	s := &site{dir: t.TempDir()}
	first, second := s.write(t, twoUPSes), s.write(t, "[c]\ndriver = dummy-ups\nport = a.dev\n")
	for range 20 {
		a, err := New(t.Context(), first, Options{Log: quiet(nil)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended, reloaded := make(chan error, 1), make(chan struct{})
		go func() {
			for range 5 {
				a.Reload(second)
				a.Reload(first)
			}
			a.Reload(second)
			close(reloaded)
		}()
		go func() { ended <- a.Run(ctx) }()
		<-reloaded
		for len(a.Store().All()) == 0 {
			pause(t)
		}
		if all := a.Store().All(); len(all) != 1 || all[0].Name != "c" {
			t.Errorf("the last configuration is not what runs: %d UPSes", len(all))
		}
		cancel()
		a.Reload(first)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
