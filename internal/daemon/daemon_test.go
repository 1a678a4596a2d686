//go:build unix

package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/wattnut/wattnut/internal/daemon"
)

// TestMain plays a program that goes into the background.
func TestMain(m *testing.M) {
	if mode := os.Getenv("DAEMON_TEST"); mode != "" {
		os.Exit(program(mode)) //nolint:forbidigo // it is a program
	}
	m.Run()
}

func program(mode string) int {
	notice, child := daemon.Adopt()
	if !child {
		code, err := daemon.Detach(context.Background())
		if err != nil {
			fmt.Println("parent:", err)
		}
		return code
	}
	switch mode {
	case "become":
		err := daemon.Become("nobody")
		fmt.Println(err, os.Getuid() != 0 && os.Geteuid() == os.Getuid(), os.Getgid() != 0)
		return 3
	case "refuse":
		fmt.Fprintln(os.Stderr, "no such file")
		return 7
	case "leave":
		return 0
	case "die":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	fmt.Println("starting")
	if err := notice.Ready(); err != nil {
		fmt.Println(err)
		return 9
	}
	fmt.Println("not seen by the starter")
	if _, again := daemon.Adopt(); again {
		return 10
	}
	session, _ := unix.Getsid(0)
	text := fmt.Sprint(session == os.Getpid(), notice.Ready())
	if err := os.WriteFile(os.Getenv("DAEMON_OUT"), []byte(text), 0o600); err != nil {
		return 11
	}
	return 0
}

func TestDetach(t *testing.T) {
	for _, tt := range []struct {
		mode, output string
		code         int
	}{
		{"ready", "starting\n", 0},
		{"refuse", "no such file\n", 7},
		{"leave", "", 0},
		{"become", "<nil> true true\n", 3},
		{"die", "parent: background process: signal: killed\n", 1},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			fifo := filepath.Join(t.TempDir(), "out")
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Fatal(err)
			}
			c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=none")
			c.Env = append(os.Environ(), "DAEMON_TEST="+tt.mode, "DAEMON_OUT="+fifo)
			output, err := c.CombinedOutput() // ends only once the child has left it
			if code := c.ProcessState.ExitCode(); code != tt.code {
				t.Errorf("exit code %d, want %d (%v)", code, tt.code, err)
			}
			if string(output) != tt.output {
				t.Errorf("output %q, want %q", output, tt.output)
			}
			if tt.mode != "ready" {
				return
			}
			if text, err := os.ReadFile(fifo); err != nil || string(text) != "true <nil>" {
				t.Errorf("child says %q, %v", text, err)
			}
		})
	}
}

func TestForeground(t *testing.T) {
	notice, child := daemon.Adopt()
	if child {
		t.Error("adopted without a starter")
	}
	if err := notice.Ready(); err != nil {
		t.Error(err)
	}
}

func TestPIDFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NUT_PIDPATH", dir)
	p := daemon.RootPIDFile("upslog")
	if want := daemon.PIDFile(filepath.Join(dir, "upslog.pid")); p != want {
		t.Fatalf("path %q, want %q", p, want)
	}
	if _, err := p.PID(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for range 2 {
		if err := p.Write(); err != nil {
			t.Fatal(err)
		}
	}
	if text, _ := os.ReadFile(string(p)); string(text) != fmt.Sprintln(os.Getpid()) {
		t.Errorf("content %q", text)
	}
	if _, alive := p.Running(); alive {
		t.Error("this process is not another one")
	}
	if err := p.Signal(0); err != nil {
		t.Errorf("signal 0 to self: %v", err)
	}
	for range 2 {
		if err := p.Remove(); err != nil {
			t.Error(err)
		}
	}
}

func TestPIDFileOfOthers(t *testing.T) {
	gone := exec.CommandContext(t.Context(), os.Args[0], "-test.run=none")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		alive      bool
		err        string
	}{
		{"parent", fmt.Sprintln(os.Getppid()), true, ""},
		{"stale", fmt.Sprintln(gone.Process.Pid), false, "no such process"},
		{"empty", "", false, "no process number"},
		{"words", "upsd\n", false, "no process number"},
		{"init", "1\n", false, "no process number"},
		{"negative", "-5\n", false, "no process number"},
		{"endless", strings.Repeat("9", 100), false, "no process number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := daemon.UserPIDFile("upsd", t.TempDir())
			if err := os.WriteFile(string(p), []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, alive := p.Running(); alive != tt.alive {
				t.Errorf("alive %t, want %t", alive, tt.alive)
			}
			err := p.Signal(0)
			if (err == nil) != (tt.err == "") || (err != nil && !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("signal: %v, want %q", err, tt.err)
			}
		})
	}
}

func TestPIDFilePath(t *testing.T) {
	t.Setenv("NUT_ALTPIDPATH", "/alt")
	if p := daemon.UserPIDFile("upsd", "/state"); p != "/alt/upsd.pid" {
		t.Error(p)
	}
	if p := daemon.UserPIDFile("/elsewhere/x", "/state"); p != "/elsewhere/x" {
		t.Error(p)
	}
	t.Setenv("NUT_ALTPIDPATH", "")
	if p := daemon.UserPIDFile("upsd", "/state"); p != "/state/upsd.pid" {
		t.Error(p)
	}
}

func TestBecomeNobodyKnown(t *testing.T) {
	if err := daemon.Become("no-such-user"); err == nil || err.Error() != "user no-such-user not found" {
		t.Errorf("got %v", err)
	}
}
