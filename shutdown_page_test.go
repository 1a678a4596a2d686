//go:build unix

package wattnut

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestShutdownPage runs the outage that docs/shutdown.md has people try.
func TestShutdownPage(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:13494")
	if err != nil {
		t.Skipf("docs/shutdown.md is not run: %v", err)
	}
	l.Close()
	t.Cleanup(func() {
		if err := os.RemoveAll("/tmp/my-outage"); err != nil {
			t.Error(err)
		}
	})
	blocks := scripts(t, "docs/shutdown.md", 3)
	run(t, "make build\n")
	run(t, blocks[0])
	defer background(t, blocks[1], func() bool {
		out, err := exec.Command("bin/wattnut", "upsc", "desk@127.0.0.1:13494", "ups.status").Output()
		return err == nil && strings.HasPrefix(string(out), "OL") // that it listens does not yet mean that it has the UPS
	})()
	run(t, blocks[2])
}
