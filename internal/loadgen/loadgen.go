// Package loadgen asks a server of RFC 9271 the same question over and over,
// and tells how many answers came in a second. It is for comparing servers: it
// knows nothing of ours.
package loadgen

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// Load says what to ask, and how hard.
type Load struct {
	Addr        string        // host:port
	Request     string        // one line with its LF; it must have the same answer each time
	End         string        // how the last line of the answer begins; "" for an answer of one line
	Connections int           // at once
	Depth       int           // requests on the way on each connection
	Count       int           // answers to get in all, at most
	Limit       time.Duration // time to take at most
}

// Result is what came of a Load.
type Result struct {
	Answers int
	Elapsed time.Duration
	Median  time.Duration // of a round: Depth requests out, their answers in
	Worst   time.Duration
	Broken  int // connections that were lost, or got no answer
}

// patience is how long an answer may take when the time is up.
const patience = 3 * time.Second

// Rate is the answers in a second.
func (r Result) Rate() float64 { return float64(r.Answers) / r.Elapsed.Seconds() }

// Run puts the load on. All connections are made before the first question is
// timed. It fails if one cannot be made; if one breaks, or gets an answer that
// differs from the others, it tells so beside what came of the rest.
func Run(ctx context.Context, l Load) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Limit+10*patience)
	defer cancel()
	answer, err := probe(ctx, l)
	if err != nil {
		return Result{}, err
	}
	conns, err := connect(ctx, l)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	if err != nil {
		return Result{}, err
	}
	return run(ctx, l, conns, answer)
}

// probe asks once, to learn the answer.
func probe(ctx context.Context, l Load) ([]byte, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", l.Addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.Write([]byte(l.Request)); err != nil {
		return nil, err
	}
	var got []byte
	buf := make([]byte, 64<<10)
	for !complete(got, l.End) {
		n, err := c.Read(buf)
		if err != nil {
			return nil, fmt.Errorf("probe: %w after %q", err, got)
		}
		got = append(got, buf[:n]...)
	}
	if bytes.HasPrefix(got, []byte("ERR ")) {
		return nil, fmt.Errorf("probe: the answer is %q", got)
	}
	return got, nil
}

func complete(got []byte, end string) bool {
	if !bytes.HasSuffix(got, []byte("\n")) {
		return false
	}
	last := got[bytes.LastIndexByte(got[:len(got)-1], '\n')+1:]
	return bytes.HasPrefix(last, []byte(end)) || bytes.HasPrefix(last, []byte("ERR "))
}

// connect makes all connections at once.
func connect(ctx context.Context, l Load) ([]net.Conn, error) {
	conns := make([]net.Conn, l.Connections)
	errs := make([]error, l.Connections)
	var wg sync.WaitGroup
	for i := range conns {
		wg.Go(func() { conns[i], errs[i] = new(net.Dialer).DialContext(ctx, "tcp", l.Addr) })
	}
	wg.Wait()
	failed := slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	conns = slices.DeleteFunc(conns, func(c net.Conn) bool { return c == nil })
	if len(failed) > 0 {
		return conns, fmt.Errorf("%d of %d connects: %w", len(failed), l.Connections, failed[0])
	}
	return conns, nil
}

// run times the load on the connections.
func run(ctx context.Context, l Load, conns []net.Conn, answer []byte) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Limit)
	defer cancel()
	rounds := max(1, l.Count/(l.Connections*l.Depth))
	var (
		wg    sync.WaitGroup
		each  = make([]tally, len(conns))
		start = time.Now()
	)
	for i, c := range conns {
		wg.Go(func() { each[i].ask(ctx, c, l, answer, rounds) })
	}
	wg.Wait()
	return sum(each, l.Depth, time.Since(start))
}

// tally is what came of one connection.
type tally struct {
	rounds int
	took   []time.Duration // of the first rounds
	err    error
}

// mostTimes is how many rounds of a connection are kept for the median.
const mostTimes = 10000

// ask does the rounds of one connection.
func (t *tally) ask(ctx context.Context, c net.Conn, l Load, answer []byte, rounds int) {
	request := bytes.Repeat([]byte(l.Request), l.Depth)
	want := bytes.Repeat(answer, l.Depth)
	got := make([]byte, len(want))
	c.SetDeadline(time.Now().Add(l.Limit + patience))
	for last := time.Now(); t.rounds < rounds && ctx.Err() == nil; t.rounds++ {
		if _, t.err = c.Write(request); t.err != nil {
			return
		}
		if _, t.err = io.ReadFull(c, got); t.err != nil {
			return
		}
		if !bytes.Equal(got, want) {
			t.err = fmt.Errorf("answer differs: %.80q", got)
			return
		}
		now := time.Now()
		if len(t.took) < mostTimes {
			t.took = append(t.took, now.Sub(last))
		}
		last = now
	}
}

// sum adds up what came of all connections.
func sum(each []tally, depth int, elapsed time.Duration) (Result, error) {
	r := Result{Elapsed: elapsed}
	var took []time.Duration
	var first error
	for _, t := range each {
		r.Answers += t.rounds * depth
		took = append(took, t.took...)
		if t.err != nil {
			r.Broken++
			first = t.err
		}
	}
	if len(took) > 0 {
		slices.Sort(took)
		r.Median, r.Worst = took[len(took)/2], took[len(took)-1]
	}
	if first != nil {
		return r, fmt.Errorf("%d of %d connections: %w", r.Broken, len(each), first)
	}
	return r, nil
}
