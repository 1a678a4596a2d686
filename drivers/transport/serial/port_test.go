package serial

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pair is a port over a pipe, and the far end of it.
func pair(t *testing.T) (*Port, net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	p := New(near)
	t.Cleanup(func() { p.Close(); far.Close() })
	return p, far
}

func say(t *testing.T, far io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(far, text); err != nil {
		t.Fatal(err)
	}
}

func limit(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestReadLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, far := pair(t)
		say(t, far, "SM\r\n123456\nabc")
		for _, tt := range []struct {
			line string
			err  error
		}{
			{"SM\r", nil},
			{"1234", ErrTooLong},
			{"6", nil},
			{"abc", context.DeadlineExceeded},
		} {
			line, err := p.ReadLine(limit(t, time.Second), "\n", 4)
			if string(line) != tt.line || !errors.Is(err, tt.err) || tt.err == nil && err != nil {
				t.Errorf("got %q, %v; want %q, %v", line, err, tt.line, tt.err)
			}
		}
	})
}

func TestReadFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, far := pair(t)
		say(t, far, "abcde")
		if b, err := p.ReadFull(limit(t, time.Second), 3); string(b) != "abc" || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		if b, err := p.ReadFull(limit(t, time.Second), 3); string(b) != "de" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%q, %v", b, err)
		}
	})
}

// TestVanished: what came before is still read.
func TestVanished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, far := pair(t)
		say(t, far, "ab\nc")
		far.Close()
		if line, err := p.ReadLine(t.Context(), "\n", 10); string(line) != "ab" || err != nil {
			t.Errorf("%q, %v", line, err)
		}
		if line, err := p.ReadLine(t.Context(), "\n", 10); string(line) != "c" || !errors.Is(err, ErrVanished) {
			t.Errorf("%q, %v", line, err)
		}
		if err := p.Write(t.Context(), []byte("x")); !errors.Is(err, ErrVanished) {
			t.Errorf("write: %v", err)
		}
	})
}

func TestNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, far := pair(t)
		news := func() bool {
			synctest.Wait()
			select {
			case <-p.News():
				return true
			default:
				return false
			}
		}
		p.Watch("!$")
		say(t, far, "abc")
		if news() {
			t.Error("what is not watched is news")
		}
		say(t, far, "!d")
		if !news() {
			t.Error("what is watched is no news")
		}
		say(t, far, "!")
		if line, err := p.ReadLine(limit(t, time.Second), "\n", 9); string(line) != "abc!d!" || err == nil {
			t.Errorf("%q, %v", line, err)
		}
		if news() {
			t.Error("what was read is still news")
		}
		say(t, far, "$$")
		synctest.Wait()
		p.Discard()
		if news() {
			t.Error("what was discarded is still news")
		}
	})
}

// TestClosed: nothing goes to a port that was closed, whose descriptor may be
// another file's by now.
func TestClosed(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	p := New(&wired{Conn: near})
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	_, err := p.Inputs()
	for _, err := range []error{err, p.SetLines(Lines{}), p.Break(t.Context(), 0), p.Write(t.Context(), []byte("R"))} {
		if !errors.Is(err, ErrVanished) {
			t.Errorf("got %v", err)
		}
	}
}

// TestFlood: a device that never ends its talk fills no memory, and holds
// nobody when the port is closed.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, far := pair(t)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				if _, err := far.Write([]byte(strings.Repeat("x", 1000))); err != nil {
					return
				}
			}
		}()
		synctest.Wait()
		if n := len(p.unread); n > maxUnread {
			t.Errorf("%d bytes are kept", n)
		}
		if _, err := p.ReadLine(limit(t, time.Second), "\n", 10000); !errors.Is(err, ErrTooLong) {
			t.Errorf("got %v", err)
		}
		p.Close()
		<-done
	})
}

func TestWriteIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, far := pair(t)
		if err := p.Write(limit(t, time.Second), []byte("ab")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nobody takes it: %v", err)
		}
		if err := p.Write(limit(t, time.Second), []byte("c")); !errors.Is(err, ErrBusy) {
			t.Errorf("the first is still under way: %v", err)
		}
		b := make([]byte, 8)
		if n, err := far.Read(b); string(b[:n]) != "ab" || err != nil {
			t.Errorf("%q, %v", b[:n], err)
		}
		synctest.Wait()
		go far.Read(b)
		if err := p.Write(limit(t, time.Second), []byte("d")); err != nil {
			t.Error(err)
		}
	})
}

func TestWriteSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, far := pair(t)
		got := make(chan string)
		go func() {
			b, _ := io.ReadAll(far)
			got <- string(b)
		}()
		began := time.Now()
		if err := p.WriteSlowly(t.Context(), []byte("abc"), 50*time.Millisecond); err != nil {
			t.Error(err)
		}
		if d := time.Since(began); d != 150*time.Millisecond {
			t.Errorf("took %v", d)
		}
		if err := p.WriteSlowly(limit(t, 70*time.Millisecond), []byte("defg"), 50*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		p.Close()
		if s := <-got; s != "abcde" {
			t.Errorf("sent %q", s)
		}
	})
}

// bad panics in Read.
type bad struct{ net.Conn }

func (bad) Read([]byte) (int, error) { panic("index out of range") }

func TestPanicVanishes(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	p := New(bad{near})
	defer p.Close()
	if _, err := p.Byte(t.Context()); !errors.Is(err, ErrVanished) || !strings.Contains(err.Error(), "out of range") {
		t.Errorf("got %v", err)
	}
}
