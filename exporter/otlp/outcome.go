package otlp

import (
	"log/slog"
	"sync"
)

// outcome counts how the sending of a signal goes, and tells when it begins to
// fail and when it works again: not each time, since a collector may be away
// for long.
type outcome struct {
	signal string
	log    *slog.Logger

	mu           sync.Mutex
	failing      bool
	sent, failed uint64
}

func (o *outcome) note(err error) {
	o.mu.Lock()
	was := o.failing
	o.failing = err != nil
	if err != nil {
		o.failed++
	} else {
		o.sent++
	}
	o.mu.Unlock()
	switch {
	case err != nil && !was:
		o.log.Warn("cannot send to the collector", "signal", o.signal, "error", clip(err.Error(), maxText))
	case err == nil && was:
		o.log.Info("sending to the collector again", "signal", o.signal)
	}
}

// counts is how often sending went well, and how often not.
func (o *outcome) counts() (sent, failed uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sent, o.failed
}
