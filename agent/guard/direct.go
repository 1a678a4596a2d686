package guard

import (
	"context"
	"sync"
	"time"
)

// Direct is a guard within the agent's own process, which then has to have the
// rights to end the host: upsmon -p. Its methods are those of a [Client]. It
// knows no other way down than Shutdown: where the agent dies, so does it.
type Direct struct {
	host *Host
	done chan struct{} // closed when the host was ended

	mu     sync.Mutex
	asked  bool
	checks []Check
}

// NewDirect returns a guard over a host of this process's own.
func NewDirect(h *Host) *Direct { return &Direct{host: h, done: make(chan struct{})} }

// Alive does nothing: there is nobody to hear it.
func (*Direct) Alive() error { return nil }

// Low does nothing: there is nobody to hear it.
func (*Direct) Low(bool) error { return nil }

// Shutdown begins to end the host, and returns at once.
func (d *Direct) Shutdown() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.asked {
		d.asked = true
		go func() {
			defer close(d.done)
			d.host.PowerOff(context.Background()) //nolint:errcheck // Wait returns it
		}()
	}
	return nil
}

// Wait returns when the host has been ended, if Shutdown was called, with what
// went wrong; or when ctx ends. A process that ends before may leave the host up.
func (d *Direct) Wait(ctx context.Context) error {
	d.mu.Lock()
	asked := d.asked
	d.mu.Unlock()
	if !asked {
		return nil
	}
	select {
	case <-d.done:
		return d.host.PowerOff(ctx) // done already: what came of it
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run probes the way down now and every hour until ctx ends.
func (d *Direct) Run(ctx context.Context) error { return d.run(ctx, probeEvery) }

func (d *Direct) run(ctx context.Context, every time.Duration) error {
	found := make(chan []Check)
	ended := make(chan struct{})
	go func() { defer close(ended); d.host.probes(ctx, every, found) }()
	for {
		select {
		case checks := <-found:
			d.mu.Lock()
			d.checks = checks
			d.mu.Unlock()
		case <-ended:
			return nil
		}
	}
}

// Checks returns what the last probe found; nil before the first.
func (d *Direct) Checks() []Check {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.checks
}
