package serial

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// wired is a connection with lines.
type wired struct {
	net.Conn
	lines  Lines
	inputs Inputs
	err    error
}

func (w *wired) SetLines(l Lines) error {
	w.lines = l
	return w.err
}

func (w *wired) Inputs() (Inputs, error) { return w.inputs, w.err }

func (w *wired) Break(d time.Duration) error {
	time.Sleep(d) //nolint:forbidigo // what it plays takes so long, in fake time
	return nil
}

func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		w := &wired{Conn: near, inputs: Inputs{CTS: true, RI: true}}
		p := New(Record(w, t.Output()))
		defer p.Close()
		if err := p.SetLines(Lines{RTS: true}); err != nil || w.lines != (Lines{RTS: true}) {
			t.Errorf("%+v, %v", w.lines, err)
		}
		if in, err := p.Inputs(); err != nil || in != w.inputs {
			t.Errorf("%+v, %v", in, err)
		}
		if err := p.Break(t.Context(), time.Second); err != nil {
			t.Error(err)
		}
		if err := p.Break(limit(t, time.Second), time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Hour) //nolint:forbidigo // the end of the break, in fake time
		w.err = errors.New("unplugged")
		if _, err := p.Inputs(); !errors.Is(err, ErrVanished) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNoLines(t *testing.T) {
	p, _ := pair(t)
	_, err := p.Inputs()
	for _, err := range []error{err, p.SetLines(Lines{}), p.Break(t.Context(), 0)} {
		if !errors.Is(err, ErrNoLines) {
			t.Errorf("got %v", err)
		}
	}
}
