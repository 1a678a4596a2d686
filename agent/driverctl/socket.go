package driverctl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"
	"time"

	"github.com/wattnut/wattnut/nut/driverline"
	"github.com/wattnut/wattnut/nut/wire"
)

// answerTime is how long a driver may take to say what it is.
const answerTime = 2 * time.Second

// maxBytes is how much is read of a driver before its answer must have come.
const maxBytes = 1 << 20

// socket is a connection to a driver, for one question after the other.
type socket struct {
	conn    net.Conn
	stop    func() bool
	scanner wire.Scanner
	buf     [2048]byte
	rest    []byte // read, and not scanned
	read    int
}

// dial connects. The error is ErrNotRunning if nobody listens. The connection
// lasts no longer than ctx.
func dial(ctx context.Context, path string) (*socket, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, ErrNotRunning
	case err != nil:
		return nil, fmt.Errorf("socket %s: %w", path, err)
	}
	s := &socket{conn: conn}
	s.stop = context.AfterFunc(ctx, func() { conn.Close() })
	return s, nil
}

func (s *socket) close() {
	s.stop()
	s.conn.Close()
}

// ask sends a line and returns the first line of the wanted verb that comes.
func (s *socket) ask(l driverline.Line, want driverline.Verb) (driverline.Line, error) {
	if err := s.send(l); err != nil {
		return driverline.Line{}, err
	}
	for {
		answer, err := s.next()
		if err != nil || answer.Verb == want {
			return answer, err
		}
	}
}

func (s *socket) send(l driverline.Line) error {
	line, err := l.Append(nil)
	if err != nil {
		return err
	}
	_, err = s.conn.Write(line)
	return err
}

// next returns the next line that is understood.
func (s *socket) next() (driverline.Line, error) {
	for {
		for len(s.rest) > 0 {
			n, result := s.scanner.Scan(s.rest)
			s.rest = s.rest[n:]
			if result != wire.Line {
				continue
			}
			if l, err := driverline.Parse(s.scanner.Words()); err == nil {
				return l, nil
			}
		}
		n, err := s.conn.Read(s.buf[:])
		if s.rest, s.read = s.buf[:n], s.read+n; n > 0 && s.read < maxBytes {
			continue
		}
		if err == nil {
			err = errors.New("no answer in all that the driver says")
		}
		return driverline.Line{}, err
	}
}
