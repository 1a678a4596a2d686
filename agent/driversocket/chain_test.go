package driversocket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/device"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/nutsocket"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// started is a log that keeps the PID of the driver process started last.
type started struct {
	mu  sync.Mutex
	pid int
}

func (s *started) Write(line []byte) (int, error) {
	var record struct{ PID int }
	if err := json.Unmarshal(line, &record); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if record.PID != 0 {
		s.pid = record.PID
	}
	return len(line), nil
}

func (s *started) last() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pid
}

// run runs a device until the test ends.
func run(t *testing.T, config device.Config) *state.UPS {
	t.Helper()
	ups := state.NewUPS("d", "", nil)
	config.UPS = ups
	r := device.New(config)
	ups.Configure("", r)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return ups
}

// NUT's dummy-ups, run by a Runner of ours, served on a socket of ours, is read
// by another Runner: both see the same, orders go all the way, and all recovers
// when the process is killed.
func TestChain(t *testing.T) {
	program := testenv.Need(t, "dummy-ups")
	dir := nuttest.ShortDir(t)
	for name, text := range map[string]string{
		"ups.conf": "[d]\n driver = dummy-ups\n port = " + dir + "/d.dev\n mode = dummy-once\n",
		"d.dev":    "ups.status: OL\nups.id: a\nbattery.charge: 90\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var options nutsocket.Options
	if os.Geteuid() == 0 {
		options.User = "root"
	}
	var log started
	env := drivers.Env{ConfDir: dir, StateDir: dir, Log: slog.New(slog.NewJSONHandler(&log, nil))}
	near := run(t, device.Config{Open: nutsocket.Start(program, options), Env: env, Retry: 500 * time.Millisecond})
	env.StateDir = nuttest.ShortDir(t)
	serve(t, &Server{UPS: near}, env.StateDir)
	far := run(t, device.Config{Open: nutsocket.Attach("dummy-ups", nutsocket.Options{}), Env: env})

	await := func(what string, wanted func() bool) {
		t.Helper()
		nuttest.Await(t, func() error {
			if !wanted() {
				return errors.New(what)
			}
			return nil
		})
	}
	alike := func() bool {
		s := far.Snapshot()
		return s.Health == nut.Live && s.Len() > 5 && s.Same(near.Snapshot())
	}
	await("not alike", alike)
	outcome := make(chan error, 1)
	err := far.Order(t.Context(), nut.Order{Set: true, Name: "ups.id", Value: "b c", Tracked: true}, func(err error) { outcome <- err })
	if err != nil {
		t.Fatal(err)
	}
	if err := <-outcome; err != nil {
		t.Error(err)
	}
	await("order not seen", func() bool { return far.Snapshot().Value("ups.id") == "b c" })

	first := log.last()
	if err := daemon.Signal(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await("loss not seen", func() bool { return far.Snapshot().Health != nut.Live || log.last() != first })
	await("not back", func() bool { return log.last() != first && far.Snapshot().Value("ups.id") == "a" && alike() })
	if near.Snapshot().Value("ups.status") != "OL" {
		t.Error(fmt.Sprint(near.Snapshot()))
	}
}
