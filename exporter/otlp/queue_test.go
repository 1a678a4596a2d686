package otlp

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/wattnut/wattnut/nut"
)

// client is a log exporter that fails with err, or waits for ctx, or takes.
type client struct {
	slow bool

	mu    sync.Mutex
	err   error
	took  []string
	sizes []int
	tries int
	shut  bool
}

func (c *client) Export(ctx context.Context, records []sdklog.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries++
	if c.slow {
		<-ctx.Done()
		return ctx.Err()
	}
	if c.err != nil {
		return c.err
	}
	c.sizes = append(c.sizes, len(records))
	for _, r := range records {
		c.took = append(c.took, r.EventName())
	}
	return nil
}

func (c *client) ForceFlush(context.Context) error { return nil }
func (c *client) Shutdown(context.Context) error   { c.shut = true; return nil }

// fail makes it fail with err, or with nil take, from here on.
func (c *client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

// seen is what it took, in messages of which sizes, and how often it was asked.
func (c *client) seen() (took []string, sizes []int, tries int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.took, c.sizes, c.tries
}

// events is an Exporter of events only, to a client.
func events(c *client, queue, batch int) *Exporter {
	e := &Exporter{urgent: make(chan struct{}, 1)}
	e.sendLogs(c, Settings{queue: queue, batch: batch, timeout: 30 * time.Second}, Config{Log: quiet()}, nil)
	return e
}

func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = strconv.Itoa(i)
	}
	return all
}

func emit(e *Exporter, names []string) {
	for _, name := range names {
		e.Event(nut.Event{Time: time.Now(), UPS: "u", Type: name})
	}
}

// pass lets time pass, in a bubble.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// bubble runs a test with a running Exporter.
func bubble(t *testing.T, c *client, queue, batch int, test func(t *testing.T, e *Exporter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := events(c, queue, batch)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- e.Run(ctx) }()
		synctest.Wait()
		test(t, e)
		began := time.Now()
		cancel()
		if err := <-done; err != nil || time.Since(began) > grace || !c.shut {
			t.Errorf("ended with %v after %v, closed: %t", err, time.Since(began), c.shut)
		}
	})
}

func TestQueueSendsAtOnce(t *testing.T) {
	c := &client{}
	bubble(t, c, 100, 10, func(t *testing.T, e *Exporter) {
		t.Helper()
		emit(e, names(3))
		synctest.Wait()
		if took, _, _ := c.seen(); !slices.Equal(took, names(3)) {
			t.Errorf("the collector has %q", took)
		}
	})
}

// A collector that is away for ten minutes gets all of it in the end, in order.
func TestQueueKeeps(t *testing.T) {
	c := &client{err: errors.New("connection refused")}
	bubble(t, c, 100, 10, func(t *testing.T, e *Exporter) {
		t.Helper()
		emit(e, names(25))
		pass(10 * time.Minute)
		if waiting, dropped := e.queue.counts(); waiting != 25 || dropped != 0 {
			t.Errorf("%d wait, %d dropped", waiting, dropped)
		}
		if _, _, tries := c.seen(); tries > 150 {
			t.Errorf("%d tries in 10 minutes", tries)
		}
		c.fail(nil)
		pass(retryDelay)
		if took, sizes, _ := c.seen(); !slices.Equal(took, names(25)) || !slices.Equal(sizes, []int{10, 10, 5}) {
			t.Errorf("the collector has %q, in %v", took, sizes)
		}
	})
}

// What is too much, and what is too old, is dropped and counted.
func TestQueueDrops(t *testing.T) {
	c := &client{err: errors.New("refused")}
	bubble(t, c, 8, 5, func(t *testing.T, e *Exporter) {
		t.Helper()
		emit(e, names(20))
		synctest.Wait()
		if waiting, dropped := e.queue.counts(); waiting != 8 || dropped != 12 {
			t.Errorf("%d wait, %d dropped", waiting, dropped)
		}
		pass(maxAge + retryDelay)
		if waiting, dropped := e.queue.counts(); waiting != 0 || dropped != 20 {
			t.Errorf("after an hour %d wait, %d dropped", waiting, dropped)
		}
	})
}

// A collector that hangs is given up on after a while each time, and what comes
// meanwhile waits for nobody.
func TestQueueAtASlowCollector(t *testing.T) {
	c := &client{slow: true}
	bubble(t, c, 8, 5, func(t *testing.T, e *Exporter) {
		t.Helper()
		before := time.Now()
		emit(e, names(20))
		if !time.Now().Equal(before) {
			t.Error("an event waited")
		}
		pass(time.Minute)
		if _, failed := e.outcomes[0].counts(); failed == 0 {
			t.Error("still at the first try")
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		before = time.Now()
		if err := e.Flush(short); err == nil || time.Since(before) > time.Second {
			t.Errorf("flushed after %v: %v", time.Since(before), err)
		}
	})
}

// What is dropped while it is being sent is not taken off twice.
func TestQueueDropsWhileSending(t *testing.T) {
	q := newQueue(&client{}, &outcome{log: quiet()}, Settings{queue: 4, batch: 3, timeout: time.Second})
	q.records = make([]sdklog.Record, 4)
	for i := range q.records {
		q.records[i].SetObservedTimestamp(time.Now())
	}
	batch, first := q.batch()
	q.drop(2)
	q.took(first + uint64(len(batch)))
	if waiting, dropped := q.counts(); waiting != 1 || dropped != 2 {
		t.Errorf("%d wait, %d dropped", waiting, dropped)
	}
	q.drop(1)
	q.took(first + uint64(len(batch)))
	if waiting, _ := q.counts(); waiting != 0 {
		t.Errorf("%d wait", waiting)
	}
}
