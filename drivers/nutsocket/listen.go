package nutsocket

import (
	"bytes"
	"errors"
	"net"
	"os"
	"time"

	"github.com/wattnut/wattnut/nut/driverline"
	"github.com/wattnut/wattnut/nut/wire"
)

const (
	// maxLine is the longest line that is borne. Drivers write at most 511
	// bytes.
	maxLine = 4096
	// redumpPause is the least time between two dumps.
	redumpPause = 5 * time.Second
)

var errLongLine = errors.New("the driver sent a line without an end")

// listener is what the listening goroutine knows.
type listener struct {
	*device
	conn    net.Conn
	scanner wire.Scanner
	heard   time.Time // the last byte
	asked   time.Time // the last DUMPALL
	dumping bool      // its DUMPDONE is still to come
	doubt   bool      // a line may have lost part of its value
	warned  bool      // that facts were left out

	outcomes []func() // of tracked orders, to be told without the lock
}

// listen asks for all facts, and takes in what the driver says until contact
// ends. It returns why.
func (d *device) listen(conn net.Conn) error {
	l := &listener{device: d, conn: conn, heard: time.Now()}
	if err := l.dump(); err != nil {
		return err
	}
	buf := make([]byte, 4096)
	for {
		conn.SetReadDeadline(time.Now().Add(d.options.MaxAge / 3))
		n, err := conn.Read(buf)
		if n > 0 {
			if err := l.take(buf[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			err = l.quiet()
		case err == nil:
			err = l.clear()
		}
		if err != nil {
			return err
		}
	}
}

// dump asks for all facts.
func (l *listener) dump() error {
	l.asked, l.dumping, l.doubt = time.Now(), true, false
	return l.send(driverline.Line{Verb: driverline.DumpAll})
}

// clear asks again for all facts if a line was in doubt. Up to NUT 2.8.5 a
// driver does not escape what it says by itself, but does so when asked.
func (l *listener) clear() error {
	if l.doubt && !l.dumping && time.Since(l.asked) >= redumpPause {
		return l.dump()
	}
	return nil
}

// quiet deals with a driver that said nothing for a third of MaxAge.
func (l *listener) quiet() error {
	if time.Since(l.heard) >= l.options.MaxAge {
		l.mu.Lock()
		l.silent = true
		l.mu.Unlock()
		l.tell()
	}
	if err := l.send(driverline.Line{Verb: driverline.Ping}); err != nil {
		return err
	}
	return l.clear()
}

// take takes in bytes of the driver, and passes on the outcomes among them.
func (l *listener) take(data []byte) error {
	err := l.scan(data)
	for _, tell := range l.outcomes {
		tell()
	}
	l.outcomes = l.outcomes[:0]
	return err
}

func (l *listener) scan(data []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = time.Now()
	news := l.silent
	l.silent = false
	for len(data) > 0 {
		n, result := l.scanner.Scan(data)
		switch result {
		case wire.Line:
			news = l.line(data[:n]) || news
		case wire.Bad:
			l.log.Debug("driver sent a broken line", "line", string(data[:n]), "fault", l.scanner.Fault().String())
			l.doubt = l.doubt || !l.dumping
		case wire.More:
			if l.scanner.Pending() > maxLine {
				return errLongLine
			}
		}
		data = data[n:]
	}
	if news {
		l.tell()
	}
	if l.facts.full && !l.warned {
		l.warned = true
		l.log.Warn("driver says too much, the rest is left out")
	}
	return nil
}

// line applies one line, of which raw is at least the end, and tells whether it
// brought news.
func (l *listener) line(raw []byte) bool {
	words := l.scanner.Words()
	if len(words) == 0 {
		return false
	}
	line, err := driverline.Parse(words)
	if err != nil {
		l.log.Debug("driver line ignored", "line", string(raw), "error", err)
		return false
	}
	switch line.Verb {
	case driverline.Tracking:
		if done := l.pending.take(line.Tracking); done != nil {
			l.outcomes = append(l.outcomes, func() { done(driverline.Outcome(line.Number)) })
		}
		return false
	case driverline.DumpDone:
		l.dumping = false
	default:
		l.doubt = l.doubt || !l.dumping && mangled(line, raw)
	}
	return l.facts.apply(line)
}

// mangled tells whether a value may have lost a ", \ or # because its driver
// did not escape it.
func mangled(l driverline.Line, raw []byte) bool {
	if l.Verb != driverline.SetInfo {
		return false
	}
	return l.Surplus || bytes.IndexByte(raw, '\\') >= 0
}
