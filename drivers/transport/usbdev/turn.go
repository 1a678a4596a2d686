package usbdev

import (
	"context"
	"fmt"
)

// Turn lets the requests to a device go one after the other, each for as long as the
// device takes, and waits for each no longer than who asked.
type Turn struct{ taken chan struct{} }

// NewTurn returns a Turn that nobody has.
func NewTurn() *Turn { return &Turn{make(chan struct{}, 1)} }

// Do makes a call that waits for the device, and waits for its end as long as ctx
// lasts. The call goes on by itself then, and the next waits for its end: f must not
// touch what the caller may use again.
func (t *Turn) Do(ctx context.Context, f func() (int, error)) (int, error) {
	select {
	case t.taken <- struct{}{}:
	case <-ctx.Done():
		return 0, fmt.Errorf("the request before hangs: %w: %w", ErrTimeout, ctx.Err())
	}
	type outcome struct {
		n   int
		err error
	}
	ended := make(chan outcome, 1)
	go func() {
		n, err := f()
		<-t.taken
		ended <- outcome{n, err}
	}()
	select {
	case o := <-ended:
		return o.n, o.err
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: %w", ErrTimeout, ctx.Err())
	}
}

// Last makes f the last call: at once if no other is out, or after the one that hangs,
// which is not waited for.
func (t *Turn) Last(f func() error) error {
	select {
	case t.taken <- struct{}{}:
		return f()
	default:
	}
	go func() {
		t.taken <- struct{}{}
		_ = f() // whom to tell?
	}()
	return nil
}
