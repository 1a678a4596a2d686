//go:build unix

package main

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// TestAgentReports is an agent of a service manager: it is told when the agent
// serves, that it is well, and that it ends. The agent answers "wattnut health"
// meanwhile, and not afterwards.
func TestAgentReports(t *testing.T) {
	dir := t.TempDir()
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := nuttest.FreePort(t)
	for name, text := range map[string]string{
		"ups.conf": "[a]\ndriver = dummy-ups\nport = a.dev\n", "a.dev": "ups.status: OL\n", "upsd.conf": "LISTEN 127.0.0.1 " + port + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"NOTIFY_SOCKET": filepath.Join(dir, "notify"), "WATCHDOG_USEC": "60000", "WATCHDOG_PID": "",
		"NUT_CONFPATH": dir, "WATTNUT_WEB_LISTEN": "", "WATTNUT_STATE_DIR": dir, "WATTNUT_HISTORY": "off",
	} {
		t.Setenv(name, value)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() { ended <- runAgent(ctx, call{name: "agent", stdout: io.Discard, stderr: t.Output()}) }()
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
	if r := runProgram(t, "", "wattnut", "health"); r.code != 0 || !strings.Contains(r.stdout, port+" serves: ") {
		t.Errorf("health: %+v", r)
	}
	if r := runProgram(t, "", "wattnut", "health", "127.0.0.1:"+port); r.code != 0 {
		t.Errorf("health of an address: %+v", r)
	}
	stop()
	last := ""
	for last != "STOPPING=1" {
		last = hear()
	}
	if code := <-ended; code != 0 {
		t.Errorf("the agent ended with %d", code)
	}
	if r := runProgram(t, "", "wattnut", "health"); r.code != 1 || r.stderr == "" {
		t.Errorf("health of nobody: %+v", r)
	}
	if r := runProgram(t, "", "wattnut", "health", "a", "b"); r.code != 2 {
		t.Errorf("health of two: %+v", r)
	}
}
