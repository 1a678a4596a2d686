package framing

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// random is a device that gives what it has, in packets, and then nothing.
type random struct{ rest []byte }

func (r *random) take(buf []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, usbdev.ErrTimeout
	}
	n := copy(buf, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *random) Control(_ context.Context, requestType, _ byte, _, _ uint16, data []byte) (int, error) {
	if requestType&0x80 == 0 {
		return len(data), nil
	}
	return r.take(data)
}

func (r *random) ReadInterrupt(_ context.Context, buf []byte) (int, error)   { return r.take(buf) }
func (r *random) WriteInterrupt(_ context.Context, data []byte) (int, error) { return len(data), nil }

// FuzzFraming: whatever a device sends, a framing ends, with an answer that is
// bounded.
func FuzzFraming(f *testing.F) {
	f.Add([]byte(q1), "Q1\r")
	f.Add([]byte("\x07(226.0 \x0212xxxxx"), "F\r")
	f.Add([]byte("\x04\x03\x09\x04\x0e\x03(\x002\x002\x006\x00.\x000\x00"), "I\r")
	f.Add(bytes.Repeat([]byte{0xff}, 2000), "S.5R0003\r")
	f.Add([]byte{0}, "")
	names, err := Names()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, said []byte, command string) {
		synctest.Test(t, func(t *testing.T) {
			for _, name := range names {
				for _, o := range []Options{{}, {Language: 0x409, Interrupt: true}} {
					x, err := New(name, &random{said}, o)
					if err != nil {
						t.Fatal(err)
					}
					answer, err := x.Exchange(t.Context(), []byte(command))
					if len(answer) > 2*maxAnswer && len(answer) > len(command) {
						t.Errorf("%s: %d bytes, %v", name, len(answer), err)
					}
				}
			}
		})
	})
}
