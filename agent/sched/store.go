package sched

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/wattnut/wattnut/internal/daemon"
)

// maxFile is how much is read of a file of timers: more than they can fill.
const maxFile = 64 << 20

// stored is the content of the file.
type stored struct {
	// Boot names the run of the system that the timers belong to, where it can
	// be told: none outlives a restart of the host.
	Boot   string  `json:"boot,omitempty"`
	Timers []Timer `json:"timers"`
}

// restore returns the timers of the file that shall run on at now.
func restore(o Options, now time.Time) []Timer {
	log := o.Log.With("file", o.File)
	kept, err := load(o.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		log.Error("timers of the last run are lost: their file cannot be read", "error", err)
		return nil
	case kept.Boot != daemon.BootID():
		log.Warn("timers dropped: they are from before the host was started", "timers", len(kept.Timers))
		return nil
	}
	var timers []Timer
	for _, t := range kept.Timers[:min(len(kept.Timers), MaxTimers)] {
		if t.resume(log, o, now) {
			timers = append(timers, t)
		}
	}
	return timers
}

// resume makes a timer of the file run on, or tells that it is too late.
func (t *Timer) resume(log *slog.Logger, o Options, now time.Time) bool {
	late := now.Sub(t.End)
	if late > o.Overdue {
		log.Warn("timer dropped: it ended too long ago", "timer", t.Name, "end", t.End)
		return false
	}
	// A clock that was set back shall not make it run longer than ever meant,
	// and a reading of now makes it follow no clock that is set from here on.
	t.End = now.Add(max(min(-late, t.After), o.Settle))
	if t.Causes = t.Causes[:min(len(t.Causes), MaxCauses)]; len(t.Causes) == 0 {
		t.Causes = []Event{{}}
	}
	for i, e := range t.Causes {
		t.Causes[i] = e.clean()
	}
	t.Name, t.kept = clean(t.Name), true
	log.Info("timer goes on", "timer", t.Name, "end", t.End)
	return true
}

func load(path string) (kept stored, err error) {
	f, err := os.Open(path)
	if err != nil {
		return stored{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return stored{}, err
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return stored{}, err
	}
	return kept, nil
}

// save writes the file whenever the timers have changed, until ctx ends. It is
// alone in its goroutine, so that a disk that hangs holds up no timer.
func (s *Scheduler) save(ctx context.Context) {
	for {
		select {
		case <-s.unsaved:
			s.write()
		case <-ctx.Done():
			select {
			case <-s.unsaved:
				s.write()
			default:
			}
			return
		}
	}
}

func (s *Scheduler) write() {
	if s.options.File == "" {
		return
	}
	s.mu.Lock()
	kept := stored{daemon.BootID(), s.timers.All()}
	s.mu.Unlock()
	if err := store(s.options.File, kept); err != nil {
		s.options.Log.Error("timers not kept: they end with this process", "error", err)
	}
}

// store puts a new file into the place of the old one, or leaves that alone.
func store(path string, kept stored) error {
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return os.Rename(next, path)
}
