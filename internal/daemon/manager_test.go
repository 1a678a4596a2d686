//go:build unix

package daemon_test

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/daemon"
)

func TestManager(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "3000000")
	t.Setenv("WATCHDOG_PID", "")
	m := daemon.AdoptManager()
	if m.Every != 3*time.Second || os.Getenv("NOTIFY_SOCKET") != "" || os.Getenv("WATCHDOG_USEC") != "" {
		t.Errorf("%+v, or the environment has it still", m)
	}
	if err := m.Tell(daemon.Ready); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 100)
	if n, err := l.Read(said); err != nil || string(said[:n]) != "READY=1" {
		t.Errorf("heard %q, %v", said[:n], err)
	}
	l.Close()
	if err := m.Tell(daemon.Well); err == nil {
		t.Error("told nobody, and no error")
	}
}

func TestNoManager(t *testing.T) {
	for _, tt := range []struct{ socket, usec, pid string }{
		{"", "3000000", ""},
		{"/s", "3000000", strconv.Itoa(os.Getpid() + 1)},
		{"/s", "0", ""},
		{"/s", "x", ""},
	} {
		t.Setenv("NOTIFY_SOCKET", tt.socket)
		t.Setenv("WATCHDOG_USEC", tt.usec)
		t.Setenv("WATCHDOG_PID", tt.pid)
		if m := daemon.AdoptManager(); m.Every != 0 {
			t.Errorf("%+v: %v", tt, m.Every)
		}
	}
	if err := (daemon.Manager{}).Tell(daemon.Ready); err != nil {
		t.Error(err)
	}
}
