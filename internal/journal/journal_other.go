//go:build !linux

package journal

import (
	"errors"
	"log/slog"
)

// New is for Linux, where systemd is.
func New(slog.Leveler) (slog.Handler, error) { //nolint:misspell // slog's word
	return nil, errors.New("systemd's journal is on Linux only")
}
