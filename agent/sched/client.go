package sched

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"time"
)

// Client reaches the Scheduler of another process, ours or NUT's.
type Client struct {
	Pipe string // its socket
	Lock string // who has this file starts one
	// Start starts one, and returns when it listens.
	Start func(ctx context.Context) error
	// Answer is how long to wait for an answer: NUT's daemon gives none while a
	// script runs. 0 stands for 30 s.
	Answer time.Duration
}

// ErrNoDaemon tells that no timer can run, because nobody listens.
var ErrNoDaemon = errors.New("no timer runs: upssched's daemon is not there")

// Send has an order carried out, and starts a daemon if there is none. To
// cancel, none is started: that is [ErrNoDaemon]. ctx bounds how often it is
// tried where daemons end or do not come.
func (c *Client) Send(ctx context.Context, o Order) error {
	line := appendOrder(nil, o)
	for tries := 0; ; tries++ {
		if err := pause(ctx, tries); err != nil {
			return err
		}
		_, err := c.ask(ctx, line)
		if !again(err) {
			return err
		}
		if !absent(err) {
			continue
		}
		if o.Verb.Cancels() && !c.starting() {
			return ErrNoDaemon
		}
		if err := c.start(ctx); err != nil {
			return err
		}
	}
}

// List returns the rows of timers: name, end in seconds of Unix time, seconds
// left, types, UPSes and messages, with TABs between.
func (c *Client) List(ctx context.Context) ([]string, error) {
	for tries := 0; ; tries++ {
		if err := pause(ctx, tries); err != nil {
			return nil, err
		}
		rows, err := c.ask(ctx, appendRequest(nil, wordList, "", "", "", "", ""))
		if absent(err) {
			return nil, ErrNoDaemon
		}
		if !again(err) {
			return rows, err
		}
	}
}

// errNoAnswer tells that the daemon has ended before it carried the request out.
var errNoAnswer = errors.New("the daemon ended without an answer")

// absent tells whether err says that nobody listens.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// again tells whether another daemon may do what err kept one from.
func again(err error) bool {
	return absent(err) || errors.Is(err, errNoAnswer) || errors.Is(err, syscall.EAGAIN)
}

// ask sends a request and returns the rows of the answer, if it has any.
func (c *Client) ask(ctx context.Context, line []byte) (rows []string, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", c.Pipe)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(orElse(c.Answer, 30*time.Second)))
	if _, err := conn.Write(line); err != nil {
		return nil, errNoAnswer
	}
	return readAnswer(conn)
}

// readAnswer reads up to the line that ends an answer: OK, or something else.
func readAnswer(conn io.Reader) (rows []string, err error) {
	lines := bufio.NewScanner(io.LimitReader(conn, maxFile))
	lines.Buffer(nil, 128<<10)
	for lines.Scan() {
		switch text := lines.Text(); {
		case strings.Contains(text, "\t"):
			rows = append(rows, text)
		case text == wordOK:
			return rows, nil
		case text != wordBegin && text != wordEnd:
			return nil, fmt.Errorf("the daemon answers %q: it does not know that, or did not take it", text)
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		return nil, fmt.Errorf("read the daemon's answer: %w", err)
	}
	return nil, errNoAnswer
}

// start starts a daemon, unless another does or there is one.
func (c *Client) start(ctx context.Context) error {
	lock, err := acquire(c.Lock)
	if errors.Is(err, errLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	defer lock.release()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", c.Pipe)
	if err == nil { // somebody was quicker
		conn.Close()
	}
	if !absent(err) {
		return nil
	}
	return c.Start(ctx)
}

// starting tells whether somebody starts a daemon just now.
func (c *Client) starting() bool {
	lock, err := acquire(c.Lock)
	if err == nil {
		lock.release()
	}
	return errors.Is(err, errLocked)
}

// pause waits a little before all but the first tries, for daemons that come
// and go.
func pause(ctx context.Context, tries int) error {
	var wait time.Duration
	if tries > 1 {
		wait = 20 * time.Millisecond
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for upssched's daemon: %w", context.Cause(ctx))
	}
}
