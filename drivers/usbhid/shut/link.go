package shut

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

const (
	patience = 3 * time.Second // for each byte of an answer
	greeting = time.Second     // for the answer to a greeting
	tries    = 4
)

var (
	errFrame   = errors.New("broken frame")
	errTooLong = errors.New("an answer that is too long")
)

// link is a line with a UPS at its end.
type link struct{ port *serial.Port }

// greet brings the two in step: whatever was under way is given up.
func (l *link) greet(ctx context.Context) error {
	for range tries {
		l.port.Discard()
		if err := l.port.Write(ctx, []byte{silent}); err != nil {
			return gone(err)
		}
		for {
			b, err := l.next(ctx, greeting)
			if err == nil && b != silent {
				continue // the rest of what was under way
			}
			if err == nil {
				return nil
			}
			if !errors.Is(err, usbdev.ErrTimeout) || ctx.Err() != nil {
				return err
			}
			break
		}
	}
	return fmt.Errorf("no answer to a greeting: no UPS that speaks SHUT, or another cable: %w", usbdev.ErrTimeout)
}

// next waits for a byte.
func (l *link) next(ctx context.Context, wait time.Duration) (byte, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	b, err := l.port.Byte(ctx)
	return b, gone(err)
}

// gone is an error of the port as one of a USB device.
func gone(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", usbdev.ErrTimeout, err)
	case errors.Is(err, serial.ErrVanished):
		return fmt.Errorf("%w: %w", usbdev.ErrGone, err)
	}
	return err
}

// send sends frames, each until it is accepted.
func (l *link) send(ctx context.Context, all ...frame) error {
	l.port.Discard()
	for _, f := range all {
		if err := l.sendOne(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// sendOne sends a frame until it is accepted. A UPS that wants it repeated again and
// again refuses what is in it.
func (l *link) sendOne(ctx context.Context, f frame) error {
	for range tries {
		if err := l.port.Write(ctx, f.bytes()); err != nil {
			return gone(err)
		}
		b, err := l.next(ctx, patience)
		if err != nil {
			return err
		}
		if b == accepted {
			return nil
		}
		// Wanted again; or the beginning of a notification, or noise, after which
		// the UPS waits for us.
		if b != repeat {
			l.port.Discard()
		}
	}
	return fmt.Errorf("request %x: %w", f.payload, usbdev.ErrStall)
}

// receive collects the frames of an answer of at most so many bytes. Notifications
// in between are accepted and left out.
func (l *link) receive(ctx context.Context, most int) ([]byte, error) {
	var data []byte
	for broken := 0; ; {
		f, err := l.frame(ctx)
		answer := byte(accepted)
		if errors.Is(err, errFrame) && broken < tries {
			broken++
			answer = repeat
			l.port.Discard()
		} else if err != nil {
			return nil, err
		}
		if err := l.port.Write(ctx, []byte{answer}); err != nil {
			return nil, gone(err)
		}
		if answer == repeat || f.kind != kindResponse {
			continue
		}
		if len(data)+len(f.payload) > most {
			return nil, fmt.Errorf("%w: more than %d bytes", errTooLong, most)
		}
		data = append(data, f.payload...)
		if f.last {
			return data, nil
		}
	}
}

// frame reads one frame.
func (l *link) frame(ctx context.Context) (frame, error) {
	var head [2]byte
	for i := range head {
		b, err := l.next(ctx, patience)
		if err != nil {
			return frame{}, err
		}
		head[i] = b
	}
	f, n, err := header(head[0], head[1])
	if err != nil {
		return frame{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	b, err := l.port.ReadFull(ctx, n+1)
	if err != nil {
		return frame{}, gone(err)
	}
	f.payload = b[:n]
	if checksum(f.payload) != b[n] {
		return frame{}, fmt.Errorf("%w: checksum", errFrame)
	}
	return f, nil
}
