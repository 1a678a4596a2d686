package history

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func present(string) bool { return true }

// journal is a log in memory.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) has(text string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Contains(j.text.String(), text)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// start opens a history and runs it; stop ends it as an agent's end does.
func start(t *testing.T, path string, present func(string) bool, w io.Writer) (h *History, stop func()) {
	t.Helper()
	h = Open(path, slog.New(slog.NewTextHandler(w, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx, present) }()
	return h, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// What is counted goes on over a restart, an outage that began before it too.
func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "history.db")
	synctest.Test(t, func(t *testing.T) {
		h, stop := start(t, path, present, t.Output())
		h.Observe(said("OL, ups.realpower=100"))
		pass(time.Hour)
		h.Observe(said("OB, ups.realpower=100, battery.charge=90, input.voltage=0"))
		pass(time.Minute)
		h.Observe(said("OL, ups.realpower=100"))
		pass(time.Minute)
		h.Observe(said("OB TEST, ups.realpower=100"))
		pass(5 * time.Second)
		stop()

		pass(55 * time.Second)
		h, stop = start(t, path, present, t.Output())
		h.Observe(said("OB TEST, ups.realpower=100"))
		pass(time.Minute)
		if a, past := h.Of("U", time.Now()); len(past) != 1 || a.OnBattery != 3*time.Minute || a.Outage == nil || a.Outage.OnBattery != 2*time.Minute {
			t.Errorf("in the outage: %+v, past %+v", a, past)
		}
		h.Observe(said("OL, ups.realpower=100"))
		stop()

		h, stop = start(t, path, present, t.Output())
		defer stop()
		a, past := h.Of("u", time.Now())
		if a.OnBattery != 3*time.Minute || a.Transfers[VoltageLow] != 1 || a.Transfers[SelfTest] != 1 || a.Outages != 1 || a.Outage != nil || a.Measured != 100*3785 {
			t.Errorf("at the end: %+v", a)
		}
		if len(past) != 2 || *past[0].Lowest != 90 || past[0].End.Sub(past[0].Start) != time.Minute || past[1].Cause != SelfTest {
			t.Errorf("past %+v", past)
		}
		if a, past := h.Of("stranger", time.Now()); a.Outages != 0 || past != nil {
			t.Error("a stranger has a history")
		}
	})
}

// An agent that is killed loses a minute of an outage, and ten of mains.
func TestUncleanEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	synctest.Test(t, func(t *testing.T) {
		h, stop := start(t, path, present, t.Output())
		defer stop()
		h.Observe(said("OL, ups.realpower=1"))
		pass(100 * time.Minute)
		lost(t, path, 10*time.Minute, func(a Account) time.Duration {
			return 100*time.Minute - time.Duration(a.Measured)*time.Second
		})
		h.Observe(said("OB"))
		pass(20 * time.Minute)
		lost(t, path, 70*time.Second, func(a Account) time.Duration { return 20*time.Minute - a.OnBattery })
	})
}

// lost reads a copy of the file, as it would be after a kill.
func lost(t *testing.T, path string, most time.Duration, lack func(Account) time.Duration) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	twin := filepath.Join(t.TempDir(), "twin.db")
	if err := os.WriteFile(twin, text, 0o600); err != nil {
		t.Fatal(err)
	}
	h := Open(twin, quiet())
	a, _ := h.Of("u", time.Now())
	if got := lack(a); got < 0 || got > most {
		t.Errorf("lost %s: %+v", got, a)
	}
	if err := h.file.close(); err != nil {
		t.Error(err)
	}
}

// The file is not written more than needed: never for what does not change, and
// seldom for a UPS whose mains comes and goes all the time.
func TestWritesAreFew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	synctest.Test(t, func(t *testing.T) {
		h, stop := start(t, path, present, io.Discard)
		defer stop()
		h.Observe(said("OL"))
		pass(24 * time.Hour)
		if n := writes(t, h); n != 0 {
			t.Errorf("%d writes of a quiet UPS", n)
		}
		h.Observe(said("OL, ups.realpower=1"))
		pass(24 * time.Hour)
		if n := writes(t, h); n < 100 || n > 145 {
			t.Errorf("%d writes in a day of mains", n)
		}
		before := writes(t, h)
		for range 100 {
			h.Observe(said("OB"))
			pass(time.Second)
			h.Observe(said("OL"))
			pass(time.Second)
		}
		if n := writes(t, h) - before; n < 10 || n > 21 {
			t.Errorf("%d writes of a mains that flickers for 200 seconds", n)
		}
		pass(pace)
		if _, past := h.Of("u", time.Now()); len(past) != maxOutages {
			t.Errorf("%d outages", len(past))
		}
	})
	info, err := os.Stat(path)
	if err != nil || info.Size() > 1<<20 || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// writes is how often a file was written: the number of its last change, where
// an empty one begins with 1.
func writes(t *testing.T, h *History) int {
	t.Helper()
	tx, err := h.file.db.Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	return tx.ID() - 1
}

// Time passes for no UPS that is not in the configuration any more.
func TestDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dropped := make(chan struct{})
		h, stop := start(t, "", func(string) bool {
			select {
			case <-dropped:
				return false
			default:
				return true
			}
		}, t.Output())
		defer stop()
		h.Observe(said("OB"))
		pass(10 * time.Minute)
		close(dropped)
		pass(time.Hour)
		if a, _ := h.Of("u", time.Now()); a.OnBattery < 9*time.Minute || a.OnBattery > 12*time.Minute {
			t.Errorf("%s on battery", a.OnBattery)
		}
	})
}

// A file that another agent has is left to it, and one that cannot be made
// costs the memory over restarts only.
func TestNoFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "history.db")
	_, stop := start(t, path, present, t.Output())
	defer stop()
	for _, tt := range []struct{ path, sentence string }{
		{path, "another agent has it"},
		{filepath.Join(path, "below", "a.db"), "not a directory"},
		{dir, "is a directory"},
		{"", ""},
	} {
		var log journal
		h, stop := start(t, tt.path, present, &log)
		h.Observe(said("OB"))
		if a, _ := h.Of("u", time.Now()); a.Outages != 1 {
			t.Errorf("%q: %+v", tt.path, a)
		}
		stop()
		if !log.has(tt.sentence) || log.has("in memory only") != (tt.sentence != "") {
			t.Errorf("%q: %s", tt.path, log.text.String())
		}
	}
}

// Of many UPSes in the file, those that were seen last are kept.
func TestManyEntries(t *testing.T) {
	h := &History{log: quiet(), entries: map[string]*entry{}}
	var records []record
	for i := range maxEntries + 10 {
		records = append(records, record{key: fmt.Sprint(i), account: Account{Seen: noon.Add(time.Duration(i) * time.Second)}})
	}
	h.take(records)
	if len(h.entries) != maxEntries || h.entries["9"] != nil || h.entries["10"] == nil {
		t.Errorf("%d entries", len(h.entries))
	}
}
