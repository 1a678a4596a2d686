//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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

// TestAgentReports is an agent of a service manager: it is told when the agent
// serves, that it is well, and that it ends. The agent answers "wattnut health"
// meanwhile, and not afterwards.
func TestAgentReports(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, value := range map[string]string{"NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "60000", "WATCHDOG_PID": ""} {
		t.Setenv(name, value)
	}
	_, stop := servingAgent(t)
	hear := func() string {
		l.SetReadDeadline(time.Now().Add(20 * time.Second))
		said := make([]byte, 100)
		n, err := l.Read(said)
		if err != nil {
			t.Fatal(err)
		}
		return string(said[:n])
	}
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
