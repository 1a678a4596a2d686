package sched

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut/conf"
)

// began is when the tests of the pure parts begin.
var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

const heading = "CMDSCRIPT /bin/cmd\nPIPEFN /run/pipe\nLOCKFN /run/lock\n"

// configure reads an upssched.conf that has nothing wrong in it.
func configure(t *testing.T, text string) *Config {
	t.Helper()
	c, problems := parse(t, text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return c
}

func parse(t *testing.T, text string) (*Config, []conf.Problem) {
	t.Helper()
	file, err := conf.Parse(conf.UPSSchedConf, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c, problems := Parse(file)
	return c, append(file.Problems, problems...)
}

// event reads "ONBATT ups", with "message" as its message.
func event(text string) Event {
	kind, ups, _ := strings.Cut(text, " ")
	return Event{kind, ups, kind + " of " + ups}
}

// line shows a command: its name and environment.
func line(c Command) string {
	text := c.Name
	for _, v := range c.Env() {
		_, value, _ := strings.Cut(v, "=")
		text += "|" + strings.ReplaceAll(value, "\t", "~")
	}
	return text
}

func lines(commands []Command) string {
	var all []string
	for _, c := range commands {
		all = append(all, line(c))
	}
	return strings.Join(all, "\n")
}

// record is an Executor that keeps what it is told to run, with the seconds
// since it was made.
type record struct {
	mu    sync.Mutex
	start time.Time
	ran   []string
}

func newRecord() *record { return &record{start: time.Now()} }

func (r *record) Submit(_ []string, c Command) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ran = append(r.ran, fmt.Sprintf("%g %s", time.Since(r.start).Seconds(), line(c)))
}

func (r *record) want(t *testing.T, want ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if got, want := strings.Join(r.ran, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("ran\n%s\nwant\n%s", got, want)
	}
	r.ran = nil
}

// journal is a log that is kept.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) log() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

func (j *journal) want(t *testing.T, part string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !strings.Contains(j.text.String(), part) {
		t.Errorf("log %q does not say %q", j.text.String(), part)
	}
}
