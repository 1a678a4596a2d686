package main

import (
	"io"
	"log/slog"
	"os"
	"strconv"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/journal"
)

// newLogger logs from a level on, to w or to the system's journal. Where there is
// no journal, it says so to w, and goes on there as text.
func newLogger(w io.Writer, format config.LogFormat, level slog.Leveler) *slog.Logger { //nolint:misspell // slog's word
	o := &slog.HandlerOptions{Level: level}
	switch format {
	case config.LogJSON:
		return slog.New(slog.NewJSONHandler(w, o))
	case config.LogJournal:
		h, err := journal.New(level)
		if err == nil {
			return slog.New(h)
		}
		text := slog.New(slog.NewTextHandler(w, o))
		text.Warn("not logging to the journal", "error", err)
		return text
	case config.LogText:
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// systemLog is the log of a program that has no output: the system's, or
// nowhere where there is none.
func systemLog(program string, level slog.Leveler) *slog.Logger { //nolint:misspell // slog's word
	return slog.New(slog.NewTextHandler(openSystemLog(program), &slog.HandlerOptions{Level: level, ReplaceAttr: withoutTime}))
}

// withoutTime leaves out what the system's log knows by itself.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// logLevel is the level that -D, -q, the configuration's debug_min and
// NUT_DEBUG_LEVEL make of the usual one.
func logLevel(usual slog.Level, debug, debugMin, quiet int) slog.Level {
	if max(debug, debugMin, debugLevel()) > 0 {
		return slog.LevelDebug
	}
	if quiet > 0 {
		return slog.LevelInfo + slog.Level(4*quiet)
	}
	return usual
}

// debugLevel is NUT_DEBUG_LEVEL.
func debugLevel() int {
	n, err := strconv.Atoi(os.Getenv("NUT_DEBUG_LEVEL"))
	if err != nil {
		return 0
	}
	return n
}
