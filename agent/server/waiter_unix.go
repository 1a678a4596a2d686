//go:build unix

package server

import (
	"errors"
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// lookFor is how long a session looks for the next request before it sleeps
// after all.
const lookFor = 40 * time.Microsecond

// The ways to wait for a request.
const (
	asleep = iota // until the kernel wakes the session
	awake         // looking again and again, for a short while
)

// waiter reads requests. A client that asks again as soon as it has its answer
// finds a session that looks for it sooner than one that must be woken first;
// on a busy machine it is the other way round. So a waiter goes by how long it
// waited lately in either way, and tries the other one now and then. Only one
// session of a server looks at a time, so that this costs nothing where there
// is much to do, nor where there is little.
type waiter struct {
	looking *atomic.Bool
	conn    syscall.RawConn
	turn    uint
	took    [2]time.Duration // lately, for either way

	// One reading of conn, in fields so that it needs no memory.
	try  func(fd uintptr) bool
	into []byte
	till time.Time
	n    int
	err  error
}

// watch makes the waiter look for requests in conn, if it can.
func (w *waiter) watch(conn net.Conn, looking *atomic.Bool) {
	if tcp, ok := conn.(*net.TCPConn); ok && runtime.NumCPU() > 1 {
		if raw, err := tcp.SyscallConn(); err == nil {
			*w = waiter{conn: raw, looking: looking}
		}
	}
}

// read is conn.Read.
func (w *waiter) read(conn net.Conn, p []byte) (n int, err error) {
	if w.conn == nil {
		return conn.Read(p)
	}
	const recent, longest = 8, time.Millisecond // one turn's part of took, and the most it counts
	way, start := w.way(), time.Now()
	if way == awake {
		n, err = w.look(p, start.Add(lookFor))
		w.looking.Store(false)
	}
	if way == asleep || errors.Is(err, syscall.EAGAIN) {
		n, err = conn.Read(p)
	}
	w.took[way] += (min(time.Since(start), longest) - w.took[way]) / recent
	return n, err
}

// way returns how to wait this time. Who may be awake has looking set.
func (w *waiter) way() int {
	const seldom = 64
	w.turn++
	rouse := w.took[awake] < w.took[asleep]
	if w.turn%seldom == 0 {
		rouse = !rouse
	}
	if rouse && w.looking.CompareAndSwap(false, true) {
		return awake
	}
	return asleep
}

// look looks for a request until till, and returns EAGAIN if none came.
func (w *waiter) look(p []byte, till time.Time) (int, error) {
	if w.try == nil {
		w.try = w.poll
	}
	w.into, w.till = p, till
	err := w.conn.Read(w.try)
	w.into = nil
	switch {
	case err != nil:
		return 0, err
	case w.err != nil:
		return 0, w.err
	case w.n == 0:
		return 0, io.EOF
	}
	return w.n, nil
}

// poll tries to read until there is something, or time is up.
func (w *waiter) poll(fd uintptr) bool {
	for {
		w.n, w.err = syscall.Read(int(fd), w.into)
		switch {
		case errors.Is(w.err, syscall.EINTR):
		case !errors.Is(w.err, syscall.EAGAIN), time.Now().After(w.till):
			return true
		}
		runtime.Gosched()
	}
}
