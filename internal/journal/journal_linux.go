package journal

import (
	"errors"
	"log/slog"

	"github.com/coreos/go-systemd/v22/journal"
	slogjournal "github.com/systemd/slog-journal"
)

// New returns a handler that logs to the journal of this machine, from a level
// on. Where there is no journal now, that is an error; one that goes away later
// loses what it misses.
func New(level slog.Leveler) (slog.Handler, error) { //nolint:misspell // slog's word
	if !journal.Enabled() {
		return nil, errors.New("no journal of systemd's answers here")
	}
	fields, err := slogjournal.NewHandler(&slogjournal.Options{Level: level, ReplaceAttr: field, ReplaceGroup: fieldName})
	if err != nil {
		return nil, err
	}
	return newHandler(fields), nil
}
