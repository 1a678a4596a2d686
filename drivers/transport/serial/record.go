package serial

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// Record returns a connection that writes what goes over conn to w: a line for
// each read and write, which begins with < for what came and > for what was
// sent, and has the bytes as a quoted Go string. Lines of a modem are those of
// conn, and not in the record. An error of w ends nothing and is not told.
func Record(conn io.ReadWriteCloser, w io.Writer) io.ReadWriteCloser {
	r := recorder{ReadWriteCloser: conn, w: w}
	if m, ok := conn.(Modem); ok {
		return &struct {
			*recorder
			Modem
		}{&r, m}
	}
	return &r
}

type recorder struct {
	io.ReadWriteCloser
	mu sync.Mutex
	w  io.Writer
}

// Read reads, and notes what came.
func (r *recorder) Read(b []byte) (int, error) {
	n, err := r.ReadWriteCloser.Read(b)
	r.note('<', b[:n])
	return n, err
}

// Write notes what is sent, and sends it.
func (r *recorder) Write(b []byte) (int, error) {
	r.note('>', b)
	return r.ReadWriteCloser.Write(b)
}

func (r *recorder) note(mark byte, b []byte) {
	if len(b) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.w, "%c %s\n", mark, strconv.QuoteToASCII(string(b)))
}

// Playback returns a connection that behaves as the device in a record did. What
// is sent must be what was sent then; what came is there to be read once all
// that was sent before it has been sent again. After its end the device has
// vanished. Empty lines of the record and those that begin with # mean nothing.
func Playback(record io.Reader) (io.ReadWriteCloser, error) {
	p := &player{moved: sync.NewCond(new(sync.Mutex))}
	lines := bufio.NewScanner(record)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		text, err := strconv.Unquote(strings.TrimSpace(line[1:]))
		if err != nil || line[0] != '<' && line[0] != '>' {
			return nil, fmt.Errorf("record, line %d: want < or > and a quoted string", n)
		}
		p.script = append(p.script, said{sent: line[0] == '>', bytes: []byte(text)})
	}
	return p, lines.Err()
}

// said is a run of bytes in one direction.
type said struct {
	sent  bool
	bytes []byte
}

type player struct {
	moved  *sync.Cond // its lock guards what follows
	script []said     // what is still to come
	closed bool
}

// current is what is to be said next; nil after the end.
func (p *player) current() *said {
	for len(p.script) > 0 && len(p.script[0].bytes) == 0 {
		p.script = p.script[1:]
		p.moved.Broadcast()
	}
	if len(p.script) == 0 {
		return nil
	}
	return &p.script[0]
}

// Read waits until something is to be read.
func (p *player) Read(b []byte) (int, error) {
	p.moved.L.Lock()
	defer p.moved.L.Unlock()
	for {
		now := p.current()
		switch {
		case p.closed || now == nil:
			return 0, io.EOF
		case !now.sent:
			n := copy(b, now.bytes)
			now.bytes = now.bytes[n:]
			p.current()
			return n, nil
		}
		p.moved.Wait()
	}
}

// Write waits until what came before has been read, and compares.
func (p *player) Write(b []byte) (int, error) {
	p.moved.L.Lock()
	defer p.moved.L.Unlock()
	for n := 0; n < len(b); {
		now := p.current()
		switch {
		case p.closed || now == nil:
			return n, io.ErrClosedPipe
		case !now.sent:
			p.moved.Wait()
			continue
		}
		most := min(len(b)-n, len(now.bytes))
		if !bytes.Equal(b[n:n+most], now.bytes[:most]) {
			return n, fmt.Errorf("playback: %q was sent; the record has %q", b[n:], now.bytes)
		}
		now.bytes = now.bytes[most:]
		n += most
		p.current()
	}
	p.moved.Broadcast()
	return len(b), nil
}

// Close ends what waits.
func (p *player) Close() error {
	p.moved.L.Lock()
	defer p.moved.L.Unlock()
	if p.closed {
		return errors.New("closed already")
	}
	p.closed = true
	p.moved.Broadcast()
	return nil
}
