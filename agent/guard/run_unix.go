//go:build unix

package guard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	defaultGrace = 10 * time.Second
	// abortTime is what a hung agent has to write down where it hangs.
	abortTime = time.Second
	// closedTime is what an agent has to end that has closed its pipe.
	closedTime = time.Second
)

// watch is one run of a guard. One goroutine owns it.
type watch struct {
	*Guard
	memory
	sockets []*os.File // of systemd's, for the agent
	grace   time.Duration
	deaths  record
	seen    bool          // some agent was alive
	heard   time.Time     // when any agent last said something
	told    time.Time     // when the log was last told of the battery
	pending []os.Signal   // for the agent, once it is alive
	checks  []Check       // what the last probe found
	ended   chan struct{} // nil until the host is to end; closed when that is done
	err     error         // why it did not; once ended is closed

	signals chan os.Signal
	found   chan []Check
}

// Run runs the agent until ctx ends, or the agent ends by its own will, or the
// host was told to end and the agent is gone. It returns the exit code to end
// with:
//
//   - EndCode, or 1 and an error if it did not work, once the host was told to end
//   - the agent's own, if that was 0, or if no agent has been alive yet: then it
//     is a mistake to be seen by whoever starts it
//   - 0 where ctx ended: the agent has been told to end, and is gone
//
// SIGHUP and SIGUSR1 are passed on to the agent, as soon as it is alive; SIGUSR2
// is ignored.
func (g *Guard) Run(ctx context.Context) (code int, err error) {
	passed, err := sockets()
	if err != nil {
		g.Log.Warn("the agent gets no socket", "error", err)
	}
	if err := keepDescriptors(); err != nil {
		g.Log.Warn("descriptors may be passed on", "error", err)
	}
	w := &watch{
		Guard: g, sockets: passed, grace: cmp.Or(g.Grace, defaultGrace),
		deaths: record{Restarts: g.Restarts.withDefaults()}, heard: time.Now(),
		signals: make(chan os.Signal, 16), found: make(chan []Check),
	}
	signal.Notify(w.signals, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(w.signals)
	var probes sync.WaitGroup
	defer probes.Wait()
	probing, stop := context.WithCancel(ctx)
	defer stop()
	probes.Go(func() { g.Host.probes(probing, cmp.Or(g.ProbeEvery, probeEvery), w.found) })
	return w.run(ctx)
}

func (w *watch) run(ctx context.Context) (code int, err error) {
	for {
		born := time.Now()
		end, err := w.live(ctx)
		switch {
		case w.ended != nil:
			return w.finish(ctx)
		case ctx.Err() != nil:
			return 0, nil
		case err == nil && end.byWill && end.code == 0:
			return 0, nil
		case !w.seen && (err != nil || end.byWill):
			return max(end.code, 1), err
		}
		delay, forGood := w.deaths.died(time.Now(), time.Since(born))
		w.Log.Error("the agent is dead", "how", end.text, "error", err, "battery_low", w.low, "restart_in", delay)
		silent := time.Since(w.heard) >= w.deaths.Within
		switch {
		case w.low && w.EndIfLost && (forGood || silent):
			w.powerOff(ctx, "the agent is lost while the battery is low")
			return w.finish(ctx)
		case forGood && !w.seen:
			return 1, errors.New("the agent dies again and again")
		case w.low:
			delay = min(delay, urgent)
		}
		w.rest(ctx, delay)
	}
}

// rest waits for the next life. Signals are kept for it.
func (w *watch) rest(ctx context.Context, delay time.Duration) {
	over := time.After(delay)
	for {
		select {
		case <-over:
			return
		case <-ctx.Done():
			return
		case s := <-w.signals:
			w.keep(s)
		case w.checks = <-w.found:
		}
	}
}

// keep keeps a signal until the agent can take it: FSD by hand must not be lost.
func (w *watch) keep(s os.Signal) {
	if s != syscall.SIGUSR2 && !slices.Contains(w.pending, s) {
		w.pending = append(w.pending, s)
	}
}

// powerOff begins to end the host, if that was not begun before.
func (w *watch) powerOff(ctx context.Context, why string) {
	if w.ended != nil {
		return
	}
	w.Log.Warn("shutdown", "reason", why)
	w.ended = make(chan struct{})
	go func() {
		defer close(w.ended)
		w.err = w.Host.PowerOff(context.WithoutCancel(ctx))
	}()
}

// finish waits for the host's end to be under way.
func (w *watch) finish(ctx context.Context) (code int, err error) {
	select {
	case <-w.ended:
	case <-ctx.Done():
		select {
		case <-w.ended:
		case <-time.After(w.grace): // the command goes on without this process
			return w.EndCode, nil
		}
	}
	if w.err != nil {
		return 1, fmt.Errorf("shutdown: %w", w.err)
	}
	return w.EndCode, nil
}
