package journal

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// kept is a handler that keeps what it is given, as fields.
type kept struct {
	mu     *sync.Mutex
	lines  *[]string
	before []slog.Attr
}

func newKept() kept { return kept{new(sync.Mutex), new([]string), nil} }

func (k kept) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (k kept) Handle(_ context.Context, r slog.Record) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	line := r.Level.String() + "|" + r.Message
	add := func(a slog.Attr) bool {
		a = field(nil, a)
		line += "|" + a.Key + "=" + a.Value.String()
		return true
	}
	for _, a := range k.before {
		add(a)
	}
	r.Attrs(add)
	*k.lines = append(*k.lines, line)
	return nil
}

func (k kept) WithAttrs(attrs []slog.Attr) slog.Handler {
	k.before = append(k.before, attrs...)
	return k
}

func (k kept) WithGroup(string) slog.Handler { return k }

// Who reads the journal sees the whole record in the message, and can ask for
// each part of it.
func TestHandler(t *testing.T) {
	k := newKept()
	log := slog.New(newHandler(k))
	log.Debug("not told")
	log.Info("ready")
	log.With("ups", "rack").Warn("no contact", "error", errors.New("two\nlines"), "after", 1500*time.Millisecond)
	log.Error("driver panicked", "exit-code", 3, "größe", "")
	want := []string{
		"INFO|ready",
		`WARN|no contact ups=rack error="two\nlines" after=1.5s|WATTNUT_UPS=rack|WATTNUT_ERROR=two` + "\n" + `lines|WATTNUT_AFTER=1.5s`,
		`ERROR|driver panicked exit-code=3 größe=""|WATTNUT_EXIT_CODE=3|WATTNUT_GR__E=`,
	}
	if got := strings.Join(*k.lines, "\n--\n"); got != strings.Join(want, "\n--\n") {
		t.Errorf("got\n%s", got)
	}
}

// Records of many goroutines are not mixed up.
func TestHandlerAtOnce(t *testing.T) {
	k := newKept()
	log := slog.New(newHandler(k))
	var all sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		all.Go(func() {
			for range 200 {
				log.With("ups", name).Info("event", "type", name)
			}
		})
	}
	all.Wait()
	if len(*k.lines) != 800 {
		t.Errorf("%d records", len(*k.lines))
	}
	for _, line := range *k.lines {
		name := line[len(line)-1:]
		if line != "INFO|event ups="+name+" type="+name+"|WATTNUT_UPS="+name+"|WATTNUT_TYPE="+name {
			t.Fatalf("got %q", line)
		}
	}
}

// What is logged is the same to who reads text.
func TestHandlerSaysWhatTextSays(t *testing.T) {
	k := newKept()
	var text bytes.Buffer
	for _, h := range []slog.Handler{newHandler(k), slog.NewTextHandler(&text, nil)} {
		slog.New(h).WithGroup("g").With("a", 1).Info("m", slog.Group("h", "b", "x y"), "c", time.Minute)
	}
	_, attributes, _ := strings.Cut(strings.TrimSpace(text.String()), " msg=")
	message, _, _ := strings.Cut((*k.lines)[0], "|WATTNUT")
	if message != "INFO|"+attributes {
		t.Errorf("%q in the journal is %q as text", message, attributes)
	}
}
