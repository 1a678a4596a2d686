package device

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// Who wants to know what happens is told, in order.
func TestEventsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		s := &script{how: how{status: "OL"}}
		r := New(Config{
			UPS:    state.NewUPS("u", "", nil),
			Open:   func(context.Context, drivers.Env) (drivers.Device, error) { return s, nil },
			Events: func(e nut.Event) { told = append(told, e.UPS+" "+e.Type) },
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { _ = r.Run(ctx); close(done) }()
		wait(10 * time.Second)
		s.be(how{status: "OB"})
		wait(10 * time.Second)
		s.be(how{err: errors.New("unplugged")})
		wait(time.Minute)
		cancel()
		<-done
		if want := []string{"u ONBATT", "u COMMBAD"}; !slices.Equal(told, want) {
			t.Errorf("told of %q", told)
		}
	})
}

// Who counts sees each snapshot, the one that is stale too.
func TestSnapshotsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		s := &script{how: how{status: "OL"}}
		r := New(Config{
			UPS:  state.NewUPS("u", "", nil),
			Open: func(context.Context, drivers.Env) (drivers.Device, error) { return s, nil },
			Snapshots: func(s *nut.Snapshot) {
				told = append(told, s.Health.String()+" "+s.Status().String())
			},
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { _ = r.Run(ctx); close(done) }()
		wait(10 * time.Second)
		s.be(how{status: "OB"})
		wait(10 * time.Second)
		s.be(how{err: errors.New("unplugged")})
		wait(time.Minute)
		cancel()
		<-done
		told = slices.Compact(told)
		for _, want := range []string{"live OL", "live OB", "stale OB"} {
			if !slices.Contains(told, want) {
				t.Errorf("not told of %s: %q", want, told)
			}
		}
	})
}
