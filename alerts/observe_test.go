//go:build unix

package alerts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

// outage is what is told while the mains of the demo's UPSes fails and returns
// for the first time, about the two whose story is over by then.
var outage = []string{
	"firing warning UPSOnBattery UPS home is on battery",
	"firing warning UPSOnBattery UPS rack is on battery",
	"resolved warning UPSOnBattery UPS home is on battery",
	"resolved warning UPSOnBattery UPS rack is on battery",
}

// "make observe": an outage of the demo raises its alerts in the real Prometheus,
// the real Alertmanager tells them and their end, and Ctrl-C leaves nothing.
func TestObserve(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"prometheus", "prometheus-alertmanager", "python3", "curl"} {
		testenv.Need(t, program)
	}
	dir := nuttest.ShortDir(t)
	binary := filepath.Join(dir, "wattnut")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/wattnut")
	build.Dir = testenv.Root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "./observe", binary)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	var addresses []string
	for _, name := range []string{"WATTNUT_LISTEN", "WATTNUT_WEB_LISTEN", "PROMETHEUS_LISTEN", "ALERTMANAGER_LISTEN", "WEBHOOK_LISTEN"} {
		addresses = append(addresses, "127.0.0.1:"+nuttest.FreePort(t))
		cmd.Env = append(cmd.Env, name+"="+addresses[len(addresses)-1])
	}
	var screen screen
	cmd.Stdout, cmd.Stderr = &screen, &screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen := screen.await(ctx, outage)
	if err := errors.Join(syscall.Kill(-cmd.Process.Pid, syscall.SIGINT), cmd.Wait(), seen); err != nil {
		t.Fatalf("%v\n%s", err, screen.String())
	}
	for _, line := range screen.told() {
		if (strings.Contains(line, "UPS home") || strings.Contains(line, "UPS rack")) && !slices.Contains(outage, line) {
			t.Errorf("nobody was to be told %q", line)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "wattnut-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	for _, address := range addresses {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			t.Errorf("somebody still listens on %s", address)
		}
	}
}

// screen is what somebody who looks on would see.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// told are the messages, without their time and with one space between words.
func (s *screen) told() []string {
	var all []string
	for line := range strings.Lines(s.String()) {
		words := strings.Fields(line)
		if len(words) > 3 && (words[1] == "firing" || words[1] == "resolved") {
			all = append(all, strings.Join(words[1:], " "))
		}
	}
	return all
}

// await waits for all of some messages.
func (s *screen) await(ctx context.Context, want []string) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		told := s.told()
		missing := slices.DeleteFunc(slices.Clone(want), func(w string) bool { return slices.Contains(told, w) })
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("not told: %q", missing)
		}
	}
}
