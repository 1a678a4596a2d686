package device

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
)

// unplugged is why a device cannot be opened until it is plugged in.
type unplugged struct{ plugged chan struct{} }

func (unplugged) Error() string            { return "nothing is plugged in" }
func (u unplugged) Again() <-chan struct{} { return u.plugged }

// A device that is plugged in is opened at once, and not at the next try; one of which
// nobody tells is opened in time too.
func TestOpenedWhenPluggedIn(t *testing.T) {
	for _, tt := range []struct {
		name  string
		err   func(unplugged) error
		after time.Duration // at the latest
	}{
		{"told", func(u unplugged) error { return fmt.Errorf("open: %w", u) }, settle},
		{"not told", func(unplugged) error { return errors.New("nothing is plugged in") }, 5 * time.Second},
		{"nothing to tell by", func(unplugged) error { return unplugged{} }, 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := unplugged{make(chan struct{})}
				opened := make(chan time.Time, 1)
				plugged := make(chan struct{})
				r := New(Config{UPS: state.NewUPS("u", "", nil), Open: func(context.Context, drivers.Env) (drivers.Device, error) {
					select {
					case <-plugged:
						opened <- time.Now()
						return &script{how: how{status: "OL"}}, nil
					default:
						return nil, tt.err(u)
					}
				}})
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { _ = r.Run(ctx); close(done) }()
				wait(time.Minute) // so long that it tries seldom
				began := time.Now()
				close(plugged)
				close(u.plugged)
				if took := (<-opened).Sub(began); took > tt.after {
					t.Errorf("opened after %v", took)
				}
				cancel()
				<-done
			})
		})
	}
}
