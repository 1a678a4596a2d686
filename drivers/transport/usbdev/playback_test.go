package usbdev

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestRecordPlayback records all there is, and plays it back.
func TestRecordPlayback(t *testing.T) {
	var tape bytes.Buffer
	r := NewRecorder(&tape)
	r.Info(cyberPower)
	r.Note(CallDescriptor, nil, []byte{5, 0x84}, nil)
	r.Note(CallGet(Feature, 12, 8), nil, []byte{12, 100}, nil)
	r.Note(CallGet(Feature, 13, 8), nil, nil, fmt.Errorf("id 13: %w", ErrStall))
	r.Note(CallSet(Feature), []byte{1, 2}, nil, nil)
	r.Note(CallIn, nil, []byte{7}, nil)
	r.Note(CallOut, []byte{9}, nil, nil)
	r.Note(CallString(3), nil, []byte("é < > !"), nil)
	r.Note(CallControl(0xc0, 6, 0x303, 0x409, 4), nil, []byte{1, 2, 3}, nil)
	r.Note(CallControl(0x21, 9, 0x200, 0, 2), []byte{5, 6}, nil, nil)
	r.Note(CallClear(0x81), nil, nil, nil)
	r.Note(CallReset, nil, nil, errors.New("any other"))
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	p, err := NewPlayback(strings.NewReader("# a remark\n\n" + tape.String()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, buf := t.Context(), make([]byte, 8)
	if p.Info() != cyberPower {
		t.Errorf("info: %+v", p.Info())
	}
	if d, err := p.ReportDescriptor(ctx); !bytes.Equal(d, []byte{5, 0x84}) || err != nil {
		t.Errorf("descriptor: %x, %v", d, err)
	}
	if n, err := p.GetReport(ctx, Feature, 12, buf); n != 2 || buf[1] != 100 || err != nil {
		t.Errorf("get: %d, %x, %v", n, buf, err)
	}
	if _, err := p.GetReport(ctx, Feature, 13, buf); !errors.Is(err, ErrStall) {
		t.Errorf("get 13: %v", err)
	}
	if _, err := p.GetReport(ctx, Feature, 99, buf); !errors.Is(err, ErrStall) || !strings.Contains(err.Error(), "not in the recording") {
		t.Errorf("get 99: %v", err)
	}
	if err := p.SetReport(ctx, Feature, []byte{1, 2}); err != nil {
		t.Errorf("set: %v", err)
	}
	if n, err := p.ReadInterrupt(ctx, buf); n != 1 || buf[0] != 7 || err != nil {
		t.Errorf("in: %d, %x, %v", n, buf, err)
	}
	if n, err := p.WriteInterrupt(ctx, []byte{9}); n != 1 || err != nil {
		t.Errorf("out: %d, %v", n, err)
	}
	if text, err := p.String(ctx, 3); text != "é < > !" || err != nil {
		t.Errorf("string: %q, %v", text, err)
	}
	if n, err := p.Control(ctx, 0xc0, 6, 0x303, 0x409, buf[:4]); n != 3 || buf[2] != 3 || err != nil {
		t.Errorf("control in: %d, %x, %v", n, buf, err)
	}
	if n, err := p.Control(ctx, 0x21, 9, 0x200, 0, []byte{5, 6}); n != 2 || err != nil {
		t.Errorf("control out: %d, %v", n, err)
	}
	if err := p.ClearHalt(ctx, 0x81); err != nil {
		t.Errorf("clear: %v", err)
	}
	if err := p.Reset(ctx); err == nil || errors.Is(err, ErrStall) {
		t.Errorf("reset: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// The answers to a question come one after the other, and then anew.
func TestPlaybackOrder(t *testing.T) {
	p, err := NewPlayback(strings.NewReader("get feature 1 8 < 0101\nget feature 2 8 < 02\nget feature 1 8 < 0102\nget feature 1 8 ! gone\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 4 {
		buf := make([]byte, 8)
		n, err := p.GetReport(t.Context(), Feature, 1, buf)
		got = append(got, fmt.Sprintf("%x %v", buf[:n], errors.Is(err, ErrGone)))
	}
	if want := "0101 false,0102 false, true,0101 false"; strings.Join(got, ",") != want {
		t.Errorf("%q, not %q", got, want)
	}
}

// A read beside other calls waits for its packet, and no longer than it may.
func TestPlaybackInterrupts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := NewPlayback(strings.NewReader("set output > 51310d < \nin < 28\nin ! timeout\n"))
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan string, 1)
		go func() {
			buf := make([]byte, 8)
			n, err := p.ReadInterrupt(t.Context(), buf)
			got <- fmt.Sprintf("%x %v", buf[:n], err)
		}()
		synctest.Wait()
		if err := p.SetReport(t.Context(), Output, []byte("Q1\r")); err != nil {
			t.Fatal(err)
		}
		if text := <-got; text != "28 <nil>" {
			t.Errorf("got %s", text)
		}
		if _, err := p.ReadInterrupt(t.Context(), nil); !errors.Is(err, ErrTimeout) {
			t.Errorf("the recorded timeout: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.ReadInterrupt(ctx, nil); !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the end of the recording: %v", err)
		}
		if err := p.SetReport(ctx, Output, []byte("Q1\r")); !errors.Is(err, ErrTimeout) {
			t.Errorf("after its time: %v", err)
		}
	})
}

func TestPlaybackMistakes(t *testing.T) {
	for _, tt := range []struct{ tape, want string }{
		{"in\n", "line 1: neither"},
		{"\nin < 0\n", "line 2: what was received"},
		{"out > x < \n", "line 1: what was sent"},
		{"info {\n", "line 1: "},
		{strings.Repeat("x", maxLine+1), "too long"},
	} {
		if _, err := NewPlayback(strings.NewReader(tt.tape)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.20q: %v, not %s", tt.tape, err, tt.want)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("full") }

// A recording that cannot be written hurts nobody; without a Recorder nothing is.
func TestRecorderFails(t *testing.T) {
	r := NewRecorder(fullDisk{})
	r.Note(CallIn, nil, nil, nil)
	r.Note(CallIn, nil, nil, nil)
	if r.Err() == nil {
		t.Error("no error")
	}
	var none *Recorder
	none.Note(CallIn, nil, nil, nil)
	none.Info(Info{})
}

// FuzzPlayback: whatever is read can be written and read again.
func FuzzPlayback(f *testing.F) {
	f.Add("info {\"VendorID\":1}\ndescriptor < 05\nget feature 1 8 ! stall\nset output > 00 < \nin <\n# x\n")
	f.Fuzz(func(t *testing.T, tape string) {
		p, err := NewPlayback(strings.NewReader(tape))
		if err != nil {
			return
		}
		var again bytes.Buffer
		r := NewRecorder(&again)
		for _, e := range p.tape {
			r.Note(e.call, e.sent, e.received, e.err)
		}
		q, err := NewPlayback(&again)
		if err != nil || len(q.tape) != len(p.tape) {
			t.Fatalf("%d exchanges, then %v", len(p.tape), err)
		}
	})
}
