package serial

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	m, err := p.modem()
	if err != nil {
		return err
	}
	return vanished("set lines", m.SetLines(l))
}

// Inputs reads the lines that a computer reads.
func (p *Port) Inputs() (Inputs, error) {
	m, err := p.modem()
	if err != nil {
		return Inputs{}, err
	}
	in, err := m.Inputs()
	return in, vanished("read lines", err)
}

// Break holds the transmit line at its break level for a while. If ctx ends
// before, it returns, and the break ends at its time.
func (p *Port) Break(ctx context.Context, d time.Duration) error {
	m, err := p.modem()
	if err != nil {
		return err
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

// modem is the connection, if it has lines and is open.
func (p *Port) modem() (Modem, error) {
	if p.closed() {
		return nil, fmt.Errorf("%w: %w", ErrVanished, io.ErrClosedPipe)
	}
	if m, ok := p.conn.(Modem); ok {
		return m, nil
	}
	return nil, ErrNoLines
}

// vanished is what an error of a Modem means.
func vanished(doing string, err error) error {
	if err == nil || errors.Is(err, ErrNoLines) {
		return err
	}
	return fmt.Errorf("%w: %s: %w", ErrVanished, doing, err)
}
