package device

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// Config says how to run a device. Open is required; the zero values of the
// rest are the defaults named.
type Config struct {
	Open      drivers.Opener
	Env       drivers.Env
	Overlay   Overlay
	UPS       *state.UPS          // where to publish; required, and nobody else publishes there
	Events    func(nut.Event)     // told what happens to the UPS, and must not wait; nil tells nobody
	Snapshots func(*nut.Snapshot) // told each snapshot of the UPS, one like the last too, and must not wait; nil tells nobody

	Poll    time.Duration // between reads: 2 s (NUT's pollinterval)
	MaxAge  time.Duration // facts older than this are stale: 15 s (NUT's MAXAGE), or three polls if that is more
	Timeout time.Duration // for one call into the device: 30 s
	Grace   time.Duration // for a device to end what it does, and close: 5 s
	Retry   time.Duration // longest wait before opening again: 5 s; the first is a tenth of it
}

// How many orders may wait for a device, and how many calls that never return
// are borne before it is opened no more.
const (
	maxOrders = 16
	maxHung   = 4
)

// Runner owns one device. It is the [nut.Door] through which orders reach it.
type Runner struct {
	config Config
	log    *slog.Logger
	ups    *state.UPS
	maxAge atomic.Int64 // a time.Duration

	gate    sync.Mutex // held to put an order into orders, and to change reached
	reached bool       // a contact is there to take orders

	orders   chan *request
	contacts sync.WaitGroup // the goroutines of all contacts, hung ones too
	hung     atomic.Int32
	trouble  string // why there is no contact, as it was told; "" if there is some
	stats    counters
}

// New returns a Runner. It does nothing until Run.
func New(config Config) *Runner {
	setDefault(&config.Poll, 2*time.Second)
	setDefault(&config.MaxAge, 15*time.Second)
	setDefault(&config.Timeout, 30*time.Second)
	setDefault(&config.Grace, 5*time.Second)
	setDefault(&config.Retry, 5*time.Second)
	config.Env.UPS = config.UPS.Name
	if config.Env.Log == nil {
		config.Env.Log = slog.New(slog.DiscardHandler)
	}
	r := &Runner{config: config, log: config.Env.Log, ups: config.UPS, orders: make(chan *request, maxOrders)}
	r.SetMaxAge(config.MaxAge)
	return r
}

// SetMaxAge changes Config.MaxAge. It may be called from any goroutine, and
// holds from the next read on.
func (r *Runner) SetMaxAge(d time.Duration) {
	r.maxAge.Store(int64(max(d, 3*r.config.Poll)))
}

func (r *Runner) age() time.Duration { return time.Duration(r.maxAge.Load()) }

func setDefault(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}

// Run runs the device until ctx ends, and closes it. It returns nil.
func (r *Runner) Run(ctx context.Context) error {
	wait := r.config.Retry / 10
	for ctx.Err() == nil {
		began := time.Now()
		err := r.meet(ctx)
		if ctx.Err() != nil {
			break
		}
		r.lost(err)
		if time.Since(began) > 2*r.config.Retry {
			wait = r.config.Retry / 10 // it was well for a while: begin anew
		}
		if r.pause(ctx, jitter(wait), again(err)) {
			wait = r.config.Retry / 10
		} else {
			wait = min(2*wait, r.config.Retry)
		}
	}
	r.stop()
	return nil
}

// meet opens the device and serves it until contact is lost; it returns why.
func (r *Runner) meet(ctx context.Context) error {
	if r.hung.Load() >= maxHung {
		return errHung
	}
	c := r.open(ctx)
	err := r.serve(ctx, c)
	r.reach(false)
	r.refuse()
	c.end(r.config.Grace)
	return err
}

// lost notes the end of a contact. Facts that never became complete go with it:
// nothing more is to be waited for. Why it ended is told once, not at each try.
func (r *Runner) lost(err error) {
	if errors.Is(err, drivers.ErrGone) || r.ups.Snapshot().Health == nut.Waiting {
		r.publish(new(nut.Draft), nut.Absent)
	}
	level := slog.LevelDebug
	if text := err.Error(); text != r.trouble {
		r.trouble, level = text, slog.LevelWarn
	}
	r.log.Log(context.Background(), level, "no contact", "error", err)
}

// found notes that there is contact.
func (r *Runner) found() {
	if r.trouble != "" {
		r.trouble = ""
		r.log.Info("contact again")
	}
}

// again is what an error of opening says about when another try is worth it
// ([drivers.Again]); nil if it says nothing.
func again(err error) <-chan struct{} {
	if e, ok := errors.AsType[drivers.Again](err); ok {
		return e.Again()
	}
	return nil
}

// settle is how long a device that was plugged in is left until it is opened: the
// system gives its file to those who may.
const settle = 100 * time.Millisecond

// pause waits before the next opening, and tells whether that is worth it sooner;
// facts may go stale meanwhile.
func (r *Runner) pause(ctx context.Context, wait time.Duration, sooner <-chan struct{}) (early bool) {
	enough := time.NewTimer(wait)
	defer enough.Stop()
	stale := time.NewTimer(r.untilStale())
	defer stale.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-sooner:
			sooner, early = nil, true
			enough.Reset(settle)
		case <-enough.C:
			return early
		case <-stale.C:
			r.wither()
		}
	}
}

// stop ends the wait of all orders, and waits for the goroutines of healthy
// contacts.
func (r *Runner) stop() {
	r.refuse()
	if r.hung.Load() == 0 {
		r.contacts.Wait()
	}
}

// jitter spreads what would otherwise come at one time.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1) //nolint:gosec // spreads load, keeps no secret
}
