package sched

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/wattnut/wattnut/nut/wire"
)

// What a client of the pipe may do.
const (
	maxClients = 64
	maxRequest = 8 << 10          // bytes of a line: six words, each character with a backslash, and more
	maxSilence = 30 * time.Second // between requests, and in taking an answer
)

// Serve answers requests for a Scheduler until ctx ends, or the listener
// fails. It closes the listener, and all connections, before it returns. A
// client that asks after the Scheduler has ended gets no answer, and asks the
// next one.
func Serve(ctx context.Context, l net.Listener, s *Scheduler, log *slog.Logger) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	room := make(chan struct{}, maxClients)
	for {
		c, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			l.Close()
			return err
		}
		select {
		case room <- struct{}{}:
			clients.Go(func() {
				defer func() { <-room }()
				answer(ctx, c, s, log)
			})
		default:
			log.Warn("client turned away: too many are connected", "clients", maxClients)
			c.Close()
		}
	}
}

// answer serves one client.
func answer(ctx context.Context, c net.Conn, s *Scheduler, log *slog.Logger) {
	defer context.AfterFunc(ctx, func() { c.Close() })()
	defer c.Close()
	r := lineReader{conn: c}
	for {
		words, err := r.next()
		if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
			return
		}
		var said []byte
		if err == nil {
			said, err = s.respond(words)
		}
		if err != nil {
			log.Info("request not carried out", "error", err)
		}
		if len(said) == 0 {
			return
		}
		c.SetWriteDeadline(time.Now().Add(maxSilence))
		if _, err := c.Write(said); err != nil {
			return
		}
	}
}

// respond carries out a request. It says nothing where the Scheduler has ended.
func (s *Scheduler) respond(words [][]byte) ([]byte, error) {
	r, err := parseRequest(words)
	if err == nil && r.list {
		timers, err := s.Timers()
		if err != nil {
			return nil, err
		}
		return appendList(nil, time.Now(), timers), nil
	}
	if err == nil {
		err = s.Apply(r.order)
	}
	switch {
	case errors.Is(err, ErrClosed):
		return nil, err
	case err != nil:
		return []byte(wordErr + "\n"), err
	}
	return []byte(wordOK + "\n"), nil
}

// lineReader reads lines of words from a client.
type lineReader struct {
	conn net.Conn
	scan wire.Scanner
	buf  [1024]byte
	left []byte // of buf, not scanned yet
}

var errTooLong = errors.New("request is too long")

// next returns the words of the next line, which are good until the next call.
// A broken line has none.
func (r *lineReader) next() ([][]byte, error) {
	for {
		n, result := r.scan.Scan(r.left)
		r.left = r.left[n:]
		switch result {
		case wire.Line:
			return r.scan.Words(), nil
		case wire.Bad:
			return nil, nil
		case wire.More:
		}
		if r.scan.Pending() > maxRequest {
			return nil, errTooLong
		}
		r.conn.SetReadDeadline(time.Now().Add(maxSilence))
		n, err := r.conn.Read(r.buf[:])
		if n == 0 && err != nil {
			return nil, err
		}
		r.left = r.buf[:n]
	}
}
