package monitor

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/wattnut/wattnut/nut"
)

const (
	// patience is how many attempts to connect in a row are made at the pace
	// of polls; those that follow become rarer, down to one in maxPause,
	// unless the UPS was on battery or is to be shut down.
	patience = 3
	maxPause = 30 * time.Second
	// urgentPause is the time between attempts to latch a forced shutdown.
	urgentPause = 500 * time.Millisecond
	// unanswered is how many questions for the logins may come to nothing
	// before they count as one that cannot be answered.
	unanswered = 3
)

// remote is a UPS of some upsd, polled over one connection that is kept.
type remote struct {
	watch

	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	network string
	timeout time.Duration
	log     *slog.Logger
	changed func()
	poke    chan struct{} // wishes or period changed

	mu     sync.Mutex
	wishes wish
	period time.Duration // of polls
	latest Reading

	// Of the goroutine of run alone.
	link     *session // nil while there is none
	polled   time.Time
	draft    nut.Draft
	refused  int  // attempts to connect in a row that came to nothing
	urgent   bool // the last status was on battery, or the shutdown is on
	force    bool // the forced shutdown is to be latched
	asks     bool // the logins are to be counted
	unheard  int  // questions for the logins in a row that came to nothing
	complain map[string]string
}

func newRemote(w watch, o Options, changed func(), period time.Duration) *remote {
	r := &remote{
		watch: w, dial: o.Dial, network: o.Network, timeout: o.Timeout, period: period,
		log: o.Log.With("ups", w.Name), changed: changed, poke: make(chan struct{}, 1),
		latest: Reading{Name: w.Name}, complain: make(map[string]string),
	}
	if r.dial == nil {
		r.dial = new(net.Dialer).DialContext
	}
	if r.network == "" {
		r.network = "tcp"
	}
	if r.timeout <= 0 {
		r.timeout = 10 * time.Second
	}
	return r
}

// reading implements source.
func (r *remote) reading(time.Time) Reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.latest
}

// ask implements source.
func (r *remote) ask(w wish) {
	r.mu.Lock()
	r.wishes |= w
	r.mu.Unlock()
	r.nudge()
}

// every changes the period of polls.
func (r *remote) every(period time.Duration) {
	r.mu.Lock()
	sooner := period < r.period
	r.period = period
	r.mu.Unlock()
	if sooner {
		r.nudge()
	}
}

func (r *remote) nudge() {
	select {
	case r.poke <- struct{}{}:
	default:
	}
}

// run implements source.
func (r *remote) run(ctx context.Context) {
	defer r.leave(ctx)
	for ctx.Err() == nil {
		r.grant()
		r.work(ctx)
		r.pause(ctx)
	}
}

// grant takes in what was asked for.
func (r *remote) grant() {
	r.mu.Lock()
	wishes := r.wishes
	r.wishes = 0
	r.mu.Unlock()
	r.force = r.force || wishes&wishFSD != 0
	r.asks = r.asks || wishes&wishLogins != 0
	r.urgent = r.urgent || r.force
	if wishes&wishRenew != 0 {
		r.hangUp()
		r.polled, r.refused = time.Time{}, 0
	}
}

// work does what is due now.
func (r *remote) work(ctx context.Context) {
	if r.link == nil && (r.due() <= 0 || r.force || r.asks) {
		r.connect(ctx)
	}
	if r.force && r.link != nil && !r.link.forced {
		r.latch(ctx)
	}
	if r.asks {
		r.asks = false
		r.count(ctx)
	}
	if r.link != nil && r.due() <= 0 {
		r.poll(ctx)
	}
}

// due is how long it is until the next poll, or attempt to connect.
func (r *remote) due() time.Duration {
	if r.polled.IsZero() {
		return 0
	}
	r.mu.Lock()
	period := r.period
	r.mu.Unlock()
	if r.link == nil && !r.urgent {
		for i := patience; i < r.refused && period < maxPause; i++ {
			period = min(2*period, max(maxPause, period))
		}
	}
	return time.Until(r.polled.Add(period))
}

// pause waits until there is something to do.
func (r *remote) pause(ctx context.Context) {
	wait := max(r.due(), 0)
	if r.force && (r.link == nil || !r.link.forced) {
		wait = min(wait, urgentPause)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.poke:
	case <-ctx.Done():
	}
}

// publish makes what change says the latest reading.
func (r *remote) publish(change func(*Reading)) {
	r.mu.Lock()
	change(&r.latest)
	r.mu.Unlock()
	r.changed()
}

// fail publishes that a poll failed.
func (r *remote) fail(err error, health nut.Health) {
	now := time.Now()
	r.publish(func(l *Reading) {
		switch {
		case l.Snapshot == nil:
			l.Snapshot = new(nut.Draft).Freeze(r.Name, nut.Absent, now)
		case l.Snapshot.Health == nut.Live:
			l.Snapshot = l.Snapshot.With(health, now)
		}
		l.Failures++
		l.Failure = err.Error()
	})
}

// once logs a refusal of the server's, unless it was the last about the same
// subject; a nil err is the end of it. Of a connection that broke, there is more
// to tell than that.
func (r *remote) once(subject, consequence string, err error) {
	switch {
	case r.link.Unusable() != nil:
	case err == nil:
		delete(r.complain, subject)
	case r.complain[subject] != err.Error():
		r.complain[subject] = err.Error()
		r.log.Error("refused", "consequence", consequence, "error", err)
	}
}
