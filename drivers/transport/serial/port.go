// Package serial is a serial port: bytes in and out, each call bounded by its
// context, and the lines of a modem. It gives no meaning to any of it.
package serial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Errors of a Port, beside that of a context that ended.
var (
	// ErrVanished: there is no port any more. It has to be closed; opening
	// it again may work, as when a USB adapter was plugged in again.
	ErrVanished = errors.New("serial port vanished")
	// ErrTooLong: more came than a line may have.
	ErrTooLong = errors.New("line too long")
	// ErrBusy: an earlier Write is still not done, though its context ended.
	ErrBusy = errors.New("serial port takes no more bytes")
	// ErrNoLines: what is behind the port has no modem lines, or no break;
	// a pseudo-terminal has none.
	ErrNoLines = errors.New("port has no modem lines")
)

// maxUnread is how many bytes wait for a reader. What comes after them stays
// with the system, or is lost as on any serial line.
const maxUnread = 4096

// Port is an open serial port. Its methods are for one goroutine at a time,
// News aside. It reads all the time, in a goroutine that Close ends.
type Port struct {
	conn io.ReadWriteCloser
	done chan struct{} // closed when the goroutine that reads has ended

	mu     sync.Mutex
	unread []byte
	err    error         // why nothing more comes
	watch  string        // bytes that are news while nobody reads
	news   chan struct{} // has a value while unread has one of watch
	came   chan struct{} // has a value after unread grew or err was set
	room   chan struct{} // has a value after unread shrank

	closing chan struct{}
	close   func() error
	writing chan error // the outcome of a Write that outlived its context; nil if none
}

// New makes a Port of a connection, which it closes at its end: one that
// Playback made, a pipe, a socket. If the connection is a [Modem], the Port's
// lines are those.
func New(conn io.ReadWriteCloser) *Port {
	p := &Port{
		conn: conn, done: make(chan struct{}), closing: make(chan struct{}),
		news: make(chan struct{}, 1), came: make(chan struct{}, 1), room: make(chan struct{}, 1),
	}
	p.close = sync.OnceValue(func() error {
		close(p.closing)
		err := conn.Close()
		<-p.done
		return err
	})
	go p.listen()
	return p
}

// Close ends the port.
func (p *Port) Close() error { return p.close() }

// closed tells whether Close was called: the system may have given the port's
// descriptor to something else since.
func (p *Port) closed() bool {
	select {
	case <-p.closing:
		return true
	default:
		return false
	}
}

// News has a value while bytes that Watch named have come and are not read.
func (p *Port) News() <-chan struct{} { return p.news }

// Watch says which bytes are News; none at first.
func (p *Port) Watch(set string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watch = set
	p.tell()
}

// listen takes in what comes until the port is closed or fails.
func (p *Port) listen() {
	defer close(p.done)
	buffer := make([]byte, 256)
	for {
		n, err := p.readSome(buffer)
		if !p.take(buffer[:n], err) {
			return
		}
	}
}

// readSome reads. A panic in there, as of select(2) with a file beyond its
// limit, is the end of the port and not of the process.
func (p *Port) readSome(buffer []byte) (n int, err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			n, err = 0, fmt.Errorf("read: %v", trouble)
		}
	}()
	return p.conn.Read(buffer)
}

// take notes what was read, waiting for room, and tells whether to go on.
func (p *Port) take(b []byte, err error) bool {
	for {
		p.mu.Lock()
		if len(p.unread)+len(b) <= maxUnread {
			break
		}
		p.mu.Unlock()
		select {
		case <-p.room:
		case <-p.closing:
			return false
		}
	}
	defer p.mu.Unlock()
	p.unread = append(p.unread, b...)
	p.err = err
	p.tell()
	signal(p.came)
	return err == nil
}

// tell makes news be what the unread bytes make it. p.mu is held.
func (p *Port) tell() {
	if slices.ContainsFunc(p.unread, func(b byte) bool { return strings.IndexByte(p.watch, b) >= 0 }) {
		signal(p.news)
		return
	}
	select {
	case <-p.news:
	default:
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Byte waits for a byte.
func (p *Port) Byte(ctx context.Context) (byte, error) {
	for {
		if b, ok, err := p.next(); ok || err != nil {
			return b, err
		}
		select {
		case <-p.came:
		case <-ctx.Done():
			return 0, fmt.Errorf("read: %w", ctx.Err())
		}
	}
}

// next takes a byte of those that came.
func (p *Port) next() (b byte, ok bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.unread) == 0 {
		if p.err != nil {
			err = fmt.Errorf("%w: %w", ErrVanished, p.err)
		}
		return 0, false, err
	}
	b = p.unread[0]
	p.unread = p.unread[1:]
	p.tell()
	signal(p.room)
	return b, true, nil
}

// ReadLine reads until one of the bytes in ends has come, and returns what came
// before it. A line of more than most bytes is ErrTooLong. Beside an error it
// returns what it had so far.
func (p *Port) ReadLine(ctx context.Context, ends string, most int) ([]byte, error) {
	var line []byte
	for {
		b, err := p.Byte(ctx)
		switch {
		case err != nil:
			return line, err
		case strings.IndexByte(ends, b) >= 0:
			return line, nil
		case len(line) == most:
			return line, fmt.Errorf("%w: more than %d bytes", ErrTooLong, most)
		}
		line = append(line, b)
	}
}

// ReadFull reads n bytes. Beside an error it returns what it had so far.
func (p *Port) ReadFull(ctx context.Context, n int) ([]byte, error) {
	b := make([]byte, 0, n)
	for len(b) < n {
		c, err := p.Byte(ctx)
		if err != nil {
			return b, err
		}
		b = append(b, c)
	}
	return b, nil
}

// Discard forgets what has come and was not read, and returns it.
func (p *Port) Discard() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.unread
	p.unread = nil
	p.tell()
	signal(p.room)
	return b
}

// Write sends b. It returns when the system has it, or when ctx ends.
func (p *Port) Write(ctx context.Context, b []byte) error {
	if p.closed() {
		return fmt.Errorf("%w: write: %w", ErrVanished, io.ErrClosedPipe)
	}
	if p.writing != nil && len(p.writing) == 0 {
		return ErrBusy
	}
	p.writing = nil
	written := make(chan error, 1)
	b = bytes.Clone(b)
	go func() {
		_, err := p.conn.Write(b)
		written <- err
	}()
	select {
	case err := <-written:
		if err != nil {
			return fmt.Errorf("%w: write: %w", ErrVanished, err)
		}
		return nil
	case <-ctx.Done():
		p.writing = written
		return fmt.Errorf("write: %w", ctx.Err())
	}
}

// WriteSlowly sends b one byte after the other with a pause after each.
func (p *Port) WriteSlowly(ctx context.Context, b []byte, pause time.Duration) error {
	for i := range b {
		if err := p.Write(ctx, b[i:i+1]); err != nil {
			return err
		}
		if err := Pause(ctx, pause); err != nil {
			return err
		}
	}
	return nil
}

// Pause waits; it returns early, with the error of ctx, where that ends.
func Pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
