package framing

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// step is one transfer that a scripted device expects, and what comes of it.
type step struct {
	call   string // as a fake describes a transfer
	answer string // bytes as text, or in hexadecimal behind 0x
	err    error
}

// fake is a USB device that follows a script to the letter.
type fake struct {
	t     *testing.T
	steps []step
	at    int
}

func script(t *testing.T, steps ...step) *fake {
	t.Helper()
	f := &fake{t: t, steps: steps}
	t.Cleanup(func() {
		if f.at != len(f.steps) {
			t.Errorf("%d of %d transfers were made; the next is %s", f.at, len(f.steps), f.steps[f.at].call)
		}
	})
	return f
}

// next plays a step.
func (f *fake) next(format string, args ...any) ([]byte, error) {
	f.t.Helper()
	call := fmt.Sprintf(format, args...)
	if f.at == len(f.steps) {
		f.t.Errorf("transfer %d: %s is one too many", f.at, call)
		return nil, usbdev.ErrTimeout
	}
	s := f.steps[f.at]
	f.at++
	if s.call != call {
		f.t.Errorf("transfer %d: got %s\nwant %s", f.at, call, s.call)
	}
	if code, ok := strings.CutPrefix(s.answer, "0x"); ok {
		b, err := hex.DecodeString(code)
		if err != nil {
			f.t.Fatal(err)
		}
		return b, s.err
	}
	return []byte(s.answer), s.err
}

func (f *fake) Control(ctx context.Context, requestType, request byte, value, index uint16, data []byte) (int, error) {
	if _, ok := ctx.Deadline(); !ok {
		f.t.Error("a transfer without a limit")
	}
	if requestType&0x80 != 0 {
		b, err := f.next("get %02x %02x %04x %04x %d", requestType, request, value, index, len(data))
		return copy(data, b), err
	}
	_, err := f.next("set %02x %02x %04x %04x %s", requestType, request, value, index, show(data))
	return len(data), err
}

func (f *fake) ReadInterrupt(ctx context.Context, buf []byte) (int, error) {
	if _, ok := ctx.Deadline(); !ok {
		f.t.Error("a read without a limit")
	}
	b, err := f.next("in %d", len(buf))
	return copy(buf, b), err
}

func (f *fake) WriteInterrupt(_ context.Context, data []byte) (int, error) {
	_, err := f.next("out %s", show(data))
	return len(data), err
}

func (f *fake) ClearHalt(_ context.Context, endpoint byte) error {
	_, err := f.next("clear %02x", endpoint)
	return err
}

func (f *fake) Reset(context.Context) error {
	_, err := f.next("reset")
	return err
}

// show writes bytes so that they can be read: text as it is, zeros at the end
// counted.
func show(b []byte) string {
	kept := bytes.TrimRight(b, "\x00")
	text := fmt.Sprintf("%q", kept)
	if n := len(b) - len(kept); n > 0 {
		text += fmt.Sprintf("+%d", n)
	}
	return text
}

// descriptor is a string descriptor with a text.
func descriptor(text string) string {
	units := utf16.Encode([]rune(text))
	b := []byte{byte(2 + 2*len(units)), 3}
	for _, u := range units {
		b = append(b, byte(u), byte(u>>8))
	}
	return "0x" + hex.EncodeToString(b)
}
