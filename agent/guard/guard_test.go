//go:build linux

package guard

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/killflag"
)

// TestRun lets agents live and die in every way, and counts how often the host
// goes down.
func TestRun(t *testing.T) {
	for _, tt := range []struct {
		name  string
		words string
		set   func(*rig)
		downs int
		lives int
		code  int
		err   string
	}{
		// Orderly ends.
		{"stopped", "alive exit:0", nil, 0, 1, 0, ""},
		{"stopped while low", "alive low exit:0", nil, 0, 1, 0, ""},
		{"mistake at the start", "exit:3", nil, 0, 1, 3, ""},
		{"mistake after a start", "alive exit:3 | alive exit:0", nil, 0, 2, 0, ""},

		// Shutdown.
		{"shutdown", "alive low shutdown exit:0", nil, 1, 1, 0, ""},
		{"shutdown, own code", "alive shutdown exit:0", func(r *rig) { r.EndCode = 7 }, 1, 1, 7, ""},
		{"shutdown before alive", "shutdown exit:3", nil, 1, 1, 0, ""},
		{"shutdown twice", "alive shutdown shutdown exit:0", nil, 1, 1, 0, ""},
		{"shutdown 10,000 times", "alive double exit:0", nil, 1, 1, 0, ""},
		{"shutdown after 10,000 words", "alive many shutdown kill", nil, 1, 1, 0, ""},
		{"shutdown, then it lingers", "alive shutdown rest:100ms exit:0", nil, 1, 1, 0, ""},
		{"shutdown, then low and lost", "alive shutdown low kill", nil, 1, 1, 0, ""},
		{"shutdown taken back", "alive shutdown fine exit:0", nil, 1, 1, 0, ""},
		{"shutdown through a pipe held open", "alive inherit shutdown kill", nil, 1, 1, 0, ""},
		{"shutdown, and an heir who talks on", "alive heir rest:20ms shutdown kill", nil, 1, 1, 0, ""},
		{"an heir who talks on", "alive heir rest:20ms exit:0", nil, 0, 1, 0, ""},
		{"shutdown in a later life", "alive kill | alive kill | alive shutdown exit:0", nil, 1, 3, 0, ""},

		// Killed at each step.
		{"killed at birth", "kill", nil, 0, 3, 1, "dies again and again"},
		{"killed at birth, once", "kill | alive exit:0", nil, 0, 2, 0, ""},
		{"killed alive", "alive kill | alive exit:0", nil, 0, 2, 0, ""},
		{"killed alive, often", "alive kill | alive kill | kill | kill | alive exit:0", nil, 0, 5, 0, ""},
		{"killed when low, once", "alive low kill | alive exit:0", nil, 0, 2, 0, ""},
		{"killed when low, for good", "alive low kill", nil, 1, 3, 0, ""},
		{"killed when low, then at birth", "alive low kill | kill", nil, 1, 3, 0, ""},
		{"killed when low, not to end", "alive low kill | kill | kill | kill | alive exit:0", func(r *rig) { r.EndIfLost = false }, 0, 5, 0, ""},
		{"killed when low was over", "alive low fine kill | kill | kill | kill | alive exit:0", nil, 0, 5, 0, ""},
		{"killed when fine again later", "alive low kill | alive fine kill | kill | kill | alive exit:0", nil, 0, 5, 0, ""},
		{"killed when asking", "alive low shutdown kill", nil, 1, 1, 0, ""},
		{"panic", "alive low panic", nil, 1, 3, 0, ""},
		{"mistake when low, for good", "alive low exit:1", nil, 1, 3, 0, ""},

		// Agents out of their mind.
		{"babble", "alive babble fine exit:0", nil, 0, 1, 0, ""},
		{"babble, then shutdown", "babble shutdown exit:0", nil, 1, 1, 0, ""},
		{"pipe closed", "alive close hang | alive exit:0", nil, 0, 2, 0, ""},
		{"pipe closed and ended", "alive close exit:0", nil, 0, 1, 0, ""},
		{"hung", "alive hang | alive exit:0", func(r *rig) { r.Silence = 400 * time.Millisecond }, 0, 2, 0, ""},
		{"hung at birth", "hang | alive exit:0", func(r *rig) { r.Silence = 400 * time.Millisecond }, 0, 2, 0, ""},
		{"hung and stopped", "alive stop | alive exit:0", func(r *rig) { r.Silence = 400 * time.Millisecond }, 0, 2, 0, ""},
		{"hung when low", "alive low hang", func(r *rig) {
			r.Silence, r.Restarts.Deaths, r.Restarts.Within = 400*time.Millisecond, 1000, 300*time.Millisecond
		}, 1, -1, 0, ""},

		// Ways down that are blocked.
		{"no such command", "alive shutdown exit:0", func(r *rig) { r.host("./none") }, 0, 1, 1, "shutdown command: exit status 127"},
		{"no command", "alive shutdown exit:0", func(r *rig) { r.host(" ") }, 0, 1, 1, "no shutdown command is configured"},
		{"command fails", "alive shutdown exit:0", func(r *rig) { r.host("echo down >> down; exit 3") }, 1, 1, 1, "exit status 3"},
		{"command dies", "alive low shutdown kill", func(r *rig) { r.host("echo down >> down; kill -9 $$") }, 1, 1, 1, "signal: killed"},
		{"flag in no folder", "alive shutdown exit:0", func(r *rig) { r.flagAt("no/folder/killpower") }, 1, 1, 0, ""},
		{"flag on a full disk", "alive shutdown exit:0", func(r *rig) { r.flagAt("/dev/full") }, 1, 1, 0, ""},
		{"container", "alive shutdown exit:0", func(r *rig) {
			r.Host, r.EndCode = NewHost(r.flag, Container{}, r.Log), 20
		}, 0, 1, 20, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.words)
			if tt.set != nil {
				tt.set(r)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			code, err := r.Run(ctx)
			if code != tt.code || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("code %d, error %v; want %d, %q", code, err, tt.code, tt.err)
			}
			if n := r.downs(); n != tt.downs {
				t.Errorf("the host went down %d times, want %d", n, tt.downs)
			}
			if n := r.lives(); n != tt.lives && tt.lives > 0 {
				t.Errorf("%d lives, want %d", n, tt.lives)
			}
			if tt.downs > 0 && r.Host.flag == r.flag && !r.flag.Raised() {
				t.Error("no power-down flag")
			}
			if ctx.Err() != nil {
				t.Error("too long")
			}
		})
	}
}

// host has the host end by another command.
func (r *rig) host(command string) { r.Host = NewHost(r.flag, Shell(command), r.Log) }

// flagAt has another flag.
func (r *rig) flagAt(path string) {
	r.Host = NewHost(killflag.File(path), Shell("echo down >> down"), r.Log)
}

// TestOrder has the flag raised before the command runs.
func TestOrder(t *testing.T) {
	r := newRig(t, "alive shutdown exit:0")
	r.host("cat killpower > down; echo >> down")
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := r.read("down"); text != "upsmon-shutdown-file\n" {
		t.Errorf("the command saw %q", text)
	}
}

// TestFlagAtStart takes an old flag down, and leaves alone what is none.
func TestFlagAtStart(t *testing.T) {
	r := newRig(t, "alive shutdown exit:0")
	if err := r.flag.Raise(); err != nil {
		t.Fatal(err)
	}
	r.host("echo down >> down")
	if r.flag.Raised() {
		t.Error("still raised")
	}
	if err := os.WriteFile(string(r.flag), []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.host("echo down >> down")
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := r.read("killpower"); text != "precious" || r.downs() != 1 {
		t.Errorf("%q, %d", text, r.downs())
	}
}

// start runs the guard beside the test, until a file of its agent's is there.
func (r *rig) start(t *testing.T, file string) (stop context.CancelFunc, ended <-chan int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	codes := make(chan int, 1)
	go func() {
		code, err := r.Run(ctx)
		if err != nil {
			t.Error(err)
		}
		codes <- code
	}()
	r.await(t, file)
	return cancel, codes
}

// TestStop ends the agent first, by TERM or by force.
func TestStop(t *testing.T) {
	for _, tt := range []struct{ name, words, ended string }{
		{"by TERM", "term", "by TERM\n"},
		{"by force", "deaf alive note:deaf hang", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.words)
			ready := make(chan struct{})
			r.Ready = func() { close(ready) }
			r.Grace = 300 * time.Millisecond
			stop, ended := r.start(t, "lives")
			<-ready
			if tt.ended == "" {
				r.await(t, "deaf")
			}
			stop()
			if code := <-ended; code != 0 || r.read("ended") != tt.ended || r.lives() != 1 || r.downs() != 0 {
				t.Errorf("code %d, ended %q, %d lives, %d downs", code, r.read("ended"), r.lives(), r.downs())
			}
		})
	}
}

// TestStopWhileEnding does not wait for a command that hangs, nor end it.
func TestStopWhileEnding(t *testing.T) {
	r := newRig(t, "alive shutdown exit:0")
	r.host("echo down >> down; read forever < fifo; echo over >> over")
	if err := syscall.Mkfifo("fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	r.Grace, r.EndCode = 50*time.Millisecond, 5
	stop, ended := r.start(t, "down")
	stop()
	if code := <-ended; code != 5 || r.downs() != 1 {
		t.Errorf("code %d, %d downs", code, r.downs())
	}
	if err := os.WriteFile(filepath.Join(r.dir, "fifo"), []byte("on\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.await(t, "over")
}

// TestSignals passes SIGHUP and SIGUSR1 on, and keeps them for an agent that is
// not alive yet, which they would kill.
func TestSignals(t *testing.T) {
	for _, tt := range []struct {
		name, words string
		signal      syscall.Signal
		wait        string
		caught      string
	}{
		{"HUP", "note:here rest:100ms catch", syscall.SIGHUP, "here", "hangup\n"},
		{"FSD", "catch", syscall.SIGUSR1, "lives", "user defined signal 1\n"},
		{"FSD while it is born", "note:here rest:200ms catch", syscall.SIGUSR1, "here", "user defined signal 1\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.words)
			_, ended := r.start(t, tt.wait)
			for _, s := range []syscall.Signal{syscall.SIGUSR2, tt.signal} {
				if err := syscall.Kill(os.Getpid(), s); err != nil {
					t.Fatal(err)
				}
			}
			if caught := r.await(t, "caught"); caught != tt.caught || <-ended != 0 || r.lives() != 1 {
				t.Errorf("caught %q in %d lives", caught, r.lives())
			}
		})
	}
}

// TestSignalBetweenLives keeps an FSD by hand for the next agent.
func TestSignalBetweenLives(t *testing.T) {
	r := newRig(t, "alive kill | catch")
	r.Restarts.Delay, r.Restarts.MaxDelay = 300*time.Millisecond, time.Second
	_, ended := r.start(t, "lives")
	first, err := strconv.Atoi(strings.TrimSpace(r.read("lives")))
	if err != nil {
		t.Fatal(err)
	}
	for syscall.Kill(first, 0) == nil {
		<-time.After(time.Millisecond) // another process
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	if caught := r.await(t, "caught"); caught != "user defined signal 1\n" || <-ended != 0 || r.lives() != 2 {
		t.Errorf("caught %q in %d lives", caught, r.lives())
	}
}
