package framing

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/wattnut/wattnut/drivers/megatec/dialect"
)

// byStrings is krauler and those like it.
type byStrings struct {
	pipe
	texts
	noVendor bool
	begun    bool
	turn     int // of the prelude
}

const noAck = "UPS No Ack"

// Exchange reads the descriptor that stands for a command. What none stands for
// is said back, as a device says what it does not know.
func (f *byStrings) Exchange(ctx context.Context, command []byte) ([]byte, error) {
	text := strings.TrimRight(string(command), "\r")
	index, ok := f.index(text)
	if !ok {
		return command, nil
	}
	if err := f.prepare(ctx, index); err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		answer, err := f.descriptor(ctx, index)
		switch {
		case err != nil:
			return nil, err
		case !strings.HasPrefix(answer, noAck):
			return f.finish(text, answer), nil
		case n+1 >= f.Again:
			return nil, fmt.Errorf("%w: %s", dialect.ErrSilent, noAck)
		}
	}
}

// index is the number of the descriptor for a command.
func (f *byStrings) index(text string) (byte, bool) {
	if i, ok := f.Index[text]; ok {
		return i, true
	}
	if f.Shutdown && strings.HasPrefix(text, "S") {
		return shutdownIndex(text[1:])
	}
	return 0, false
}

// shutdownIndex is that of S, minutes, and perhaps R and minutes.
func shutdownIndex(text string) (byte, bool) {
	off, on, returns := strings.Cut(text, "R")
	n, err := strconv.ParseFloat(off, 64)
	if err != nil || n < 0 {
		return 0, false
	}
	n = min(max(n, 0.5), 10)
	index := 96 + (int(n)-1)*16
	if n < 1 {
		index = 16 + int((n-0.5)*10+0.5)*16
	}
	back, err := strconv.Atoi(on)
	if returns && err != nil {
		return 0, false
	}
	if !returns || back != 0 {
		index += 8
	}
	return byte(index), true
}

// prepare reads what some devices want to be read before.
func (f *byStrings) prepare(ctx context.Context, index byte) error {
	if f.Drain {
		if _, err := f.read(ctx, time.Second, f.Size); err != nil && !isSilent(err) {
			return err
		}
	}
	if len(f.Prelude) == 0 {
		return nil
	}
	if !f.begun {
		f.begun = true
		for _, r := range []struct {
			index    byte
			language uint16
			size     int
		}{{0, 0, 1026}, {0, 0, 1026}, {1, f.Language, f.Size}} {
			if _, err := f.raw(ctx, r.index, r.language, r.size); err != nil && !isSilent(err) {
				return err
			}
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	extra := f.Prelude[f.turn%len(f.Prelude)]
	f.turn++
	if extra == index || extra == f.Index["I"] && f.noVendor {
		return nil
	}
	_, err := f.raw(ctx, extra, f.Language, f.Size)
	if isSilent(err) {
		return nil
	}
	return err
}

// finish makes what the descriptor says an answer.
func (f *byStrings) finish(command, text string) []byte {
	answer := []byte(text)
	if first, ok := f.First[command]; ok && len(answer) > 0 {
		answer = append([]byte(first), answer[1:]...)
	}
	if len(answer) == 0 || bytes.IndexByte(answer[1:], '\r') < 0 {
		answer = append(answer, '\r')
	}
	return answer
}

// descriptor reads a string: in the language that was said, or in the device's
// first one.
func (f *byStrings) descriptor(ctx context.Context, index byte) (string, error) {
	language := f.Language
	if language == 0 {
		list, err := f.raw(ctx, 0, 0, f.Size)
		if err != nil {
			return "", err
		}
		if len(list) < 4 {
			return "", fmt.Errorf("%w: the device has no language", dialect.ErrSilent)
		}
		language = binary.LittleEndian.Uint16(list[2:])
	}
	raw, err := f.raw(ctx, index, language, f.Size)
	if err != nil {
		return "", err
	}
	return decode(raw)
}

// raw reads a string descriptor as it is.
func (f *byStrings) raw(ctx context.Context, index byte, language uint16, size int) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	buf := make([]byte, size)
	n, err := f.dev.Control(limited, fromDevice, getDescriptor, 0x0300|uint16(index), language, buf)
	if err != nil {
		return nil, f.trouble(ctx, err)
	}
	return buf[:n], nil
}

// decode reads the text of a string descriptor, whose first byte is its length.
func decode(raw []byte) (string, error) {
	if len(raw) < 2 || int(raw[0]) > len(raw) || raw[0] < 2 || raw[1] != 3 {
		return "", fmt.Errorf("%w: a string descriptor of %d bytes that says %x", dialect.ErrSilent, len(raw), raw[:min(len(raw), 2)])
	}
	raw = raw[2:raw[0]]
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i+1 < len(raw); i += 2 {
		units = append(units, binary.LittleEndian.Uint16(raw[i:]))
	}
	text := []rune(string(utf16.Decode(units)))
	for i, c := range text {
		if c > '~' {
			text[i] = '?'
		}
	}
	return string(text), nil
}
