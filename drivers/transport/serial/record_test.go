package serial

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// talk asks twice, and listens to what comes between.
func talk(t *testing.T, p *Port) {
	t.Helper()
	ctx := limit(t, time.Minute)
	for _, step := range []struct{ send, want string }{{"Y", "SM\r"}, {"", "!"}, {"Q", "08\r"}} {
		if step.send != "" {
			if err := p.Write(ctx, []byte(step.send)); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := p.ReadFull(ctx, len(step.want)); string(got) != step.want || err != nil {
			t.Fatalf("after %q: %q, %v; want %q", step.send, got, err, step.want)
		}
	}
}

func TestRecordAndPlayback(t *testing.T) {
	const record = "# an APC\n> \"Y\"\n< \"SM\"\n< \"\\r!\"\n\n> \"Q\"\n< \"08\\r\"\n"
	conn, err := Playback(strings.NewReader(record))
	if err != nil {
		t.Fatal(err)
	}
	var again strings.Builder
	p := New(Record(conn, &again))
	defer p.Close()
	talk(t, p)
	if _, err := p.Byte(t.Context()); !errors.Is(err, ErrVanished) {
		t.Errorf("after the end: %v", err)
	}
	if err := p.Write(t.Context(), []byte("x")); !errors.Is(err, ErrVanished) {
		t.Errorf("after the end: %v", err)
	}
	if want := strings.NewReplacer("# an APC\n", "", "\n\n", "\n").Replace(record); strings.TrimSuffix(again.String(), "> \"x\"\n") != want {
		t.Errorf("recorded %s, want %s", &again, want)
	}
}

func TestPlaybackDiffers(t *testing.T) {
	conn, err := Playback(strings.NewReader(`> "Y\x1b"` + "\n" + `< "SM"`))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if n, err := io.WriteString(conn, "YQ"); err == nil || !strings.Contains(err.Error(), `"Y\x1b"`) {
		t.Errorf("%d, %v", n, err)
	}
}

func TestPlaybackRefuses(t *testing.T) {
	for _, record := range []string{`Y`, `> Y`, `= "Y"`, `>`} {
		if _, err := Playback(strings.NewReader(record)); err == nil {
			t.Errorf("%q is a record", record)
		}
	}
}
