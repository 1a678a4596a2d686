//go:build unix

package wattnut

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/testenv"
)

// TestReadme runs each command of README.md, in order, with what the demo and
// the agent are at hand when it says so. It takes the ports that README.md
// names; where somebody else has them, it cannot.
func TestReadme(t *testing.T) {
	testenv.Need(t, "socat")
	testenv.Need(t, "curl")
	for _, address := range []string{"127.0.0.1:3493", "127.0.0.1:9199"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Skipf("README.md is not run: %v", err)
		}
		l.Close()
	}
	t.Cleanup(func() {
		for _, dir := range []string{"/tmp/wattnut-tour", "/tmp/my-ups"} {
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		}
	})
	stop := func() {}
	for _, script := range scripts(t, "README.md", 5) {
		switch script {
		case "make test\n": // this is it
			run(t, "make -n test\n")
		case "make demo\n", "bin/wattnut agent --config-dir /tmp/my-ups\n":
			stop()
			stop = background(t, script, ready)
			defer stop()
		default:
			run(t, script)
		}
	}
}

// scripts returns the blocks of shell commands of a page, of which there are so
// many at least.
func scripts(t *testing.T, page string, least int) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, part := range strings.Split(string(text), "```sh\n")[1:] {
		script, _, _ := strings.Cut(part, "```")
		all = append(all, script)
	}
	if len(all) < least {
		t.Fatalf("%s has %d blocks of commands only", page, len(all))
	}
	return all
}

// run runs commands and requires that each succeeds and that they say something.
func run(t *testing.T, script string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // of a busy machine
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	out, err := cmd.CombinedOutput()
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		t.Fatalf("%s%v: %s", script, err, out)
	}
}

// ready tells whether an agent's web pages say that it is.
func ready() bool {
	r, err := http.Get("http://127.0.0.1:9199/readyz")
	if err != nil {
		return false
	}
	return r.Body.Close() == nil && r.StatusCode == http.StatusOK
}

// background starts a command that serves, and returns once it does. The
// function it returns ends it as Ctrl-C does, and requires a clean end.
func background(t *testing.T, script string, serving func() bool) (stop func()) {
	t.Helper()
	cmd := exec.Command("bash", "-c", script)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	done := false
	stop = func() {
		if done {
			return
		}
		done = true
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
			t.Error(err)
		}
		select {
		case err := <-ended:
			// make says that it was interrupted, whatever its command made of it.
			if err != nil && !strings.Contains(out.String(), "The demo has ended.") {
				t.Errorf("%s ended with %v: %s", script, err, out.String())
			}
		case <-time.After(time.Minute):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			t.Errorf("%s does not end", script)
		}
	}
	for range 1200 {
		if serving() {
			return stop
		}
		select {
		case err := <-ended:
			t.Fatalf("%s ended at once: %v: %s", script, err, out.String())
		case <-time.After(100 * time.Millisecond):
		}
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // nor may it keep the ports
	t.Fatalf("%s does not serve", script)
	return stop
}

// TestLinks keeps the links of the documents from leading nowhere.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(text), "](")[1:] {
			target, _, _ := strings.Cut(part, ")")
			target, _, _ = strings.Cut(target, "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), target)); err != nil {
				t.Errorf("%s links to %s: %v", page, target, err)
			}
		}
	}
}
