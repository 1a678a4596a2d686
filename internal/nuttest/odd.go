package nuttest

import (
	"bufio"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Odd is a server that answers as a test wants it to.
type Odd struct {
	Addr string

	mu       sync.Mutex
	answers  map[string]Answer
	requests []string
	conns    []net.Conn
	opened   int
}

// Answer writes what is answered to one request. At false the connection ends.
type Answer func(w io.Writer) bool

// Say answers with lines.
func Say(lines ...string) Answer {
	return func(w io.Writer) bool {
		_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
		return err == nil
	}
}

// Hang never answers.
func Hang(io.Writer) bool { return true }

// Close ends the connection.
func Close(io.Writer) bool { return false }

// Endless answers with a beginning and then with the same again and again,
// until nobody reads it any more.
func Endless(begin, again string) Answer {
	return func(w io.Writer) bool {
		_, err := io.WriteString(w, begin)
		for err == nil {
			_, err = io.WriteString(w, again)
		}
		return false
	}
}

// List answers a LIST of something, with rows that have its words before them.
func List(about string, rows ...string) Answer {
	lines := []string{"BEGIN LIST " + about}
	for _, row := range rows {
		lines = append(lines, about+" "+row)
	}
	return Say(append(lines, "END LIST "+about)...)
}

// StartOdd serves answers, by the line of the request, on a loopback port until
// the test ends. A request that has none is unknown.
func StartOdd(tb testing.TB, answers map[string]Answer) *Odd {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	o := &Odd{Addr: l.Addr().String(), answers: answers}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			o.add(conn)
			serving.Go(func() { o.serve(conn) })
		}
	})
	tb.Cleanup(func() {
		l.Close()
		o.CloseAll()
		serving.Wait()
	})
	return o
}

func (o *Odd) add(conn net.Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.conns = append(o.conns, conn)
	o.opened++
}

func (o *Odd) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewScanner(conn)
	for in.Scan() {
		if !o.answer(in.Text())(conn) {
			return
		}
	}
}

func (o *Odd) answer(request string) Answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests = append(o.requests, request)
	if a := o.answers[request]; a != nil {
		return a
	}
	return Say("ERR UNKNOWN-COMMAND")
}

// Set changes the answer to a request.
func (o *Odd) Set(request string, a Answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers[request] = a
}

// CloseAll ends all connections that are open.
func (o *Odd) CloseAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.conns {
		c.Close()
	}
	o.conns = nil
}

// Requests returns what was asked since the last time, in order.
func (o *Odd) Requests() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := slices.Clone(o.requests)
	o.requests = nil
	return all
}

// Opened is how many connections there have been.
func (o *Odd) Opened() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.opened
}
