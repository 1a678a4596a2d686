package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/internal/daemon"
)

// overdue is how much later than a shutdown should have come one that was
// interrupted may still go on.
const overdue = time.Minute

// resolve is a file that is there while a shutdown is decided and not carried
// out yet. If the process dies in between, the next one goes on with it: the
// hosts that were told to go down have, and those that feed on the same UPS wait
// for the power to be cut.
type resolve struct {
	path   string
	within time.Duration // how long a shutdown may take from the decision on
	taken  chan struct{}
	log    *slog.Logger
}

func newResolve(stateDir string, c monitor.Config, log *slog.Logger) *resolve {
	return &resolve{
		path: filepath.Join(stateDir, "upsmon.shutdown"), within: c.HostSync + c.FinalDelay + overdue,
		taken: make(chan struct{}, 1), log: log,
	}
}

// heed notes that the shutdown is decided, if the notice says that. It does not
// wait for the disk.
func (r *resolve) heed(n monitor.Notify) {
	if n.Type != monitor.Shutdown && n.Type != monitor.ShutdownHostSync {
		return
	}
	select {
	case r.taken <- struct{}{}:
	default:
	}
}

// run keeps the file until ctx ends: by then the shutdown is carried out, or
// somebody has ended this process.
func (r *resolve) run(ctx context.Context) {
	for {
		select {
		case <-r.taken:
			if err := os.WriteFile(r.path, []byte(r.sign()), 0o600); err != nil {
				r.log.Warn("if this process dies now, the shutdown is not gone on with", "error", err)
			}
		case <-ctx.Done():
			r.drop()
			return
		}
	}
}

func (r *resolve) drop() {
	if err := os.Remove(r.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.log.Warn("file stays", "error", err)
	}
}

// left tells whether a process of this run of the system has died in the middle
// of a shutdown, not long ago.
func (r *resolve) left() bool {
	info, err := os.Stat(r.path)
	if err != nil {
		return false
	}
	text, err := os.ReadFile(r.path)
	return err == nil && daemon.BootID() != "" && string(text) == r.sign() && time.Since(info.ModTime()) < r.within
}

// sign is what is in the file: which run of the system it is from, and which
// process, by its place.
func (*resolve) sign() string { return fmt.Sprintln(daemon.BootID(), upsmonPID()) }
