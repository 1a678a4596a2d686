package otlp

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/sdk/log"
)

const (
	retryDelay = 5 * time.Second // between tries at a collector that did not take the events
	maxAge     = time.Hour       // events that nobody took for so long are dropped
)

// queue is a log processor that sends at once, and keeps what the collector did
// not take: outages take networks down with them, and what was seen meanwhile
// is what people ask for afterwards. Where the SDK's own would drop a batch
// after the first refused connection, this one tries for an hour. It is full
// at a limit, and then drops the oldest.
type queue struct {
	client  log.Exporter
	outcome *outcome
	limits  Settings
	wake    chan struct{} // has a value when there is something new
	sending chan struct{} // has a value while somebody sends

	mu      sync.Mutex
	records []log.Record // oldest first
	gone    uint64       // how many were in front of these, ever
	dropped uint64
}

func newQueue(client log.Exporter, o *outcome, limits Settings) *queue {
	return &queue{client: client, outcome: o, limits: limits, wake: make(chan struct{}, 1), sending: make(chan struct{}, 1)}
}

// Enabled implements [log.Processor].
func (q *queue) Enabled(context.Context, log.EnabledParameters) bool { return true }

// OnEmit implements [log.Processor]. It does not wait.
func (q *queue) OnEmit(_ context.Context, r *log.Record) error {
	q.mu.Lock()
	if len(q.records) >= q.limits.queue {
		q.drop(1)
	}
	q.records = append(q.records, r.Clone())
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return nil
}

// run sends until ctx ends.
func (q *queue) run(ctx context.Context) {
	for {
		var retry <-chan time.Time
		if q.ForceFlush(ctx) != nil {
			retry = time.After(retryDelay)
		}
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		case <-retry:
		}
	}
}

// ForceFlush implements [log.Processor]: it sends all there is, or gives up at
// the first failure.
func (q *queue) ForceFlush(ctx context.Context) error {
	select {
	case q.sending <- struct{}{}:
		defer func() { <-q.sending }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		batch, first := q.batch()
		if len(batch) == 0 {
			return nil
		}
		if err := q.send(ctx, batch); err != nil {
			return err
		}
		q.took(first + uint64(len(batch)))
	}
}

func (q *queue) send(ctx context.Context, batch []log.Record) error {
	ctx, cancel := context.WithTimeout(ctx, q.limits.timeout)
	defer cancel()
	err := q.client.Export(ctx, batch)
	q.outcome.note(err)
	return err
}

// batch returns the next events to send, and the number of the first. Those
// that are too old go before.
func (q *queue) batch() (records []log.Record, first uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	old := time.Now().Add(-maxAge)
	fresh := slices.IndexFunc(q.records, func(r log.Record) bool { return r.ObservedTimestamp().After(old) })
	if fresh < 0 {
		fresh = len(q.records)
	}
	q.drop(fresh)
	return slices.Clone(q.records[:min(len(q.records), q.limits.batch)]), q.gone
}

// took forgets the events in front of the one with a number; the collector has
// them. Some may have been dropped meanwhile.
func (q *queue) took(next uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if next > q.gone {
		q.forget(int(next - q.gone))
	}
}

func (q *queue) drop(n int) {
	q.dropped += uint64(n)
	q.forget(n)
}

func (q *queue) forget(n int) {
	q.records = slices.Delete(q.records, 0, n)
	q.gone += uint64(n)
}

// counts is how many events wait, and how many were dropped.
func (q *queue) counts() (waiting int, dropped uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.records), q.dropped
}

// Shutdown implements [log.Processor].
func (q *queue) Shutdown(ctx context.Context) error {
	err := q.ForceFlush(ctx)
	if closeErr := q.client.Shutdown(ctx); err == nil {
		err = closeErr
	}
	return err
}
