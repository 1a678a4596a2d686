package main

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/nuttest"
)

// TestResolve has the file be there from the decision on, until the process ends
// by its own will.
func TestResolve(t *testing.T) {
	r := newResolve(t.TempDir(), monitor.Defaults(), slog.New(slog.DiscardHandler))
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.run(ctx); close(done) }()
	r.heed(monitor.Notify{Type: monitor.OnBattery})
	for range 3 {
		r.heed(monitor.Notify{Type: monitor.Shutdown})
	}
	nuttest.Await(t, func() error {
		if _, err := os.Stat(r.path); err != nil {
			return err
		}
		return nil
	})
	end()
	<-done
	if _, err := os.Stat(r.path); err == nil {
		t.Error("the file stays")
	}
}

func TestResolveLeft(t *testing.T) {
	if daemon.BootID() == "" {
		t.Skip("this system does not tell one start of it from another")
	}
	mine := new(resolve).sign()
	for _, tt := range []struct {
		name, text string
		age        time.Duration
		want       bool
	}{
		{"just now", mine, 0, true},
		{"at the end of HOSTSYNC and FINALDELAY", mine, 30 * time.Second, true},
		{"too long ago", mine, 10 * time.Minute, false},
		{"before the host was started", "0a1b /run/nut/upsmon.pid\n", 0, false},
		{"of another upsmon's", daemon.BootID() + " /elsewhere/upsmon.pid\n", 0, false},
		{"cut off by a full disk", "", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newResolve(t.TempDir(), monitor.Defaults(), slog.New(slog.DiscardHandler))
			if r.left() {
				t.Error("without a file")
			}
			if err := os.WriteFile(r.path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			at := time.Now().Add(-tt.age)
			if err := os.Chtimes(r.path, at, at); err != nil {
				t.Fatal(err)
			}
			if got := r.left(); got != tt.want {
				t.Errorf("goes on: %t", got)
			}
		})
	}
}
