package driverctl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// script answers lines on the socket of p until the test ends.
func script(t *testing.T, p Process, answer func(line string) string) net.Listener {
	t.Helper()
	l, err := net.Listen("unix", p.Socket())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewScanner(c)
				for in.Scan() {
					fmt.Fprint(c, answer(in.Text()))
				}
			}()
		}
	}()
	return l
}

func process(t *testing.T) Process {
	t.Helper()
	t.Setenv("NUT_ALTPIDPATH", "")
	return Process{Driver: "drv", UPS: "u", StateDir: nuttest.ShortDir(t)}
}

func TestStatus(t *testing.T) {
	p := process(t)
	if s := p.Status(t.Context()); s != (Status{}) {
		t.Errorf("nobody there: %+v", s)
	}
	noise := strings.Repeat("SETINFO x \"1\"\nFOO\n", 300)
	full := map[string]string{"GETPID": noise + "PID 77\n", "DUMPSTATUS": "SETINFO ups.status \"OL CHRG\"\nDATAOK\nDUMPDONE\n", "PING": "PONG\n"}
	script(t, p, func(line string) string { return full[line] })
	if got, want := p.Status(t.Context()), (Status{Responsive: true, SocketPID: "77", UPSStatus: "OL CHRG"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	full["GETPID"], full["DUMPSTATUS"] = "", "" // as NUT 2.8.0
	if got, want := p.Status(t.Context()), (Status{Responsive: true}); got != want {
		t.Errorf("old driver: %+v, want %+v", got, want)
	}
	full["PING"] = strings.Repeat("x", maxBytes+1)
	if got := p.Status(t.Context()); got != (Status{}) {
		t.Errorf("endless answer: %+v", got)
	}
}

func TestOrders(t *testing.T) {
	p := process(t)
	if err := p.Command(t.Context(), "load.off"); !errors.Is(err, ErrNotRunning) {
		t.Errorf("nobody there: %v", err)
	}
	var got []string
	code := 0
	l := script(t, p, func(line string) string {
		got = append(got, line)
		return fmt.Sprintf("DATAOK\nTRACKING driverctl %d\n", code)
	})
	if err := p.Killpower(t.Context()); err != nil {
		t.Error(err)
	}
	want := `[SET driver.flag.allow_killpower "1" TRACKING driverctl INSTCMD driver.killpower TRACKING driverctl]`
	if fmt.Sprint(got) != want {
		t.Errorf("got %s", got)
	}
	code = 3
	if err := p.Killpower(t.Context()); !errors.Is(err, nut.ErrFailed) {
		t.Errorf("refused: %v", err)
	}
	code = 0
	time.AfterFunc(200*time.Millisecond, func() { l.Close() })
	if err := p.Stop(t.Context()); err != nil {
		t.Errorf("driver.exit: %v", err)
	}
	if got[len(got)-1] != "INSTCMD driver.exit TRACKING driverctl" {
		t.Errorf("got %s", got)
	}
}

// sleeper runs a process that is called drv and heeds TERM or does not.
func sleeper(t *testing.T, p Process, script string) {
	t.Helper()
	program := filepath.Join(p.StateDir, "drv")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script+"\necho ready\nwhile :; do read x; done\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	bufio.NewReader(out).ReadString('\n')
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	t.Cleanup(func() { cmd.Process.Kill(); in.Close(); <-ended })
	if err := os.WriteFile(string(p.PIDFile()), fmt.Appendln(nil, cmd.Process.Pid), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestStop(t *testing.T) {
	p := process(t)
	if err := p.Stop(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("nothing there: %v", err)
	}
	sleeper(t, p, "")
	if pid, ok := p.PID(); !ok || pid == 0 {
		t.Fatal("not seen")
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(string(p.PIDFile())); err == nil {
		t.Error("the PID file is left")
	}
	sleeper(t, p, "trap '' TERM")
	if err := p.Stop(t.Context()); err != nil {
		t.Errorf("one that ignores TERM: %v", err)
	}
	// A PID that has become another's is left alone.
	sleeper(t, p, "")
	other := Process{Driver: "other", UPS: "u", StateDir: p.StateDir}
	os.Rename(string(p.PIDFile()), string(other.PIDFile()))
	if err := other.Signal(syscall.SIGKILL); !errors.Is(err, ErrNotRunning) {
		t.Errorf("another's process: %v", err)
	}
	t.Setenv("NUT_IGNORE_CHECKPROCNAME", "1")
	if err := other.Signal(0); err != nil {
		t.Errorf("not checked: %v", err)
	}
}

func TestStart(t *testing.T) {
	dir := t.TempDir()
	sh := testenv.Need(t, "sh")
	count := filepath.Join(dir, "count")
	for _, tt := range []struct {
		name, script, want string
		start              Start
		tries              int
	}{
		{"good", "exit 0", "", Start{Delay: time.Minute}, 1},
		{"bad", "exit 3", "exit status 3", Start{Delay: time.Minute}, 1},
		{"tried again", "exit 3", "exit status 3", Start{Delay: time.Minute, Tries: 3, Pause: time.Millisecond}, 3},
		{"better in the end", "[ $(wc -l < " + count + ") = 2 ]", "", Start{Delay: time.Minute, Tries: 3}, 2},
		{"late", "exec sleep 60", "elapsed", Start{Delay: 500 * time.Millisecond}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			os.Remove(count)
			s := tt.start
			s.Command = []string{sh, "-c", "echo >> " + count + "; " + tt.script}
			err := s.Run(t.Context())
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if text, _ := os.ReadFile(count); strings.Count(string(text), "\n") != tt.tries {
				t.Errorf("%d tries, want %d", strings.Count(string(text), "\n"), tt.tries)
			}
		})
	}
	s := Start{Command: []string{"/no/such/driver"}, Delay: time.Minute, Tries: 9, Pause: time.Hour}
	if err := s.Run(t.Context()); err == nil || err.Error() != "can't start /no/such/driver: no such file or directory" {
		t.Errorf("no program: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	s = Start{Command: []string{sh, "-c", "exec sleep 60"}, Delay: time.Minute, Tries: 9, Pause: time.Hour}
	if err := s.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("given up: %v", err)
	}
}
