package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// Client is a connection to an upsd. Make one with [Dial] or [New]. It is not
// safe for concurrent use: calls are answered in the order they are made in.
type Client struct {
	conn   net.Conn
	host   string // to verify a certificate against
	opts   Options
	in     *reader
	out    []byte
	broken error // why nothing can be asked any more
	secure bool
}

// Dial connects to address, a host with an optional port: "", "localhost",
// "ups.example.org:3493", "::1" or "[::1]:3493". Nothing is sent yet.
func Dial(ctx context.Context, address string, opts *Options) (*Client, error) {
	if address == "" {
		address = DefaultHost
	}
	host, port, err := SplitAddress(address)
	if err != nil {
		return nil, err
	}
	o := opts.orDefaults()
	conn, err := o.Dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	c := New(conn, opts)
	c.host = host
	return c, nil
}

// New speaks over a connection that is open already, and takes it over.
func New(conn net.Conn, opts *Options) *Client {
	o := opts.orDefaults()
	return &Client{conn: conn, opts: o, in: newReader(conn, o)}
}

// Close ends the connection without a word to the server, which is allowed.
func (c *Client) Close() error {
	c.broken = errClosed
	return c.conn.Close()
}

// RemoteAddr is the address of the server.
func (c *Client) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// Unusable is the reason why no further call can succeed, or nil.
func (c *Client) Unusable() error {
	if c.broken == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnusable, c.broken)
}

// window is how many bytes of requests wait for their answers at most. What is
// beyond is sent as answers come, so that a server that waits for its answers
// to be read never meets a client that waits for its requests to be.
const window = 4096

// Do asks everything in one write, and reads the answers in their order.
//
// It returns an error where the conversation failed: the context ended, the
// connection was lost, the server broke the protocol, or a call cannot be sent,
// in which case none is. Then each call that was not answered has that error
// too. What the server refuses is the error of that call alone: see
// [Call.Result].
func (c *Client) Do(ctx context.Context, calls ...Request) error {
	answered, err := c.converse(ctx, calls)
	if err == nil {
		return nil
	}
	for _, q := range calls[answered:] {
		q.fail(err)
	}
	return err
}

func (c *Client) converse(ctx context.Context, calls []Request) (answered int, err error) {
	if err := c.Unusable(); err != nil {
		return 0, err
	}
	for _, q := range calls {
		if _, err := q.prepare(); err != nil {
			return 0, err
		}
	}
	defer c.watch(ctx)()
	sent := 0
	for i, q := range calls {
		if i == sent {
			n, err := c.send(ctx, calls[i:])
			if err != nil {
				return i, c.fail(ctx, q, err)
			}
			sent += n
		}
		if err := c.arm(ctx); err != nil {
			return i, c.fail(ctx, q, err)
		}
		if err := q.answer(c.in); err != nil {
			return i, c.fail(ctx, q, err)
		}
	}
	return len(calls), nil
}

// send writes as many calls as the window has room for, at least one.
func (c *Client) send(ctx context.Context, calls []Request) (n int, err error) {
	c.out = c.out[:0]
	for _, q := range calls {
		line, err := q.prepare()
		if err != nil {
			return 0, err
		}
		if n > 0 && len(c.out)+len(line) > window {
			break
		}
		c.out = append(c.out, line...)
		n++
	}
	if err := c.arm(ctx); err != nil {
		return 0, err
	}
	_, err = c.conn.Write(c.out)
	return n, err
}

// arm gives the next step its time.
func (c *Client) arm(ctx context.Context) error {
	if err := c.conn.SetDeadline(time.Now().Add(c.opts.Timeout)); err != nil {
		return err
	}
	return ctx.Err() // after the deadline, which may have undone what watch did
}

// watch interrupts the connection's reads and writes when ctx ends, until the
// function it returns is called.
func (c *Client) watch(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	conn := c.conn
	cancel := context.AfterFunc(ctx, func() {
		conn.SetDeadline(time.Unix(1, 0))
		close(done)
	})
	return func() {
		if !cancel() {
			<-done
		}
	}
}

// fail makes err the end of the connection, and says it in words.
func (c *Client) fail(ctx context.Context, q Request, err error) error {
	c.broken = err
	c.conn.Close()
	var violation *ProtocolError
	switch {
	case errors.As(err, &violation):
		return err
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("no answer within %v: %w", c.opts.Timeout, os.ErrDeadlineExceeded)
	case errors.Is(err, io.EOF):
		err = fmt.Errorf("server closed the connection: %w", io.ErrUnexpectedEOF)
	}
	c.broken = err
	return fmt.Errorf("%s: %w", q, err)
}
