package guard

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/wattnut/wattnut/internal/killflag"
)

const (
	probeEvery = time.Hour
	probeTime  = 20 * time.Second
)

// Check is one thing that the way down needs, and how it was found.
type Check struct {
	Name string `json:"name"` // "shutdown command", "power-down flag", "login manager"
	OK   bool   `json:"ok"`
	Text string `json:"text"` // what was found, or what is wrong
}

// check makes a Check of what was found.
func check(name, text string, err error) Check {
	if err != nil {
		return Check{name, false, err.Error()}
	}
	return Check{name, true, text}
}

// Probe tells whether the host could be ended now. It changes nothing, and is
// only true of the process that calls it.
func (h *Host) Probe(ctx context.Context) []Check {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	checks := h.ender.Probe(ctx)
	if h.flag != "" {
		checks = append(checks, probeFlag(h.flag))
	}
	return checks
}

func probeFlag(flag killflag.File) Check {
	dir := filepath.Dir(string(flag))
	if err := flag.Check(); err == nil {
		return check("power-down flag", "is raised", nil)
	}
	return check("power-down flag", dir, roomFor(dir))
}

// probes sends what Probe finds, now and from time to time, until ctx ends. What
// is worse or better than last time is logged.
func (h *Host) probes(ctx context.Context, every time.Duration, found chan<- []Check) {
	var last []Check
	for {
		now := h.Probe(ctx)
		if ctx.Err() != nil {
			return
		}
		h.tell(last, now)
		last = now
		select {
		case found <- now:
		case <-ctx.Done():
			return
		}
		if !pause(ctx, every) {
			return
		}
	}
}

func (h *Host) tell(last, now []Check) {
	for _, c := range now {
		i := slices.IndexFunc(last, func(l Check) bool { return l.Name == c.Name })
		switch was := i < 0 || last[i].OK; {
		case was && !c.OK:
			h.log.Error("a shutdown would fail", "check", c.Name, "reason", c.Text)
		case !was && c.OK:
			h.log.Info("a shutdown would work again", "check", c.Name, "found", c.Text)
		}
	}
}

func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(b), []byte("\n"))
	return fmt.Sprintf("%.200s", line)
}
