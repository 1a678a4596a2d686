package client_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut/client"
)

// script is what an odd server answers to a request line, without its LF. A
// request that is not in it gets no answer.
type script map[string]string

// serve answers over one end of a pipe, and returns a client at the other.
func serve(tb testing.TB, s script, opts *client.Options) *client.Client {
	tb.Helper()
	near, far := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.answer(far)
	}()
	c := client.New(near, opts)
	tb.Cleanup(func() {
		c.Close()
		far.Close()
		<-done
	})
	return c
}

// answer plays the script until the other end is gone. An answer that ends in
// EOF closes the connection there.
func (s script) answer(conn net.Conn) {
	in := bufio.NewScanner(conn)
	for in.Scan() {
		reply, cut := strings.CutSuffix(s[in.Text()], "EOF")
		if _, err := io.WriteString(conn, reply); err != nil || cut {
			conn.Close()
			return
		}
	}
}

// ask runs one call against a server that gives that answer to it.
func ask[T any](tb testing.TB, q *client.Call[T], answer string, opts *client.Options) (T, *client.Client, error) {
	tb.Helper()
	near, far := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := bufio.NewReader(far).ReadString('\n'); err == nil {
			io.WriteString(far, answer)
		}
		far.Close()
	}()
	c := client.New(near, opts)
	c.Do(tb.Context(), q)
	tb.Cleanup(func() { c.Close(); <-done })
	value, err := q.Result()
	return value, c, err
}
