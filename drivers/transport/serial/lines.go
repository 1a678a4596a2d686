package serial

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Lines are the levels of the lines that a computer drives.
type Lines struct{ DTR, RTS bool }

// Inputs are the levels of the lines that a computer reads.
type Inputs struct{ CTS, DCD, DSR, RI bool }

// Modem is what a connection may be beside its bytes. Its errors wrap
// ErrNoLines where it has no lines after all.
type Modem interface {
	SetLines(l Lines) error
	Inputs() (Inputs, error)
	// Break holds the transmit line at its break level for a while.
	Break(d time.Duration) error
}

// SetLines sets the lines that a computer drives.
func (p *Port) SetLines(l Lines) error {
	if m, ok := p.conn.(Modem); ok {
		return vanished("set lines", m.SetLines(l))
	}
	return ErrNoLines
}

// Inputs reads the lines that a computer reads.
func (p *Port) Inputs() (Inputs, error) {
	if m, ok := p.conn.(Modem); ok {
		in, err := m.Inputs()
		return in, vanished("read lines", err)
	}
	return Inputs{}, ErrNoLines
}

// Break holds the transmit line at its break level for a while. If ctx ends
// before, it returns, and the break ends at its time.
func (p *Port) Break(ctx context.Context, d time.Duration) error {
	m, ok := p.conn.(Modem)
	if !ok {
		return ErrNoLines
	}
	done := make(chan error, 1)
	go func() { done <- m.Break(d) }()
	select {
	case err := <-done:
		return vanished("break", err)
	case <-ctx.Done():
		return fmt.Errorf("break: %w", ctx.Err())
	}
}

// vanished is what an error of a Modem means.
func vanished(doing string, err error) error {
	if err == nil || errors.Is(err, ErrNoLines) {
		return err
	}
	return fmt.Errorf("%w: %s: %w", ErrVanished, doing, err)
}
