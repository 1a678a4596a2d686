//go:build unix

package sched

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// house is where daemons come and go for a test.
type house struct {
	t      *testing.T
	ctx    context.Context
	idle   time.Duration
	client *Client
	ran    *record
	log    *journal
	starts atomic.Int32 // how often a daemon was asked for
	lives  atomic.Int32 // how many listen
	most   atomic.Int32 // how many listened at once
	all    sync.WaitGroup
}

func newHouse(t *testing.T, idle time.Duration) *house {
	t.Helper()
	dir := nuttest.ShortDir(t)
	ctx, stop := context.WithCancel(t.Context())
	h := &house{t: t, ctx: ctx, idle: idle, ran: newRecord(), log: new(journal)}
	h.client = &Client{Pipe: filepath.Join(dir, "pipe"), Lock: filepath.Join(dir, "lock"), Start: h.start}
	t.Cleanup(func() {
		stop()
		h.all.Wait()
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	return h
}

// start starts a daemon, as the program would start a process.
func (h *house) start(ctx context.Context) error {
	h.starts.Add(1)
	l, err := Listen(ctx, h.client.Pipe)
	if errors.Is(err, ErrRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	s := New(configure(h.t, outage), Options{Run: h.ran, Log: h.log.log(), Idle: h.idle})
	if n := h.lives.Add(1); n > h.most.Load() {
		h.most.Store(n)
	}
	h.all.Go(func() {
		defer h.lives.Add(-1)
		ctx, stop := context.WithCancel(h.ctx)
		h.all.Go(func() {
			if err := Serve(ctx, l, s, h.log.log()); err != nil {
				h.t.Error(err)
			}
		})
		s.Run(ctx)
		stop()
	})
	return nil
}

// patient is a context that a test does not outlast.
func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func startOrder(name string) Order {
	return Order{Verb: StartTimer, Name: name, After: time.Hour, Cause: event("ONBATT a")}
}

// rows lists the timers, without their times.
func (h *house) rows() string {
	h.t.Helper()
	rows, err := h.client.List(patient(h.t))
	if err != nil {
		h.t.Fatal(err)
	}
	for i, row := range rows {
		fields := strings.Split(row, "\t")
		rows[i] = fields[0] + " " + strings.Join(fields[3:], " ")
	}
	return strings.Join(rows, "\n")
}

func TestClient(t *testing.T) {
	h := newHouse(t, 0)
	ctx := patient(t)
	if _, err := h.client.List(ctx); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("list without a daemon: %v", err)
	}
	if err := h.client.Send(ctx, Order{Verb: CancelTimer, Name: "x", Command: "y"}); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("cancel without a daemon: %v", err)
	}
	for _, o := range []Order{
		startOrder("x"),
		startOrder("y"),
		{Verb: StartShared, Name: "z", After: time.Hour, Cause: event("ONBATT a")},
		{Verb: StartShared, Name: "z", After: time.Hour, Cause: event("ONBATT b")},
		{Verb: CancelTimer, Name: "x"},
		{Verb: CancelMatched, Name: "z", Cause: event("ONBATT a")},
		{Verb: CancelTimer, Name: "q", Command: "was not there", Cause: event("ONLINE b")},
		{Verb: StartTimer, Name: "now", Cause: event("FSD b")},
	} {
		if err := h.client.Send(ctx, o); err != nil {
			t.Errorf("%v: %v", o, err)
		}
	}
	nuttest.Await(t, func() error {
		if got := h.rows(); got != "y ONBATT a ONBATT of a\nz ONBATT b ONBATT of b" {
			return errors.New(got)
		}
		return nil
	})
	for i, want := range []string{" was not there|b|ONLINE|ONLINE of b", " now|b|FSD|FSD of b"} {
		if !strings.HasSuffix(h.ran.ran[i], want) {
			t.Errorf("ran %q, want %q", h.ran.ran[i], want)
		}
	}
	if n := h.starts.Load(); n != 1 {
		t.Errorf("%d starts", n)
	}
	info, err := os.Stat(h.client.Pipe)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("socket: %v, %v", info.Mode(), err)
	}
}

// Events that come at once, before any daemon, all reach the one that comes:
// whatever an earlier run has left behind.
func TestRace(t *testing.T) {
	staleSocket := func(t *testing.T, h *house) {
		t.Helper()
		fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err == nil {
			err = errors.Join(syscall.Bind(fd, &syscall.SockaddrUnix{Name: h.client.Pipe}), syscall.Close(fd))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	staleLock := func(mode os.FileMode) func(*testing.T, *house) {
		return func(t *testing.T, h *house) {
			t.Helper()
			old := time.Now().Add(-time.Minute)
			if err := errors.Join(os.WriteFile(h.client.Lock, nil, mode), os.Chtimes(h.client.Lock, old, old)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name string
		left []func(*testing.T, *house)
	}{
		{"nothing", nil},
		{"socket", []func(*testing.T, *house){staleSocket}},
		{"lock", []func(*testing.T, *house){staleLock(0o600)}},
		{"lock of NUT's", []func(*testing.T, *house){staleLock(0)}},
		{"both", []func(*testing.T, *house){staleSocket, staleLock(0o600)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, 0)
			for _, leave := range tt.left {
				leave(t, h)
			}
			var clients sync.WaitGroup
			for i := range 20 {
				clients.Go(func() {
					if err := h.client.Send(patient(t), startOrder(fmt.Sprint("t", i))); err != nil {
						t.Error(err)
					}
				})
			}
			clients.Wait()
			if got := len(strings.Split(h.rows(), "\n")); got != 20 || h.lives.Load() != 1 || h.most.Load() != 1 {
				t.Errorf("%d timers, %d daemons, %d at once", got, h.lives.Load(), h.most.Load())
			}
		})
	}
}

// A daemon that quits just when it is asked loses no order: the next one has it.
func TestRaceWithTheEnd(t *testing.T) {
	h := newHouse(t, 25*time.Millisecond)
	var clients sync.WaitGroup
	const each, many = 4, 30
	for c := range each {
		clients.Go(func() {
			for i := range many {
				o := Order{Verb: StartTimer, Name: fmt.Sprintf("t%d.%d", c, i), Cause: event("ONBATT a")}
				if err := h.client.Send(patient(t), o); err != nil {
					t.Error(err)
					return
				}
				<-time.After(time.Duration(i*7%60) * time.Millisecond)
			}
		})
	}
	clients.Wait()
	nuttest.Await(t, func() error {
		h.ran.mu.Lock()
		defer h.ran.mu.Unlock()
		if len(h.ran.ran) != each*many {
			return fmt.Errorf("%d of %d ran", len(h.ran.ran), each*many)
		}
		return nil
	})
	t.Logf("%d daemons", h.starts.Load())
}

// A cancel that comes while a daemon is being started waits for it: what it
// cancels may be what that is started for.
func TestCancelWaitsForTheStart(t *testing.T) {
	h := newHouse(t, 0)
	starting, go_ := make(chan struct{}), make(chan struct{})
	first := *h.client
	first.Start = func(ctx context.Context) error { close(starting); <-go_; return h.start(ctx) }
	var clients sync.WaitGroup
	clients.Go(func() {
		if err := first.Send(patient(t), startOrder("x")); err != nil {
			t.Error(err)
		}
	})
	<-starting
	clients.Go(func() {
		if err := h.client.Send(patient(t), Order{Verb: CancelTimer, Name: "x"}); err != nil {
			t.Error(err)
		}
	})
	close(go_)
	clients.Wait()
}

func TestListen(t *testing.T) {
	dir := nuttest.ShortDir(t)
	path := filepath.Join(dir, "pipe")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(t.Context(), path); err == nil || !strings.Contains(err.Error(), "is no socket") {
		t.Errorf("over a file: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "precious" {
		t.Errorf("file is %q", text)
	}
	if _, err := Listen(t.Context(), filepath.Join(dir, "none", "pipe")); err == nil {
		t.Error("in no folder: no error")
	}
	path += "2"
	first, err := Listen(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(t.Context(), path); !errors.Is(err, ErrRunning) {
		t.Errorf("second: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second, err := Listen(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the first took the second's socket: %v", err)
	}
	second.Close()
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket stays")
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := acquire(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acquire(path); !errors.Is(err, errLocked) {
		t.Errorf("second: %v", err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := acquire(path); !errors.Is(err, errLocked) {
		t.Errorf("old, but held: %v", err)
	}
	first.release()
	again, err := acquire(path)
	if err != nil {
		t.Fatal(err)
	}
	again.release()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := acquire(path); err == nil || errors.Is(err, errLocked) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := acquire(filepath.Join(path, "none", "lock")); err == nil || errors.Is(err, errLocked) {
		t.Errorf("no folder: %v", err)
	}
}

// Clients that misbehave cost themselves, and nobody else.
func TestServeIsBounded(t *testing.T) {
	h := newHouse(t, 0)
	if err := h.client.Send(patient(t), startOrder("x")); err != nil {
		t.Fatal(err)
	}
	dial := func() net.Conn {
		t.Helper()
		c, err := net.Dial("unix", h.client.Pipe)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	long := dial()
	go long.Write([]byte(strings.Repeat("x ", 1<<20)))
	if n, err := long.Read(make([]byte, 100)); n > 0 || err == nil {
		t.Errorf("long line: %d bytes, %v", n, err)
	}
	odd := dial()
	answers := bufio.NewScanner(odd)
	for line, want := range map[string]string{
		"\n": "ERR UNKNOWN", "START \"x\n": "ERR UNKNOWN", "FOO\n": "ERR UNKNOWN", "START y -3\n": "ERR UNKNOWN", "START y 3600\n": "OK",
	} {
		fmt.Fprint(odd, line)
		if !answers.Scan() || answers.Text() != want {
			t.Errorf("%q: answer %q, want %q", line, answers.Text(), want)
		}
	}
	var idle []net.Conn
	for range maxClients - 1 {
		idle = append(idle, dial())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := h.client.Send(ctx, startOrder("z")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("in the crowd: %v", err)
	}
	for _, c := range idle {
		c.Close()
	}
	if err := h.client.Send(patient(t), startOrder("z")); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// A daemon that takes the order and is silent is not asked twice.
func TestSilentDaemon(t *testing.T) {
	h := newHouse(t, 0)
	l, err := Listen(t.Context(), h.client.Pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var asked atomic.Int32
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			asked.Add(1)
			defer c.Close()
		}
	}()
	h.client.Answer = 50 * time.Millisecond
	if err := h.client.Send(patient(t), startOrder("x")); err == nil || asked.Load() != 1 {
		t.Errorf("%v, asked %d times", err, asked.Load())
	}
}

func TestDaemonThatDoesNotStart(t *testing.T) {
	h := newHouse(t, 0)
	want := errors.New("no memory")
	h.client.Start = func(context.Context) error { return want }
	if err := h.client.Send(patient(t), startOrder("x")); !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
	h.client.Start = func(context.Context) error { return nil }
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := h.client.Send(ctx, startOrder("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
