package agent

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/device"
	"github.com/wattnut/wattnut/agent/state"
)

// fleet keeps a Runner going for each UPS of the configuration.
type fleet struct {
	options Options
	store   *state.Store
	runners sync.WaitGroup

	mu    sync.Mutex
	base  context.Context // of all Runners; nil before begin
	end   context.CancelFunc
	units map[string]*unit // by name in lower case
	// leaving has the Runners of UPSes that were dropped: one that comes back
	// waits until its device is closed.
	leaving map[string]<-chan struct{}
}

// unit is one UPS and what runs it.
type unit struct {
	ups    *state.UPS
	config config.UPS
	runner *device.Runner // nil where the configuration is broken
	native bool           // a driver of our own runs the device
	maxAge time.Duration  // what a driver of others is held to
	cancel context.CancelFunc
	ended  <-chan struct{} // closed when the Runner, or the one before it, has ended; nil if there was none
}

// begin starts what c says.
func (f *fleet) begin(c *config.Config) {
	f.mu.Lock()
	f.base, f.end = context.WithCancel(context.Background())
	f.mu.Unlock()
	f.apply(c)
}

// apply makes the fleet what c says, between begin and stop; otherwise it does
// nothing. UPSes that did not change go on untouched; one that is broken now
// goes on as it was before.
func (f *fleet) apply(c *config.Config) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.base == nil || f.base.Err() != nil {
		return
	}
	maps.DeleteFunc(f.leaving, func(_ string, ended <-chan struct{}) bool { return isClosed(ended) })
	next := make(map[string]*unit, len(c.UPSes))
	list := make([]*state.UPS, 0, len(c.UPSes))
	for _, u := range c.UPSes {
		key := strings.ToLower(u.Name)
		next[key] = f.renew(f.units[key], u, c)
		list = append(list, next[key].ups)
	}
	for key, old := range f.units {
		if next[key] == nil {
			old.cancel()
			f.leave(key, old.ended)
		}
	}
	f.store.Replace(list)
	f.units = next
}

// leave notes that the Runner of a dropped UPS is on its way to the end.
func (f *fleet) leave(key string, ended <-chan struct{}) {
	if ended == nil {
		return
	}
	if f.leaving == nil {
		f.leaving = make(map[string]<-chan struct{})
	}
	f.leaving[key] = ended
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// renew returns the unit that runs u from here on: old, if it still fits.
func (f *fleet) renew(old *unit, u config.UPS, c *config.Config) *unit {
	log := f.options.Log.With("ups", u.Name)
	switch {
	case old == nil:
		old = &unit{ups: state.NewUPS(u.Name, u.Desc, nil), cancel: func() {}, ended: f.leaving[strings.ToLower(u.Name)]}
	case f.fits(old, u, c.Server.MaxAge):
		old.runner.SetMaxAge(c.Server.MaxAge)
		old.ups.Configure(u.Desc, old.runner)
		old.config = u
		return old
	}
	if u.Broken {
		log.Error("UPS not started: its configuration is broken")
		return old
	}
	opener, overlay, err := f.bind(u, c)
	if err != nil {
		log.Error("UPS not started", "error", err)
		return old
	}
	old.cancel()
	next := f.start(old, u, device.Config{
		Open: opener, Overlay: overlay, UPS: old.ups,
		Env: env(u, c, log), Events: f.options.Events, Snapshots: f.options.Snapshots,
		Poll: u.PollInterval, MaxAge: c.Server.MaxAge,
	})
	next.native, next.maxAge = overlay.Complete, c.Server.MaxAge
	return next
}

// fits tells whether what runs old does for u as well. The description is for
// clients alone, and who attaches to a driver reads little more than its name. A
// driver of others is held to MAXAGE by its device, one of ours by its Runner.
func (f *fleet) fits(old *unit, u config.UPS, maxAge time.Duration) bool {
	was := old.config
	switch {
	case old.runner == nil, !old.native && old.maxAge != maxAge:
		return false
	case f.options.Attach:
		return !u.Broken && was.Driver == u.Driver && was.Common == u.Common
	}
	was.Desc, was.Settings, u.Settings = u.Desc, withoutDesc(was.Settings), withoutDesc(u.Settings)
	return was.Equal(u)
}

func withoutDesc(all []config.Setting) []config.Setting {
	return slices.DeleteFunc(slices.Clone(all), func(s config.Setting) bool { return s.Name == "desc" })
}

// start runs u in the place of old, which is on its way to the end.
func (f *fleet) start(old *unit, u config.UPS, dc device.Config) *unit {
	ctx, cancel := context.WithCancel(f.base)
	ended := make(chan struct{})
	next := &unit{ups: old.ups, config: u, runner: device.New(dc), cancel: cancel, ended: ended}
	next.ups.Configure(u.Desc, next.runner)
	f.runners.Go(func() {
		defer close(ended)
		if old.ended != nil {
			<-old.ended // a device has one owner at a time
			next.ups.Await()
		}
		if err := next.runner.Run(ctx); err != nil {
			dc.Env.Log.Error("runner ended", "error", err)
		}
	})
	return next
}

// stop ends all Runners, those of dropped UPSes too, and waits for them. None
// begins anew.
func (f *fleet) stop(within time.Duration) error {
	f.mu.Lock()
	f.end()
	f.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		f.runners.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-time.After(within):
		return errors.New("devices: some did not close in time")
	}
}

// stats returns what the Runner of each UPS went through, by the UPS' name.
func (f *fleet) stats() map[string]device.Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make(map[string]device.Stats, len(f.units))
	for _, u := range f.units {
		if u.runner != nil {
			all[u.ups.Name] = u.runner.Stats()
		}
	}
	return all
}

// quiet is a logger for those who gave none.
func quiet(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
