//go:build unix

package wattnut

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// elsewhere are the pages whose commands another test runs.
var elsewhere = map[string]string{
	"docs/shutdown.md": "TestShutdownPage",
	"docs/alerting.md": "alerts/observe_test.go",
}

// TestPages runs the commands of all pages in docs, page by page: all that stands
// in a block marked sh. A block marked console has what only a host of one's own
// can do, such as apt install; internal/vm and make test-install are for these.
func TestPages(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:13495")
	if err != nil {
		t.Skipf("docs are not run: %v", err)
	}
	l.Close()
	t.Cleanup(func() {
		for _, dir := range []string{"/tmp/wattnut-quick", "/tmp/wattnut-move"} {
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		}
	})
	pages := 0
	err = filepath.WalkDir("docs", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" || elsewhere[filepath.ToSlash(path)] != "" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "```sh\n") {
			return err
		}
		pages++
		t.Run(filepath.Base(path), func(t *testing.T) {
			for _, script := range scripts(t, path, 1) {
				run(t, script)
			}
		})
		return nil
	})
	if err != nil || pages < 3 {
		t.Errorf("%d pages with commands: %v", pages, err)
	}
}
