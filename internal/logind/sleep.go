package logind

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	// firstRetry is the wait before the bus is tried again, doubled up to
	// lastRetry.
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// Sleep tells of the machine's sleep, and holds it up for a moment.
type Sleep struct {
	Who, Why string // shown by systemd-inhibit --list
	Log      *slog.Logger
}

var errBusGone = errors.New("system bus: the connection is gone")

// Run calls prepare with true before the machine sleeps, which it does once
// prepare has returned or logind's patience is over (5 s), and with false after
// it woke. It goes on until ctx ends, and waits for a system bus where there is
// none: a machine may well be without, and then nothing is told.
func (s Sleep) Run(ctx context.Context, prepare func(sleep bool)) error {
	for wait, last := firstRetry, ""; ; wait = min(2*wait, lastRetry) {
		err := s.watch(ctx, prepare)
		if ctx.Err() != nil {
			return nil
		}
		if text := err.Error(); text != last {
			s.Log.Debug("sleep not noticed for now", "error", err)
			last = text
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
	}
}

// watch listens on one connection.
func (s Sleep) watch(ctx context.Context, prepare func(sleep bool)) error {
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("system bus: %w", err)
	}
	defer conn.Close() //nolint:errcheck // nothing is lost
	signals := make(chan *dbus.Signal, 8)
	conn.Signal(signals)
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface(service+".Manager"),
		dbus.WithMatchMember("PrepareForSleep"), dbus.WithMatchObjectPath(path)); err != nil {
		return fmt.Errorf("system bus: %w", err)
	}
	lock := s.inhibit(ctx, conn)
	defer func() { lock.Close() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case signal, ok := <-signals:
			if !ok {
				return errBusGone
			}
			sleep, ok := sleepOf(signal)
			if !ok {
				continue
			}
			prepare(sleep)
			lock.Close()
			if !sleep {
				lock = s.inhibit(ctx, conn)
			}
		}
	}
}

// sleepOf reads a signal; ok is false for one that is something else.
func sleepOf(signal *dbus.Signal) (sleep, ok bool) {
	if signal.Name != manager+"PrepareForSleep" || len(signal.Body) != 1 {
		return false, false
	}
	sleep, ok = signal.Body[0].(bool)
	return sleep, ok
}

// inhibit takes the lock that holds up a sleep until it is closed. Without one
// sleep is noticed all the same, if too late to tell anybody before it.
func (s Sleep) inhibit(ctx context.Context, conn *dbus.Conn) io.Closer {
	var fd dbus.UnixFD
	err := conn.Object(service, path).CallWithContext(ctx, manager+"Inhibit", 0, "sleep", s.Who, s.Why, "delay").Store(&fd)
	if err != nil {
		s.Log.Debug("sleep is not held up", "error", err)
		return io.NopCloser(nil)
	}
	return os.NewFile(uintptr(fd), "inhibitor")
}
