package device

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// babbler has news all the time.
type babbler struct {
	news  chan struct{}
	reads int
}

func (b *babbler) News() <-chan struct{} { return b.news }
func (b *babbler) Close() error          { return nil }
func (b *babbler) Read(_ context.Context, d *nut.Draft) error {
	b.reads++
	d.SetStatus("OL")
	return nil
}

func TestBabblingDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &babbler{news: make(chan struct{})}
		close(b.news)
		r := New(Config{
			UPS:  state.NewUPS("u", "", nil),
			Open: func(context.Context, drivers.Env) (drivers.Device, error) { return b, nil },
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = r.Run(ctx)
		if most := int(time.Second/breath) + 2; b.reads > most || b.reads < 10 {
			t.Errorf("%d reads in a second", b.reads)
		}
	})
}

func TestNewsIsReadAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &babbler{news: make(chan struct{}, 1)}
		r := New(Config{
			UPS:  state.NewUPS("u", "", nil),
			Open: func(context.Context, drivers.Env) (drivers.Device, error) { return b, nil },
			Poll: time.Hour,
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { _ = r.Run(ctx); close(done) }()
		wait(time.Second)
		before := b.reads
		b.news <- struct{}{}
		wait(time.Millisecond)
		if b.reads != before+1 {
			t.Errorf("%d reads after one piece of news", b.reads-before)
		}
		cancel()
		<-done
	})
}
