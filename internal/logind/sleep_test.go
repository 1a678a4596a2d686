package logind_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/wattnut/wattnut/internal/logind"
)

// bed plays the part of the login manager that sleeps.
type bed struct {
	conn   *dbus.Conn
	asked  chan []string
	lifted chan bool // a lock was closed
}

// Inhibit gives out a lock, and notes when it is closed.
func (b *bed) Inhibit(what, who, why, mode string) (dbus.UnixFD, *dbus.Error) {
	reads, writes, err := os.Pipe()
	if err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	b.asked <- []string{what, who, why, mode}
	fd := dbus.UnixFD(writes.Fd())
	go func() {
		defer reads.Close()
		<-time.After(50 * time.Millisecond) // the reply has its own copy by then
		writes.Close()
		reads.Read(make([]byte, 1)) // ends when nobody has the other end any more
		b.lifted <- true
	}()
	return fd, nil
}

func (b *bed) sleep(t *testing.T, start bool) {
	t.Helper()
	if err := b.conn.Emit("/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForSleep", start); err != nil {
		t.Fatal(err)
	}
}

func (b *bed) serve(t *testing.T) {
	t.Helper()
	conn, err := dbus.ConnectSystemBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	b.conn = conn
	if err := conn.Export(b, "/org/freedesktop/login1", "org.freedesktop.login1.Manager"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName("org.freedesktop.login1", 0); err != nil {
		t.Fatal(err)
	}
}

// next waits for what has to come.
func next[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("%s did not come", what)
	}
	panic("unreachable")
}

func TestSleep(t *testing.T) {
	bus(t, open)
	b := &bed{asked: make(chan []string, 4), lifted: make(chan bool, 4)}
	b.serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(chan bool), make(chan error, 1)
	go func() {
		s := logind.Sleep{Who: "me", Why: "because", Log: slog.New(slog.DiscardHandler)}
		ended <- s.Run(ctx, func(sleep bool) { told <- sleep })
	}()
	want := []string{"sleep", "me", "because", "delay"}
	for i, got := range next(t, b.asked, "the first lock") {
		if got != want[i] {
			t.Errorf("asked for %q, want %q", got, want[i])
		}
	}
	b.sleep(t, true)
	select {
	case <-b.lifted:
		t.Error("the host sleeps before it may")
	case <-time.After(200 * time.Millisecond):
	}
	if !next(t, told, "the news of the sleep") {
		t.Error("the sleep was told as a wake")
	}
	next(t, b.lifted, "the end of the lock")
	b.sleep(t, false)
	if next(t, told, "the news of the wake") {
		t.Error("the wake was told as a sleep")
	}
	next(t, b.asked, "the second lock")
	b.sleep(t, true)
	next(t, told, "the news of the second sleep")
	next(t, b.lifted, "the end of the second lock")
	cancel()
	if err := next(t, ended, "the end"); err != nil {
		t.Error(err)
	}
}

// Without a login manager, and without a bus, nothing is told and nothing fails.
func TestNoSleep(t *testing.T) {
	for name, arrange := range map[string]func(*testing.T){
		"no bus":     func(t *testing.T) { t.Helper(); t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none") },
		"no manager": func(t *testing.T) { t.Helper(); bus(t, open) },
	} {
		t.Run(name, func(t *testing.T) {
			arrange(t)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			s := logind.Sleep{Log: slog.New(slog.DiscardHandler)}
			if err := s.Run(ctx, nil); err != nil {
				t.Error(err)
			}
		})
	}
}
