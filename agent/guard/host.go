package guard

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/wattnut/wattnut/internal/killflag"
)

// flagTime is how long the power-down flag may take: a disk that hangs must not
// keep the host from going down.
const flagTime = 5 * time.Second

// Ender is a way to end the host.
type Ender interface {
	// End ends the host. It is called once, and returns when there is no more to
	// do: the host may still be on its way down.
	End(ctx context.Context) error
	// Probe tells whether End would work, without harm.
	Probe(ctx context.Context) []Check
}

// Host is the machine that this process runs on, and how it is ended.
type Host struct {
	flag  killflag.File
	ender Ender
	log   *slog.Logger

	once sync.Once
	err  error
}

// NewHost returns the host, for the process that may end it. A flag that the last
// shutdown left is taken down. A file in its place that is something else is
// told, and left alone, and then no flag will be raised, as in NUT.
func NewHost(flag killflag.File, ender Ender, log *slog.Logger) *Host {
	if err := flag.Lower(); err != nil {
		log.Error("power-down flag disabled: the UPS will not be switched off after a shutdown", "file", string(flag), "error", err)
		if errors.Is(err, killflag.ErrForeign) {
			flag = ""
		}
	}
	return &Host{flag: flag, ender: ender, log: log}
}

// PowerOff raises the flag and ends the host. However often it is called, and
// from wherever, this happens once; each call returns when it is done. Without
// the flag the host still ends.
func (h *Host) PowerOff(ctx context.Context) error {
	h.once.Do(func() {
		h.raise()
		h.log.Warn("ending the host")
		if h.err = h.ender.End(ctx); h.err != nil {
			h.log.Error("the host could not be ended", "error", h.err)
		}
	})
	return h.err
}

func (h *Host) raise() {
	done := make(chan error, 1)
	go func() { done <- h.flag.Raise() }()
	select {
	case err := <-done:
		if err != nil {
			h.log.Error("power-down flag not raised: the UPS will not be switched off", "error", err)
		}
	case <-time.After(flagTime):
		h.log.Error("power-down flag takes too long, going on without it")
	}
}
