//go:build linux

package guard

import (
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pipes is a client, and its guard's ends.
func pipes(t *testing.T) (c *Client, hear, tell *os.File) {
	t.Helper()
	hear, words, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	checks, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, f := range []*os.File{hear, words, checks, tell} {
			f.Close()
		}
	})
	return &Client{words: words, checks: checks}, hear, tell
}

func TestClientSays(t *testing.T) {
	c, hear, _ := pipes(t)
	if err := errors.Join(c.Alive(), c.Low(true), c.Low(false), c.Shutdown(), c.Shutdown()); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 16)
	n, _ := hear.Read(got)
	want := []byte{byte(wordAlive), byte(wordLow), byte(wordFine), byte(wordShutdown), byte(wordShutdown)}
	if !slices.Equal(got[:n], want) {
		t.Errorf("said %x, want %x", got[:n], want)
	}
	hear.Close()
	if err := c.Alive(); !errors.Is(err, ErrGone) {
		t.Errorf("to nobody: %v", err)
	}
}

// TestClientStuck does not wait for a guard that hears nothing.
func TestClientStuck(t *testing.T) {
	c, hear, _ := pipes(t)
	syscall.SetNonblock(int(hear.Fd()), true)
	start := time.Now()
	var err error
	for err == nil {
		err = c.Low(true)
	}
	if errors.Is(err, ErrGone) || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

func TestClientRun(t *testing.T) {
	c, _, tell := pipes(t)
	ended := make(chan error)
	go func() { ended <- c.Run(t.Context()) }()
	g := &agent{tell: tell}
	if err := g.told([]Check{{"a", true, "first"}}); err != nil {
		t.Fatal(err)
	}
	tell.WriteString("not JSON\n")
	last := []Check{{"a", false, "last"}, {"b", true, ""}}
	if err := g.told(last); err != nil {
		t.Fatal(err)
	}
	tell.Close()
	if err := <-ended; !errors.Is(err, ErrGone) {
		t.Errorf("the guard is gone: %v", err)
	}
	if !slices.Equal(c.Checks(), last) {
		t.Errorf("knows %+v", c.Checks())
	}
}

// TestReportBounds sends no more than is read, and does not wait for a reader.
func TestReportBounds(t *testing.T) {
	_, _, tell := pipes(t)
	g := &agent{tell: tell}
	if err := g.told([]Check{{"a", true, strings.Repeat("x", reportMax)}}); err == nil {
		t.Error("sent too much")
	}
	var err error
	for range 100 {
		if err = g.told([]Check{{"a", true, strings.Repeat("x", reportMax-100)}}); err != nil {
			break
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("nobody reads: %v", err)
	}
}

// TestChecks has a guard tell its agent what it found.
func TestChecks(t *testing.T) {
	r := newRig(t, "alive checks exit:0")
	if code, err := r.Run(t.Context()); code != 0 || err != nil {
		t.Fatal(code, err)
	}
	got := r.read("checks")
	if !strings.HasPrefix(got, "[{shutdown command true ") || !strings.Contains(got, "{power-down flag true "+r.dir+"}]") {
		t.Errorf("the agent knows %s", got)
	}
}

func TestAdoptNone(t *testing.T) {
	if c, err := Adopt(); c != nil || err != nil {
		t.Errorf("%v, %v", c, err)
	}
}

// TestAdoptWrong refuses descriptors that are no pipes of a guard.
func TestAdoptWrong(t *testing.T) {
	t.Setenv(childVar, "1")
	if c, err := Adopt(); c != nil || err == nil {
		t.Errorf("%v, %v", c, err)
	}
	if os.Getenv(childVar) != "" {
		t.Error("would be found again")
	}
}

func TestChildEnv(t *testing.T) {
	env := []string{"PATH=/bin", "HOME=/root", childVar + "=1", "LISTEN_FDS=2", "WATCHDOG_PID=1", "WATCHDOG_USEC=5", "NUT_CONFPATH=/x"}
	want := []string{"PATH=/bin", "HOME=/root", "WATCHDOG_USEC=5", "NUT_CONFPATH=/x", childVar + "=1"}
	if got := childEnv(env, nil, 0); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	want = slices.Insert(want, 4, "LISTEN_FDS=1")
	if got := childEnv(env, nil, 1); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
