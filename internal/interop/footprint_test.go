//go:build linux

package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// stripped builds the static binary for amd64 with the release's own flags.
func stripped(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wattnut")
	release, err := os.ReadFile("../../goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var with struct {
		Builds []struct{ Flags, Ldflags, Env []string }
	}
	if err := yaml.Unmarshal(release, &with); err != nil {
		t.Fatal(err)
	}
	var ldflags strings.Builder
	first := with.Builds[0]
	if err := template.Must(template.New("").Parse(strings.Join(first.Ldflags, " "))).Execute(&ldflags, map[string]string{"Arch": "amd64", "Version": "0.0.0"}); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "go", append(append([]string{"build"}, first.Flags...), "-ldflags", ldflags.String(), "-o", path, "../../cmd/wattnut")...)
	c.Env = append(append(os.Environ(), "GOARCH=amd64"), first.Env...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// TestMeasureFootprint holds the released binary to 25 MB (of 10^6 bytes), an agent with one UPS
// to 30 MB of memory, and its start, until upsc has its first answer, to 150 ms:
// the best of some, for others use the machine as well.
func TestMeasureFootprint(t *testing.T) {
	wattnut := stripped(t)
	info, err := os.Stat(wattnut)
	if err != nil {
		t.Fatal(err)
	}
	size := float64(info.Size()) / 1e6
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
	t.Logf("the static binary, stripped: %.2f MB; an agent with one UPS: %d MB; from its start to upsc's first answer: %v", size, memory, best.Round(time.Millisecond))
	if size > 25 || memory > 30 || best > 150*time.Millisecond {
		t.Error("that is more than 25 MB, 30 MB or 150 ms")
	}
}
