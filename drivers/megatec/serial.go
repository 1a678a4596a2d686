package megatec

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wattnut/wattnut/drivers/megatec/dialect"
	"github.com/wattnut/wattnut/drivers/transport/serial"
)

// cablePowers are the lines that a cable may live off, under NUT's names.
var cablePowers = map[string]serial.Lines{
	"normal":  {DTR: true},
	"reverse": {RTS: true},
	"both":    {DTR: true, RTS: true},
	"none":    {},
}

const (
	lineSpeed = 2400
	settling  = 1100 * time.Millisecond // until a cable that was given power works
	patience  = time.Second             // for an answer to begin, and for each byte of it
	quiet     = 100 * time.Millisecond  // without a byte, after which a late answer is over
	longest   = 4 * time.Second         // that an answer takes
	maxLine   = 512
)

// line carries commands over a serial port.
type line struct {
	port *serial.Port
	late bool // the answer to the last command may still come
}

func openLine(ctx context.Context, path, cablePower string) (*line, error) {
	power := cablePowers[cablePower]
	port, err := serial.Open(ctx, path, serial.Settings{Speed: lineSpeed, Power: &power})
	if err != nil {
		return nil, err
	}
	if _, err := port.Inputs(); !errors.Is(err, serial.ErrNoLines) {
		if err := serial.Pause(ctx, settling); err != nil {
			return nil, errors.Join(err, port.Close())
		}
	}
	return &line{port: port}, nil
}

// Close closes the port.
func (l *line) Close() error { return l.port.Close() }

// Exchange sends a command and waits for the line that answers it.
func (l *line) Exchange(ctx context.Context, command []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if l.late {
		if err := l.drain(ctx); err != nil {
			return nil, err
		}
	}
	l.port.Discard()
	l.late = true
	if err := l.port.Write(ctx, command); err != nil {
		return nil, err
	}
	answer, err := l.read(ctx)
	if err == nil {
		l.late = false
	}
	return answer, err
}

// read reads up to a carriage return.
func (l *line) read(ctx context.Context) ([]byte, error) {
	var answer []byte
	for len(answer) < maxLine {
		c, err := l.next(ctx, patience)
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("%w: %d bytes came without an end", dialect.ErrSilent, len(answer))
		}
		if err != nil {
			return nil, err
		}
		if answer = append(answer, c); c == '\r' {
			return answer, nil
		}
	}
	return nil, fmt.Errorf("%w: a line of more than %d bytes", dialect.ErrSilent, maxLine)
}

// drain throws away what comes until nothing does.
func (l *line) drain(ctx context.Context) error {
	for {
		switch _, err := l.next(ctx, quiet); {
		case ctx.Err() != nil:
			return fmt.Errorf("%w: the line is never quiet", dialect.ErrSilent)
		case errors.Is(err, context.DeadlineExceeded):
			return nil
		case err != nil:
			return err
		}
	}
}

func (l *line) next(ctx context.Context, wait time.Duration) (byte, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return l.port.Byte(ctx)
}
