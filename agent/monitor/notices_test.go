package monitor

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// script writes an executable shell script.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// settle waits until all notices are told, or gone wrong.
func settle(t *testing.T, n *Notices, want int) map[NoticeCount]int {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); <-tick.C {
		total := 0
		for _, times := range n.Counts() {
			total += times
		}
		if total >= want {
			return n.Counts()
		}
	}
	t.Fatalf("still, after 20 s: %v", n.Counts())
	return nil
}

// locked is a writer for several goroutines.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestSinks(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	var system locked
	n := NewNotices(NoticeOptions{Syslog: &system, Wall: []string{"sh", "-c", "cat >" + dir + "/wall"}})
	t.Setenv("UPSNAME", "of somebody else")
	n.SetCommand([]string{script(t, `printf '%s|%s|%s|%s|%s' "$#" "$1" "$2" "$UPSNAME" "$NOTIFYTYPE" >`+out), "-x"})
	n.Notify(Notify{Type: OnBattery, UPS: "a@b", Message: "$(date) \"on\x1b[31m\nbattery\" ; ls", Flags: Syslog | Wall | Exec})
	settle(t, n, 3)
	message := `$(date) "on [31m battery" ; ls`
	for path, want := range map[string]string{"out": "2|-x|" + message + "|a@b|ONBATT", "wall": message + "\n"} {
		if got, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", path, got, err, want)
		}
	}
	if system.String() != message+"\n" {
		t.Errorf("syslog: %q", system.String())
	}
}

func TestNoFlags(t *testing.T) {
	n := NewNotices(NoticeOptions{})
	n.SetCommand([]string{"/nonexistent"})
	n.Notify(Notify{Type: Online})
	n.SetCommand(nil)
	n.Notify(Notify{Type: Online, Flags: Exec})
	if len(n.Counts()) != 0 {
		t.Errorf("told: %v", n.Counts())
	}
}

func TestCommandFails(t *testing.T) {
	for _, tt := range []struct{ name, program, want string }{
		{"missing", "/nonexistent/program", "failed"},
		{"fails", script(t, "exit 3"), "failed"},
		{"hangs", script(t, "sleep 100 & sleep 100"), "failed"},
		{"leaves something behind that holds its output", script(t, "setsid sleep 5 & exit 0"), "told"},
		{"is told", script(t, ":"), "told"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := NewNotices(NoticeOptions{Limit: 300 * time.Millisecond})
			n.SetCommand([]string{tt.program})
			n.Notify(Notify{Type: Online, Message: "m", Flags: Exec})
			if got := settle(t, n, 1); got[NoticeCount{Online, tt.want}] != 1 {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestWallFails(t *testing.T) {
	n := NewNotices(NoticeOptions{Wall: []string{"false"}})
	n.Notify(Notify{Type: Online, Message: "m", Flags: Wall | Syslog})
	if got := settle(t, n, 2); got[NoticeCount{Online, "failed"}] != 1 || got[NoticeCount{Online, "told"}] != 1 {
		t.Errorf("got %v", got)
	}
}

// stuck is a log that takes nothing.
type stuck struct{ until chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.until
	return len(p), nil
}

// 10,000 notices to a command that hangs and a log that is stuck take no time,
// few processes, and leave room for the one that matters.
func TestFlood(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "told")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // commands that begin late may still write there
		for range 100 {
			if os.RemoveAll(dir) == nil {
				return
			}
			<-time.After(20 * time.Millisecond)
		}
	})
	log := stuck{make(chan struct{})}
	n := NewNotices(NoticeOptions{Syslog: log, Limit: 5 * time.Second})
	n.SetCommand([]string{script(t, fmt.Sprintf(`: >%s/$NOTIFYTYPE.$$
[ $NOTIFYTYPE = SHUTDOWN ] || exec sleep 4`, dir))})
	began := time.Now()
	for range 10_000 {
		n.Notify(Notify{Type: OnBattery, UPS: "a", Message: "m", Flags: Syslog | Exec})
	}
	n.Notify(Notify{Type: Shutdown, Message: "m", Flags: Exec})
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	for got := n.Counts(); got[NoticeCount{Shutdown, "told"}] != 1; got = settle(t, n, 0) {
		if time.Since(began) > 4*time.Second {
			t.Fatal("the shutdown was not told")
		}
		<-time.After(10 * time.Millisecond)
	}
	files, err := filepath.Glob(dir + "/*")
	if err != nil || len(files) > commandParallel+commandReserve {
		t.Errorf("%d commands, %v", len(files), err)
	}
	if got := n.Counts()[NoticeCount{OnBattery, "dropped"}]; got != 20_000-commandParallel-commandWaiting-1-lineWaiting {
		t.Errorf("%d dropped", got)
	}
	n.SetCommand(nil)
	close(log.until)
	n.command.mu.Lock()
	n.command.queue = nil // so that the test ends
	n.command.mu.Unlock()
}

func TestFlush(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	n := NewNotices(NoticeOptions{})
	n.SetCommand([]string{script(t, "echo begun >"+out+"; sleep 1")})
	n.Notify(Notify{Type: Online, Message: "m", Flags: Exec})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	n.Flush(ctx)
	if ctx.Err() != nil || n.command.pending() {
		t.Error("not flushed")
	}
	log := stuck{make(chan struct{})}
	n = NewNotices(NoticeOptions{Syslog: log})
	n.Notify(Notify{Type: Online, Message: "m", Flags: Syslog})
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	n.Flush(short)
	if short.Err() == nil {
		t.Error("it is said to be told")
	}
	close(log.until)
}

func TestPrintable(t *testing.T) {
	if got := printable("a\tb\x00c\u009bd é"); strings.ContainsAny(got, "\t\x00\u009b") || !strings.HasSuffix(got, "d é") {
		t.Errorf("%q", got)
	}
}

// TestInstead has a function take the place of NOTIFYCMD, and give it back.
func TestInstead(t *testing.T) {
	n := NewNotices(NoticeOptions{})
	n.SetCommand([]string{"/nonexistent"})
	var told []string
	n.SetInstead(func(a Notify) { told = append(told, a.Type.String()+" "+a.Message) })
	n.Notify(Notify{Type: OnBattery, Message: "on\nbattery", Flags: Exec})
	n.Notify(Notify{Type: Online, Message: "back"})
	if want := "[ONBATT on battery]"; fmt.Sprint(told) != want {
		t.Errorf("told %v, want %s", told, want)
	}
	n.SetCommand([]string{"true"})
	n.Notify(Notify{Type: OnBattery, Flags: Exec})
	counts := settle(t, n, 2)
	if len(told) != 1 || counts[NoticeCount{OnBattery, "told"}] != 2 {
		t.Errorf("told %v, counts %v", told, counts)
	}
}
