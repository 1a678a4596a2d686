package nutsocket

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	maxOutputLine = 512 // bytes of a line of output that are kept
	tailLines     = 6   // lines that explain the end of a process
)

// output takes what a driver process prints: each line goes into the log,
// within bounds, and the last ones are kept to explain its end. What a driver
// says before there is contact is logged for debugging only: one that never
// gets so far is tried for ever, and says the same each time. It is an io.Writer
// that never fails.
type output struct {
	log     *slog.Logger
	limiter *rate.Limiter

	mu   sync.Mutex
	loud bool     // there was contact
	line []byte   // not ended yet
	tail []string // the last lines
}

func newOutput(log *slog.Logger) *output {
	return &output{log: log, limiter: rate.NewLimiter(rate.Every(time.Second), 50)}
}

// Write takes a piece of output.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for rest := p; len(rest) > 0; {
		piece, more, ended := bytes.Cut(rest, []byte("\n"))
		o.line = append(o.line, piece[:min(len(piece), maxOutputLine-len(o.line))]...)
		if ended {
			o.take(strings.TrimSpace(string(o.line)))
			o.line = o.line[:0]
		}
		rest = more
	}
	return len(p), nil
}

// take deals with one line. Nothing is logged beyond some lines a minute: a
// driver that has lost its device can print without end.
func (o *output) take(line string) {
	if line == "" {
		return
	}
	if len(o.tail) == tailLines {
		o.tail = append(o.tail[:0], o.tail[1:]...)
	}
	o.tail = append(o.tail, line)
	if o.limiter.Allow() {
		level := slog.LevelDebug
		if o.loud {
			level = slog.LevelInfo
		}
		o.log.Log(context.Background(), level, "driver says", "line", line)
	}
}

// raise lets what the driver says from now on be seen.
func (o *output) raise() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.loud = true
}

// last is the last lines, on one.
func (o *output) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.tail) == 0 && len(o.line) == 0 {
		return "it printed nothing"
	}
	return strings.TrimSpace(strings.Join(o.tail, "; ") + " " + string(o.line))
}
