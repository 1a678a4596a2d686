package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/wattnut/wattnut/nut/client"
)

// remote is how the client programs reach a server.
type remote struct {
	timeout string // -W, in seconds; "" is the default
}

// defaultConnectTimeout is NUT's.
const defaultConnectTimeout = "10"

// dial connects and turns to TLS where the server has it, as NUT's clients do:
// it hides what is said from those who only listen, and proves nothing about
// the server.
func (r remote) dial(ctx context.Context, address string) (*client.Client, error) {
	limit, err := r.limit()
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c, err := client.Dial(limited, address, &client.Options{Dialer: &net.Dialer{}})
	if err != nil {
		return nil, err
	}
	if _, err := c.TryTLS(limited, &tls.Config{InsecureSkipVerify: true}); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// limit is the time that dial may take.
func (r remote) limit() (time.Duration, error) {
	text := cmp.Or(r.timeout, os.Getenv("NUT_DEFAULT_CONNECT_TIMEOUT"), defaultConnectTimeout)
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds <= 0 || seconds > 1e6 {
		return 0, fmt.Errorf("invalid network timeout: %s", text)
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// lastly asks the last questions of a session and says goodbye in one write. The
// calls have their answers and errors; how the server takes the goodbye is
// nobody's concern.
func lastly(ctx context.Context, c *client.Client, calls ...client.Request) {
	_ = c.Do(ctx, append(calls, client.Logout())...)
	_ = c.Close()
}

// askServer asks a single question in a session of its own.
func askServer[T any](ctx context.Context, r remote, address string, q *client.Call[T]) (T, error) {
	c, err := r.dial(ctx, address)
	if err != nil {
		var none T
		return none, err
	}
	lastly(ctx, c, q)
	return q.Result()
}
