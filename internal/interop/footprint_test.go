//go:build linux

package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// stripped builds the binary as it is released, without libusb.
func stripped(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wattnut")
	c := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "../../cmd/wattnut")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// TestMeasureFootprint holds the released binary to 25 MB (of 2^20 bytes), an agent with one UPS
// to 30 MB of memory, and its start, until upsc has its first answer, to 150 ms:
// the best of some, for others use the machine as well.
func TestMeasureFootprint(t *testing.T) {
	wattnut := stripped(t)
	info, err := os.Stat(wattnut)
	if err != nil {
		t.Fatal(err)
	}
	size := float64(info.Size()) / (1 << 20)
	best := time.Hour
	memory := 0
	for range 7 {
		s := newSite(t, files{"ups.conf": "[desk]\ndriver = simulator\nport = none\n"})
		s.vars = []string{"WATTNUT_WEB_LISTEN=127.0.0.1:" + nuttest.FreePort(t)}
		begin := time.Now()
		agent := s.start(wattnut, "agent")
		for s.run(wattnut, "upsc", "desk@"+s.addr(), "ups.status").code != 0 {
			if time.Since(begin) > 20*time.Second {
				t.Fatal("upsc has no answer")
			}
		}
		best = min(best, time.Since(begin))
		if memory == 0 {
			settle(t, 5*time.Second)
			memory = costOf(t, agent.cmd.Process.Pid).rss
		}
		agent.signal(syscall.SIGTERM)
		agent.wait(20 * time.Second)
	}
	t.Logf("the static binary, stripped: %.1f MB; an agent with one UPS: %d MB; from its start to upsc's first answer: %v", size, memory, best.Round(time.Millisecond))
	if size > 25 || memory > 30 || best > 150*time.Millisecond {
		t.Error("that is more than 25 MB, 30 MB or 150 ms")
	}
}
