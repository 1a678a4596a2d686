package journal

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
)

// Prefix is what the names of fields begin with: the attribute "ups" is the field
// WATTNUT_UPS. The journal has names of its own, and they are not to be mixed up.
const Prefix = "WATTNUT_"

// handler passes records on to one that makes fields of their attributes. Their
// message becomes the whole line, as who reads the journal sees nothing else.
type handler struct {
	fields slog.Handler
	words  slog.Handler // writes the attributes to line
	line   *line
}

type line struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// newHandler passes records on to fields.
func newHandler(fields slog.Handler) slog.Handler {
	l := new(line)
	return handler{fields, slog.NewTextHandler(&l.text, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: onlyAttributes}), l}
}

// onlyAttributes leaves out what the journal has fields for.
func onlyAttributes(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
		return slog.Attr{}
	}
	return a
}

// Enabled implements [slog.Handler].
func (h handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.fields.Enabled(ctx, level)
}

// Handle implements [slog.Handler].
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	whole := r.Clone()
	if words := h.attributes(ctx, r); words != "" {
		whole.Message += " " + words
	}
	return h.fields.Handle(ctx, whole)
}

// attributes is the attributes of a record, as slog writes them.
func (h handler) attributes(ctx context.Context, r slog.Record) string {
	h.line.mu.Lock()
	defer h.line.mu.Unlock()
	h.line.text.Reset()
	if err := h.words.Handle(ctx, r); err != nil {
		return ""
	}
	return strings.TrimSpace(h.line.text.String())
}

// WithAttrs implements [slog.Handler].
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.fields.WithAttrs(attrs), h.words.WithAttrs(attrs), h.line}
}

// WithGroup implements [slog.Handler].
func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.fields.WithGroup(name), h.words.WithGroup(name), h.line}
}

// field makes a field of an attribute. The journal drops those whose names have
// anything but large letters, digits and underscores. A time span is written as
// people do.
func field(_ []string, a slog.Attr) slog.Attr {
	a.Key = Prefix + fieldName(a.Key)
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

func fieldName(key string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		default:
			return '_'
		}
	}, key)
}
