package history

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// How often the file is written. What only grows with time is worth less than
// the disk's life: of that, this much is lost where the agent ends without
// having been asked to.
const (
	pace       = 10 * time.Second // between two writes, whatever happens
	onMains    = 10 * time.Minute
	inOutage   = time.Minute
	maxEntries = 4096 // UPSes in the file; those seen last are kept
)

// Open reads the history in the file at path. What is wrong with the file costs
// only the history, and is told: a damaged one is moved aside, and where none can
// be had, as while another agent has it, everything is kept in memory only. So
// it is for the empty path.
func Open(path string, log *slog.Logger) *History {
	h := &History{log: log, kick: make(chan struct{}, 1), entries: make(map[string]*entry)}
	if path == "" {
		return h
	}
	f, records, err := readFile(path)
	if errors.Is(err, errDamaged) {
		aside := path + ".damaged"
		log.Warn("history begins anew, its file was damaged", "error", err, "moved_to", aside)
		if err = os.Rename(path, aside); err == nil {
			f, records, err = readFile(path)
		}
	}
	if err != nil {
		log.Warn("history is kept in memory only", "file", path, "error", err)
		return h
	}
	h.file = f
	h.take(records)
	return h
}

// readFile opens the file, made if there is none, and reads all of it.
func readFile(path string) (*file, []record, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o770); err != nil {
		return nil, nil, err
	}
	f, err := openFile(path)
	if err != nil {
		return nil, nil, err
	}
	records, err := f.load()
	if err != nil {
		return nil, nil, errors.Join(err, f.close())
	}
	return f, records, nil
}

// take makes entries of what a file had.
func (h *History) take(records []record) {
	slices.SortFunc(records, func(a, b record) int { return b.account.Seen.Compare(a.account.Seen) })
	for _, r := range records[:min(len(records), maxEntries)] {
		e := &entry{account: r.account, past: r.past}
		e.saved = e.mark()
		h.entries[r.key] = e
	}
}

// Run keeps the file up to date until ctx ends, and closes it. present tells
// which UPSes there are: time passes for no others.
func (h *History) Run(ctx context.Context, present func(ups string) bool) error {
	tick := time.NewTicker(inOutage)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return h.finish(present)
		case <-h.kick:
		case <-tick.C:
		}
		h.write(h.due(present, false))
		select {
		case <-ctx.Done():
			return h.finish(present)
		case <-time.After(pace):
		}
	}
}

// finish writes all that the file has not.
func (h *History) finish(present func(string) bool) error {
	h.write(h.due(present, true))
	if h.file == nil {
		return nil
	}
	if err := h.file.close(); err != nil {
		h.log.Warn("history not closed", "error", err)
	}
	return nil
}

// due brings all entries to the present, and returns what is to be written: all
// that has changed, or what has changed enough.
func (h *History) due(present func(string) bool, all bool) []record {
	now := time.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	var records []record
	for key, e := range h.entries {
		switch {
		case e.last == nil:
		case present(key):
			h.step(e, e.last, now)
		default:
			e.last = nil
		}
		if h.file == nil || !e.isDue(now, all) {
			continue
		}
		r := record{key: key, account: e.account.clone(), mark: e.mark()}
		if r.mark.news.past != e.saved.news.past {
			r.past = slices.Clone(e.past)
		}
		records = append(records, r)
	}
	slices.SortFunc(records, func(a, b record) int { return strings.Compare(a.key, b.key) })
	return records
}

// isDue tells whether the file lacks news, or, with all, anything, or something
// for long enough.
func (e *entry) isDue(now time.Time, all bool) bool {
	m := e.mark()
	if m.news != e.saved.news {
		return true
	}
	period := onMains
	if e.account.Outage != nil {
		period = inOutage
	}
	return m.sums != e.saved.sums && (all || e.wrote.IsZero() || now.Sub(e.wrote) >= period)
}

// write writes records, and notes that the file has them. What could not be
// written is tried again.
func (h *History) write(records []record) {
	if len(records) == 0 {
		return
	}
	err := h.file.save(records)
	if err != nil {
		h.log.Warn("history not written", "error", err)
	}
	if errors.Is(err, errDamaged) {
		h.log.Warn("history is kept in memory only from here on: its file is damaged")
		h.file = nil
	}
	if err == nil {
		h.wrote(records)
	}
}

func (h *History) wrote(records []record) {
	now := time.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range records {
		e := h.entries[r.key]
		e.saved, e.wrote = r.mark, now
	}
}
