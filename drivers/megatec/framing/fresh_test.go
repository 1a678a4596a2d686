package framing

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// talker is a HID device that answers each command after a while, and so many times;
// its packets wait until they are read.
type talker struct {
	HID
	packets chan string
	answers []answer // the next commands' ones
}

type answer struct {
	text  string
	after time.Duration
	times int
}

func (d *talker) SetReport(_ context.Context, _ usbdev.ReportKind, _ []byte) error {
	a := d.answers[0]
	d.answers = d.answers[1:]
	go func() {
		<-time.After(a.after)
		for range a.times {
			for i := 0; i < len(a.text); i += 8 {
				d.packets <- a.text[i:min(len(a.text), i+8)]
			}
		}
	}()
	return nil
}

func (d *talker) ReadInterrupt(ctx context.Context, buf []byte) (int, error) {
	select {
	case p := <-d.packets:
		return copy(buf, p), nil
	case <-ctx.Done():
		return 0, usbdev.ErrTimeout
	}
}

// TestFresh: an answer that comes too late, or twice, is never that to another command:
// the state would be that of a while ago, for ever.
func TestFresh(t *testing.T) {
	line := func(n string) string { return "(" + n + strings.Repeat(" ", 40) + "\r" }
	for name, tt := range map[string]struct {
		answers []answer
		want    []string // "" for silence
	}{
		"as it should be": {[]answer{{line("1"), 0, 1}, {line("2"), 0, 1}, {line("3"), 0, 1}}, []string{line("1"), line("2"), line("3")}},
		"too late":        {[]answer{{line("1"), 1100 * time.Millisecond, 1}, {line("2"), 0, 1}, {line("3"), 0, 1}}, []string{"", line("2"), line("3")}},
		"twice":           {[]answer{{line("1"), 0, 2}, {line("2"), 0, 2}, {line("3"), 0, 2}}, []string{line("1"), line("2"), line("3")}},
		"half of it":      {[]answer{{"(half", 0, 1}, {line("2"), 0, 1}, {line("3"), 0, 1}}, []string{"", line("2"), line("3")}},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := &talker{packets: make(chan string, 64), answers: tt.answers}
			f, err := New("cypress", OverHID(d), Options{})
			if err != nil {
				t.Fatal(err)
			}
			for n, want := range tt.want {
				got, err := f.Exchange(t.Context(), []byte("Q1\r"))
				if string(got) != want || (err == nil) != (want != "") {
					t.Errorf("%s: answer %d is %q, %v", name, n+1, got, err)
				}
				<-time.After(time.Second)
			}
		})
	}
}

// TestBabble: a device that sends without end does not hold its owner.
func TestBabble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &talker{packets: make(chan string)}
		go func() {
			for {
				select {
				case d.packets <- "babble":
				case <-t.Context().Done():
					return
				}
			}
		}()
		f, err := New("cypress", OverHID(d), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Exchange(t.Context(), []byte("Q1\r")); !isSilent(err) {
			t.Errorf("got %q, %v", got, err)
		}
	})
}
