//go:build unix

package sched

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// shell is a CMDSCRIPT that does what it is told, with its output file as $0.
func shell(t *testing.T, text string) (script []string, output func() string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "out")
	return []string{"/bin/sh", "-c", text, file}, func() string {
		got, _ := os.ReadFile(file)
		return string(got)
	}
}

func TestScript(t *testing.T) {
	t.Setenv("UPSNAME", "of the caller")
	t.Setenv("NOTIFYMSG", "of the caller")
	t.Setenv("OTHER", "kept")
	script, output := shell(t, `echo "$#|$1|${UPSNAME-none}|$NOTIFYTYPE|${NOTIFYMSG-none}|$OTHER" >>"$0"`)
	s := &Scripts{Log: new(journal).log()}
	for _, c := range []Command{
		{"a b", []Event{{"ONBATT", "u@h", "$(touch x) 'y'"}}},
		{"$HOME;x", []Event{{"ONBATT", "u@h", ""}, {"ONBATT", "v@h", ""}}},
		{"-x", []Event{{}}},
	} {
		if err := s.Run(t.Context(), script, c); err != nil {
			t.Error(err)
		}
	}
	want := "1|a b|u@h|ONBATT|$(touch x) 'y'|kept\n1|$HOME;x|u@h,v@h|ONBATT|none|kept\n1|-x|none||none|kept\n"
	if got := output(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestScriptFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []string
		want   string
	}{
		{"none", nil, "there is no CMDSCRIPT"},
		{"missing", []string{"/nonexistent/cmd"}, "no such file"},
		{"no program", []string{"/etc/passwd"}, "permission denied"},
		{"exit code", []string{"/bin/sh", "-c", "exit 7"}, "/bin/sh: exit status 7"},
		{"signal", []string{"/bin/sh", "-c", "kill -9 $$"}, "/bin/sh: signal: killed"},
		{"too long", []string{"/bin/sh", "-c", "sleep 60 & wait"}, "/bin/sh: killed after 200ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &Scripts{Log: new(journal).log(), Limit: 200 * time.Millisecond}
			err := s.Run(t.Context(), tt.script, Command{"x", []Event{{}}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// What a script has started is killed with it.
func TestKillsTheGroup(t *testing.T) {
	script, output := shell(t, `sh -c 'sleep 1; echo alive' >>"$0" & wait`)
	s := &Scripts{Log: new(journal).log(), Limit: 50 * time.Millisecond}
	if err := s.Run(t.Context(), script, Command{"x", []Event{{}}}); err == nil {
		t.Error("no error")
	}
	await := time.NewTimer(1200 * time.Millisecond)
	<-await.C
	if got := output(); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestCancelledRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	err := (&Scripts{Log: new(journal).log()}).Run(ctx, []string{"/bin/sleep"}, Command{"60", []Event{{}}})
	if err == nil || time.Since(begin) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}

func TestScriptOutput(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := &Scripts{Log: new(journal).log(), Output: file}
	if err := s.Run(t.Context(), []string{"/bin/sh", "-c", "echo out; echo err >&2"}, Command{"x", []Event{{}}}); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(file.Name()); string(got) != "out\nerr\n" {
		t.Errorf("got %q", got)
	}
}

// Scripts that hang hold up neither who submits nor, up to a number, others;
// what waits runs in its turn, and what is too much is refused.
func TestSubmit(t *testing.T) {
	script, output := shell(t, `echo "$1" >>"$0"; while [ -e "$0.hold" ]; do sleep 0.02; done`)
	hold := script[3] + ".hold"
	if err := os.WriteFile(hold, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	log := new(journal)
	s := &Scripts{Log: log.log(), Parallel: 2, Queue: 3}
	for i := range 10 {
		s.Submit(script, Command{fmt.Sprint(i), []Event{{}}})
	}
	ran := func(want int) {
		t.Helper()
		nuttest.Await(t, func() error {
			if got := len(strings.Fields(output())); got != want {
				return fmt.Errorf("%d ran, want %d", got, want)
			}
			return nil
		})
	}
	ran(2)
	log.want(t, "too many scripts run and wait already")
	if err := os.Remove(hold); err != nil {
		t.Fatal(err)
	}
	ran(5)
	nuttest.Await(t, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.running > 0 {
			return fmt.Errorf("%d run", s.running)
		}
		return nil
	})
	s.Submit([]string{"/nonexistent"}, Command{"x", []Event{{}}})
	nuttest.Await(t, func() error {
		log.mu.Lock()
		defer log.mu.Unlock()
		if !strings.Contains(log.text.String(), "command failed") {
			return fmt.Errorf("log says %s", log.text.String())
		}
		return nil
	})
}

// TestFlush ends when all is begun, not when it has ended.
func TestFlush(t *testing.T) {
	script, output := shell(t, `echo "$1" >>"$0"; read -r none <"$0.fifo"`)
	if err := syscall.Mkfifo(script[3]+".fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Scripts{Log: new(journal).log()}
	s.Flush(t.Context())
	for i := range 3 {
		s.Submit(script, Command{fmt.Sprint(i), []Event{{}}})
	}
	s.Flush(t.Context())
	nuttest.Await(t, func() error {
		if got := len(strings.Fields(output())); got != 3 {
			return fmt.Errorf("%d began", got)
		}
		return nil
	})
	free, err := os.OpenFile(script[3]+".fifo", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	fmt.Fprint(free, "\n\n\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	full := &Scripts{Log: new(journal).log(), Parallel: 1, Queue: 1}
	full.unbegun = 1 // one that never begins
	full.Flush(ctx)
}
