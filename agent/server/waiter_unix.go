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

// spinFor is how long a session looks for the next request before it sleeps.
// To be woken takes about as long.
const spinFor = 40 * time.Microsecond

// badLuck is how many requests must come soon after the answer before them
// until a session looks again, when it looked in vain.
const badLuck = 16

// waiter reads requests. A client that asks again as soon as it has its answer
// finds its session awake, if no other one is: waking up takes longer than
// answering. All others sleep at once, so that this costs nothing where there
// is much to do or nothing.
type waiter struct {
	awake *atomic.Bool // one session of the server at a time
	conn  syscall.RawConn
	luck  int // looking pays while it is above 0; see read

	// One reading of conn, in fields so that it needs no memory.
	try  func(fd uintptr) bool
	into []byte
	till time.Time
	n    int
	err  error
}

// watch makes the waiter look for requests in conn, if it can.
func (w *waiter) watch(conn net.Conn, awake *atomic.Bool) {
	if tcp, ok := conn.(*net.TCPConn); ok && runtime.NumCPU() > 1 {
		if raw, err := tcp.SyscallConn(); err == nil {
			*w = waiter{conn: raw, awake: awake}
		}
	}
}

// read is conn.Read.
func (w *waiter) read(conn net.Conn, p []byte) (n int, err error) {
	if w.conn == nil {
		return conn.Read(p)
	}
	start := time.Now()
	if w.luck > 0 && w.awake.CompareAndSwap(false, true) {
		n, err = w.spin(p, start.Add(spinFor))
		w.awake.Store(false)
		if !errors.Is(err, syscall.EAGAIN) {
			return n, err
		}
		w.luck = -badLuck
	}
	n, err = conn.Read(p)
	if time.Since(start) < 2*spinFor {
		w.luck = min(w.luck+1, 1)
	} else {
		w.luck = max(w.luck-1, -badLuck)
	}
	return n, err
}

// spin looks for a request until till, and returns EAGAIN if none came.
func (w *waiter) spin(p []byte, till time.Time) (int, error) {
	if w.try == nil {
		w.try = w.look
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

func (w *waiter) look(fd uintptr) bool {
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
