package drivers

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func addresses(n int) func(func(netip.Addr) bool) {
	return func(yield func(netip.Addr) bool) {
		for a := netip.MustParseAddr("192.0.2.0"); n > 0 && yield(a); n-- {
			a = a.Next()
		}
	}
}

func TestEachAsksAFewAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked, now, most atomic.Int32
		begin := time.Now()
		Search{Addresses: addresses(10), Parallel: 3}.Each(t.Context(), func(context.Context, netip.Addr) {
			most.Store(max(most.Load(), now.Add(1)))
			<-time.After(time.Second)
			now.Add(-1)
			asked.Add(1)
		})
		if asked.Load() != 10 || most.Load() > 3 || time.Since(begin) != 4*time.Second {
			t.Errorf("%d asked, %d at once, in %v", asked.Load(), most.Load(), time.Since(begin))
		}
	})
}

func TestEachEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var asked atomic.Int32
		Search{Addresses: addresses(1 << 30)}.Each(ctx, func(ctx context.Context, _ netip.Addr) {
			asked.Add(1)
			select {
			case <-ctx.Done():
			case <-time.After(2 * time.Second):
			}
		})
		if asked.Load() > 4 {
			t.Errorf("%d asked", asked.Load())
		}
	})
}

func TestSearchDefaults(t *testing.T) {
	Search{}.Each(t.Context(), func(context.Context, netip.Addr) { t.Error("asked nobody's address") })
	if got := (Search{}).Wait(); got != 5*time.Second {
		t.Errorf("waits %v", got)
	}
	if got := (Search{Timeout: time.Second}).Wait(); got != time.Second {
		t.Errorf("waits %v", got)
	}
}
