package serial

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"go.bug.st/serial"
)

// Settings are those of the line. There is no flow control.
type Settings struct {
	Speed  int    // bits per second; 9600 if 0
	Bits   int    // of a byte, 5 to 8; 8 if 0
	Parity Parity // none if 0
	Stop   int    // stop bits, 1 or 2; 1 if 0

	// Power is what the lines are set to at opening, as some cables and
	// interfaces live off them; nil leaves them as the system sets them. A
	// port without lines is no error then.
	Power *Lines
}

// Parity is the kind of parity bit.
type Parity byte

// The kinds of parity.
const (
	None Parity = iota
	Odd
	Even
	Mark
	Space
)

// Open opens a port for this process alone. NUT's drivers, which lock a port
// with flock(2), are kept out too, and keep us out.
func Open(ctx context.Context, path string, s Settings) (*Port, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	mode, err := s.mode()
	if err != nil {
		return nil, fmt.Errorf("port %s: %w", path, err)
	}
	unlock, err := lock(path)
	if err != nil {
		return nil, fmt.Errorf("port %s: %w", path, explain(err))
	}
	port, err := serial.Open(path, mode)
	if err != nil {
		unlock()
		return nil, fmt.Errorf("port %s: %w", path, explain(err))
	}
	p := New(&tty{Port: port, unlock: unlock})
	if s.Power != nil {
		if err := p.SetLines(*s.Power); err != nil && !errors.Is(err, ErrNoLines) {
			return nil, errors.Join(fmt.Errorf("port %s: %w", path, err), p.Close())
		}
	}
	p.Discard()
	return p, nil
}

func (s Settings) mode() (*serial.Mode, error) {
	parities := []serial.Parity{serial.NoParity, serial.OddParity, serial.EvenParity, serial.MarkParity, serial.SpaceParity}
	if int(s.Parity) >= len(parities) {
		return nil, fmt.Errorf("no such parity: %d", s.Parity)
	}
	if s.Speed < 0 {
		return nil, fmt.Errorf("a speed of %d", s.Speed)
	}
	m := &serial.Mode{BaudRate: s.Speed, DataBits: s.Bits, Parity: parities[s.Parity]}
	switch s.Stop {
	case 0, 1:
		m.StopBits = serial.OneStopBit
	case 2:
		m.StopBits = serial.TwoStopBits
	default:
		return nil, fmt.Errorf("%d stop bits; there can be 1 or 2", s.Stop)
	}
	return m, nil
}

// explain says what to do about a port that cannot be opened.
func explain(err error) error {
	code := serial.PortErrorCode(-1)
	if e, ok := errors.AsType[*serial.PortError](err); ok {
		code = e.Code()
	}
	switch {
	case errors.Is(err, fs.ErrPermission) || code == serial.PermissionDenied:
		return fmt.Errorf("%w; the user of this program has to be in the group that owns it, often dialout", fs.ErrPermission)
	case errors.Is(err, errLocked) || code == serial.PortBusy:
		return errors.New("in use by another program; end that first, it may be a driver of NUT's")
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; is it plugged in?", fs.ErrNotExist)
	}
	return err
}

var errLocked = errors.New("locked")

// tty is a port of the system's.
type tty struct {
	serial.Port
	unlock func()
}

// Close closes the port and gives it free.
func (t *tty) Close() error {
	defer t.unlock()
	return t.Port.Close()
}

// SetLines sets both lines.
func (t *tty) SetLines(l Lines) error {
	if err := noLines(t.SetDTR(l.DTR)); err != nil {
		return err
	}
	return noLines(t.SetRTS(l.RTS))
}

// Inputs reads all lines.
func (t *tty) Inputs() (Inputs, error) {
	bits, err := t.GetModemStatusBits()
	if err != nil {
		return Inputs{}, noLines(err)
	}
	return Inputs{CTS: bits.CTS, DCD: bits.DCD, DSR: bits.DSR, RI: bits.RI}, nil
}
