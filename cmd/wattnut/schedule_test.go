//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/internal/nuttest"
)

// told has a notice told, and returns whether upssched in process was.
func (u upssched) told(t *testing.T, cfg *config.UPSMon) (inside bool) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	n := monitor.NewNotices(monitor.NoticeOptions{Log: log})
	i := newInside(u.dir, log)
	i.take(n, cfg, u.dir)
	n.Notify(monitor.Notify{Type: monitor.OnBattery, UPS: "a", Message: "m", Flags: monitor.Exec})
	timers, err := i.scheduler.Timers()
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.NotifyCmd) > 0 { // someone was told
		nuttest.Await(t, func() error {
			if len(n.Counts()) == 0 {
				return errors.New("nobody is told")
			}
			return nil
		})
	}
	return len(timers) > 0
}

// TestInside has events go to upssched in process only where that is asked for,
// and can be.
func TestInside(t *testing.T) {
	const rules = "AT ONBATT * START-TIMER down 60\n"
	for _, tt := range []struct {
		name, rules string
		command     string
		program     bool
		want        bool
	}{
		{"upssched", rules, "upssched", false, true},
		{"in a folder, with words", rules, "/sbin/upssched -D", false, true},
		{"another", rules, "/bin/true", false, false},
		{"none", rules, "", false, false},
		{"asked for", rules, "upssched", true, false},
		{"broken", "AT ONBATT * START-TIMER\n", "upssched", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := newUpssched(t, tt.rules)
			cfg := &config.UPSMon{NotifyCmd: strings.Fields(tt.command), RunUPSSched: tt.program}
			if inside := u.told(t, cfg); inside != tt.want {
				t.Errorf("in process: %t", inside)
			}
		})
	}
	t.Run("no upssched.conf", func(t *testing.T) {
		u := newUpssched(t, rules)
		if err := os.Remove(u.path("upssched.conf")); err != nil {
			t.Fatal(err)
		}
		if u.told(t, &config.UPSMon{NotifyCmd: []string{"upssched"}}) {
			t.Error("in process")
		}
	})
}

// TestInsideLives plays a restart: timers are kept in the state folder, and what
// a UPS is found to be cancels them. Other programs reach them by the pipe.
func TestInsideLives(t *testing.T) {
	u := newUpssched(t, "AT ONBATT * START-TIMER down 60\nAT ONLINE * CANCEL-TIMER down\n")
	cfg := &config.UPSMon{NotifyCmd: []string{"upssched"}}
	live := func(do func(*inside)) {
		t.Helper()
		log := slog.New(slog.DiscardHandler)
		i := newInside(u.dir, log)
		i.pipe = i.take(monitor.NewNotices(monitor.NoticeOptions{}), cfg, u.dir)
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { i.run(ctx); close(done) }()
		do(i)
		end()
		<-done
	}
	count := func(i *inside, want int) {
		t.Helper()
		if timers, err := i.scheduler.Timers(); err != nil || len(timers) != want {
			t.Errorf("%d timers, want %d (%v)", len(timers), want, err)
		}
	}
	live(func(i *inside) {
		i.event(monitor.Notify{Type: monitor.OnBattery, UPS: "a"})
		i.event(monitor.Notify{Type: monitor.OnBattery, UPS: "b"})
		count(i, 2)
	})
	live(func(i *inside) {
		count(i, 2)
		i.found("a", []monitor.Type{monitor.CommOK, monitor.Online})
		i.found("b", []monitor.Type{monitor.OnBattery})
		count(i, 1)
		nuttest.Await(t, func() error {
			if said := u.call(t, "", "", "-l"); !strings.HasPrefix(said.stdout, "down\t") {
				return fmt.Errorf("upssched -l: %+v", said)
			}
			return nil
		})
		if err := os.WriteFile(filepath.Join(u.dir, "upssched.conf"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		i.take(monitor.NewNotices(monitor.NoticeOptions{}), cfg, u.dir)
		i.event(monitor.Notify{Type: monitor.Online, UPS: "b"})
		count(i, 1)
	})
}
