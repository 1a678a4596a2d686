package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/nut/client"
)

// Ender is who ends the host; see agent/guard. Its methods are quick, and an
// error of theirs means that there is nobody any more who could.
type Ender interface {
	Alive() error       // told at every step
	Low(low bool) error // whether the host must be expected to go down: told first, and when it changes
	Shutdown() error    // begins to end the host
}

// Notifier is who tells people. Notify must not wait.
type Notifier interface{ Notify(n Notify) }

// Sleeper waits for the host to sleep, until ctx ends. It calls prepare before
// the host sleeps, and keeps it awake until that returns, and after it woke.
type Sleeper interface {
	Run(ctx context.Context, prepare func(sleep bool)) error
}

// Options are what a [Monitor] works with.
type Options struct {
	Ender    Ender
	Notifier Notifier // one that has a Flush(ctx) is given a second for it before a sleep, and at the end
	Sleeper  Sleeper  // nil for a host that never sleeps

	// Found is told once of each UPS what it was found to be, by the kinds of
	// notice that would have led there, before any of its notices; nil for
	// nobody. It must not wait.
	Found func(ups string, kinds []Type)

	// Store has the UPSes of this very agent, which Own picks by where they
	// are served: these are looked at in process. nil for none.
	Store *state.Store
	Own   func(client.Target) bool

	// Dial connects to a server; nil is a [net.Dialer]'s. Network is "tcp",
	// which "" stands for, "tcp4" or "tcp6".
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	Network string
	Timeout time.Duration // to connect, and for an answer; 0 stands for 10 s

	Log *slog.Logger // nil discards
}

// flushTime is how long what was told may take to get out.
const flushTime = time.Second

// Monitor drives a [Machine]: it looks at the UPSes, steps the Machine, and sees
// to what that asks for. Make one with [NewMonitor].
//
// What tells people, asks servers and ends the host is handed on, and never
// waited for: nothing delays the decision.
type Monitor struct {
	options Options
	orders  chan order
	wake    chan struct{} // something is new
	ended   chan struct{} // closed when Run ends
	status  atomic.Pointer[Status]

	// Of the goroutine of Run alone.
	machine *Machine
	watches []watch
	sources map[string]*running
	tasks   sync.WaitGroup
	next    Input           // of the next step, but for the readings
	found   map[string]bool // UPSes that Found was told of
	told    *bool           // what Low was told; nil before
	owed    bool            // Shutdown was not told yet, though it is time
	gone    error           // why the Ender is not there any more
}

// order is something for the goroutine of Run to do before its next step.
type order struct {
	do   func()
	done chan struct{} // closed after the step
}

// running is a source, and what ends it.
type running struct {
	source

	watch watch
	end   context.CancelFunc
}

// NewMonitor returns a Monitor that has seen nothing yet, or why c cannot be
// worked with. links has one for each UPS of c.
func NewMonitor(c Config, links []Link, o Options) (*Monitor, error) {
	machine, err := New(c)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m := &Monitor{
		options: o, machine: machine, sources: make(map[string]*running), found: make(map[string]bool),
		orders: make(chan order), wake: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	m.status.Store(machine.Status())
	m.watches, err = watches(c, links)
	return m, err
}

// Run watches until ctx ends, or the Machine says that all is done; neither is
// an error. It may be called once.
func (m *Monitor) Run(ctx context.Context) error {
	defer close(m.ended)
	ctx, cancel := context.WithCancel(ctx)
	defer m.tasks.Wait()
	defer m.flush()
	defer cancel()
	m.start(ctx)
	if m.options.Sleeper != nil {
		m.tasks.Go(func() { m.sleep(ctx) })
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	var done chan struct{} // of the order that came before the step
	for ctx.Err() == nil {
		if exit := m.step(); exit {
			return m.verdict()
		}
		if done != nil {
			close(done)
			done = nil
		}
		timer.Reset(time.Until(m.machine.Next()))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-m.wake:
		case o := <-m.orders:
			o.do()
			m.start(ctx)
			done = o.done
		}
	}
	return nil
}

// verdict is what Run ends with once the host goes down.
func (m *Monitor) verdict() error {
	if m.owed {
		return fmt.Errorf("end the host: %w", m.gone)
	}
	return nil
}

// Force begins a forced shutdown, as upsmon -c fsd asks for it.
func (m *Monitor) Force(ctx context.Context) error {
	return m.order(ctx, func() { m.next.Force = true })
}

// Reload changes the configuration. UPSes that stay keep what is known of them,
// and their connections where nothing about these has changed. After an error
// all is as it was.
func (m *Monitor) Reload(ctx context.Context, c Config, links []Link) error {
	all, err := watches(c, links)
	if err != nil {
		return err
	}
	failed := m.order(ctx, func() {
		if err = m.machine.Reload(c); err == nil {
			m.watches = all
		}
	})
	return errors.Join(failed, err)
}

// Decides returns once the goroutine of Run has taken a step, or Run or ctx has
// ended: it does not while that is stuck.
func (m *Monitor) Decides(ctx context.Context) {
	o := order{func() {}, make(chan struct{})}
	select {
	case m.orders <- o:
	case <-m.ended:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-o.done:
	case <-m.ended:
	case <-ctx.Done():
	}
}

// Status is where the decision stands.
func (m *Monitor) Status() Status { return *m.status.Load() }

// errEnded is what an order comes to after the end.
var errEnded = errors.New("monitor has ended")

// order has something done by the goroutine of Run, and waits for the step
// after it.
func (m *Monitor) order(ctx context.Context, do func()) error {
	o := order{do, make(chan struct{})}
	select {
	case m.orders <- o:
	case <-m.ended:
		return errEnded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-o.done:
	case <-m.ended:
	}
	return nil
}

// changed has the Machine stepped soon. It does not wait.
func (m *Monitor) changed() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// sleep tells of the host's sleep until ctx ends.
func (m *Monitor) sleep(ctx context.Context) {
	err := m.options.Sleeper.Run(ctx, func(sleep bool) {
		err := m.order(ctx, func() {
			m.next.Sleep, m.next.Wake = sleep, !sleep
			if !sleep {
				m.ask(wishRenew)
			}
		})
		if err == nil && sleep {
			m.flush()
		}
	})
	if err != nil {
		m.options.Log.Warn("the host's sleep is not noticed", "error", err)
	}
}

// flush gives the Notifier a moment to get out what it was told.
func (m *Monitor) flush() {
	f, ok := m.options.Notifier.(interface{ Flush(ctx context.Context) })
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	f.Flush(ctx)
}
