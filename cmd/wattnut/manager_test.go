//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/nuttest"
)

// servingAgent runs an agent with a UPS [a] until the test ends, or stop is
// called, which returns its exit code.
func servingAgent(t *testing.T) (dir string, stop func() int) {
	t.Helper()
	dir = t.TempDir()
	port := nuttest.FreePort(t)
	for name, text := range map[string]string{
		"ups.conf": "[a]\ndriver = dummy-ups\nport = a.dev\n", "a.dev": "ups.status: OL\n", "upsd.conf": "LISTEN 127.0.0.1 " + port + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"NUT_CONFPATH": dir, "WATTNUT_WEB_LISTEN": "", "WATTNUT_STATE_DIR": dir, "WATTNUT_HISTORY": "off",
	} {
		t.Setenv(name, value)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { ended <- runAgent(ctx, call{name: "agent", stdout: io.Discard, stderr: t.Output()}) }()
	nuttest.Await(t, func() error {
		if r := runProgram(t, "", "wattnut", "upsc", "a@127.0.0.1:"+port, "ups.status"); r.code != 0 {
			return errors.New(r.stderr)
		}
		return nil
	})
	code := sync.OnceValue(func() int { cancel(); return <-ended })
	t.Cleanup(func() { code() })
	return dir, code
}

// serviceManager is one that wants to hear every 60 ms, as this process is told.
type serviceManager struct{ *net.UnixConn }

func newManager(t *testing.T) serviceManager {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for name, value := range map[string]string{"NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "60000", "WATCHDOG_PID": ""} {
		t.Setenv(name, value)
	}
	return serviceManager{l}
}

// hear is what it is told next, "" for nothing within that time.
func (m serviceManager) hear(t *testing.T, within time.Duration) string {
	t.Helper()
	m.SetReadDeadline(time.Now().Add(within))
	said := make([]byte, 100)
	n, err := m.Read(said)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return string(said[:n])
}

// TestAgentReports is an agent of a service manager: it is told when the agent
// serves, that it is well, and that it ends. The agent answers "wattnut health"
// meanwhile, and not afterwards.
func TestAgentReports(t *testing.T) {
	manager := newManager(t)
	_, stop := servingAgent(t)
	hear := func() string { return manager.hear(t, 20*time.Second) }
	for i, want := range []string{"READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"} {
		if got := hear(); got != want {
			t.Errorf("message %d is %q, not %q", i, got, want)
		}
	}
	r := runProgram(t, "", "wattnut", "health")
	address, said, _ := strings.Cut(r.stdout, " serves: ")
	if r.code != 0 || said == "" {
		t.Errorf("health: %+v", r)
	}
	if r := runProgram(t, "", "wattnut", "health", address); r.code != 0 {
		t.Errorf("health of an address: %+v", r)
	}
	go stop()
	for last := ""; last != "STOPPING=1"; {
		last = hear()
	}
	if code := stop(); code != 0 {
		t.Errorf("the agent ended with %d", code)
	}
	if r := runProgram(t, "", "wattnut", "health"); r.code != 1 || r.stderr == "" {
		t.Errorf("health of nobody: %+v", r)
	}
	if r := runProgram(t, "", "wattnut", "health", "a", "b"); r.code != 2 {
		t.Errorf("health of two: %+v", r)
	}
}

// sticky is an Ender that can hang: whoever asks it anything while it is locked.
type sticky struct{ sync.Mutex }

func (s *sticky) Alive() error    { s.Lock(); defer s.Unlock(); return nil }
func (s *sticky) Low(bool) error  { return nil }
func (s *sticky) Shutdown() error { return nil }

type quietly struct{}

func (quietly) Notify(monitor.Notify) {}

// TestStuckAgentIsNotWell: an agent that serves, but no more decides on the
// shutdown of its host, tells its manager nothing, however long that waits; until it
// decides again.
func TestStuckAgentIsNotWell(t *testing.T) {
	manager := newManager(t)
	a, err := agent.New(t.Context(), &config.Config{}, agent.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	way := new(sticky)
	nobody := monitor.Defaults()
	nobody.MinSupplies = 0
	m, err := monitor.NewMonitor(nobody, nil, monitor.Options{Ender: way, Notifier: quietly{}})
	if err != nil {
		t.Fatal(err)
	}
	s := &station{agent: a, log: slog.New(slog.DiscardHandler), watch: &watchman{monitor: m}}
	ctx, cancel := context.WithCancel(t.Context())
	var parts sync.WaitGroup
	parts.Go(func() { m.Run(ctx) })
	parts.Go(func() { s.report(ctx, daemon.AdoptManager()) })
	for i, want := range []string{daemon.Ready, daemon.Well, daemon.Well, daemon.Well} {
		if got := manager.hear(t, 20*time.Second); got != want {
			t.Errorf("message %d is %q, not %q", i, got, want)
		}
	}
	way.Lock()
	for begin := time.Now(); manager.hear(t, 600*time.Millisecond) != ""; { // what was on its way
		if time.Since(begin) > 10*time.Second {
			t.Fatal("a stuck agent says that it is well")
		}
	}
	way.Unlock()
	if got := manager.hear(t, 20*time.Second); got != daemon.Well {
		t.Errorf("no more stuck, it says %q", got)
	}
	way.Lock()
	cancel() // it ends, stuck or not
	for manager.hear(t, 20*time.Second) == daemon.Well {
	}
	way.Unlock()
	parts.Wait()
}
