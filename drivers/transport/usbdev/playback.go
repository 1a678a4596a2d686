package usbdev

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Bounds of a recording.
const (
	maxLine      = 64 << 10
	maxExchanges = 100_000
)

type exchange struct {
	call     Call
	sent     []byte
	received []byte
	err      error
}

// Playback is a device that answers as a recording has it. A request gets the
// answer of the next one like it, from where the recording was played to; after its
// last it begins anew. What was never asked is refused with ErrStall. ReadInterrupt
// gets the packets that came next, and when there is none waits for other requests to
// bring some.
//
// Its methods may be called from several goroutines.
type Playback struct {
	info  Info
	tape  []exchange
	mu    sync.Mutex
	at    int           // what is played next
	moved chan struct{} // closed when at changes, and made anew
}

// NewPlayback reads a recording.
func NewPlayback(recording io.Reader) (*Playback, error) {
	p := &Playback{moved: make(chan struct{})}
	lines := bufio.NewScanner(recording)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if err := p.add(strings.TrimSpace(lines.Text())); err != nil {
			return nil, fmt.Errorf("recording, line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	return p, nil
}

func (p *Playback) add(line string) error {
	if line == "" || line[0] == '#' {
		return nil
	}
	if text, ok := strings.CutPrefix(line, "info "); ok {
		return json.Unmarshal([]byte(text), &p.info)
	}
	if len(p.tape) == maxExchanges {
		return fmt.Errorf("more than %d exchanges", maxExchanges)
	}
	e, err := parseExchange(line)
	if err == nil {
		p.tape = append(p.tape, e)
	}
	return err
}

func parseExchange(line string) (e exchange, err error) {
	request, word, isError := strings.Cut(line, " ! ")
	var received string
	if isError {
		e.err = errorOf(word)
	} else {
		var ok bool
		if request, received, ok = strings.Cut(line, " <"); !ok {
			return e, fmt.Errorf("neither \"< bytes\" nor \"! error\" in %q", line)
		}
	}
	call, sent, _ := strings.Cut(request, " > ")
	e.call = Call(call)
	if e.sent, err = hex.DecodeString(sent); err != nil {
		return e, fmt.Errorf("what was sent: %w", err)
	}
	if e.received, err = hex.DecodeString(strings.TrimSpace(received)); err != nil {
		return e, fmt.Errorf("what was received: %w", err)
	}
	return e, nil
}

// play finds the answer to a request.
func (p *Playback) play(ctx context.Context, call Call, sent []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", call, ErrTimeout, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := range p.tape {
		i := (p.at + n) % len(p.tape)
		if e := p.tape[i]; e.call == call && bytes.Equal(e.sent, sent) {
			return p.answer(i)
		}
	}
	return nil, fmt.Errorf("%s > %x is not in the recording: %w", call, sent, ErrStall)
}

// answer plays one exchange. The lock is held.
func (p *Playback) answer(i int) ([]byte, error) {
	p.at = i + 1
	close(p.moved)
	p.moved = make(chan struct{})
	if e := p.tape[i]; e.err != nil {
		return nil, fmt.Errorf("%s: %w", e.call, e.err)
	}
	return p.tape[i].received, nil
}

func (p *Playback) read(ctx context.Context, call Call, buf []byte) (int, error) {
	received, err := p.play(ctx, call, nil)
	return copy(buf, received), err
}

// Info returns what enumeration said.
func (p *Playback) Info() Info { return p.info }

// ReportDescriptor returns the HID report descriptor.
func (p *Playback) ReportDescriptor(ctx context.Context) ([]byte, error) {
	return p.play(ctx, CallDescriptor, nil)
}

// GetReport reads a report.
func (p *Playback) GetReport(ctx context.Context, kind ReportKind, id byte, buf []byte) (int, error) {
	return p.read(ctx, CallGet(kind, id, len(buf)), buf)
}

// SetReport sends a report.
func (p *Playback) SetReport(ctx context.Context, kind ReportKind, report []byte) error {
	_, err := p.play(ctx, CallSet(kind), report)
	return err
}

// ReadInterrupt returns the next packet of the interrupt IN endpoint.
func (p *Playback) ReadInterrupt(ctx context.Context, buf []byte) (int, error) {
	for {
		p.mu.Lock()
		if p.at < len(p.tape) && p.tape[p.at].call == CallIn {
			received, err := p.answer(p.at)
			p.mu.Unlock()
			return copy(buf, received), err
		}
		moved := p.moved
		p.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return 0, fmt.Errorf("in: %w: %w", ErrTimeout, ctx.Err())
		}
	}
}

// WriteInterrupt sends a packet to the interrupt OUT endpoint.
func (p *Playback) WriteInterrupt(ctx context.Context, data []byte) (int, error) {
	if _, err := p.play(ctx, CallOut, data); err != nil {
		return 0, err
	}
	return len(data), nil
}

// String returns a string descriptor.
func (p *Playback) String(ctx context.Context, index int) (string, error) {
	text, err := p.play(ctx, CallString(index), nil)
	return string(text), err
}

// Control makes a control transfer.
func (p *Playback) Control(ctx context.Context, requestType, request byte, value, index uint16, data []byte) (int, error) {
	call := CallControl(requestType, request, value, index, len(data))
	if requestType&0x80 != 0 {
		return p.read(ctx, call, data)
	}
	if _, err := p.play(ctx, call, data); err != nil {
		return 0, err
	}
	return len(data), nil
}

// ClearHalt ends the stall of an endpoint.
func (p *Playback) ClearHalt(ctx context.Context, endpoint byte) error {
	_, err := p.play(ctx, CallClear(endpoint), nil)
	return err
}

// Reset resets the device.
func (p *Playback) Reset(ctx context.Context) error {
	_, err := p.play(ctx, CallReset, nil)
	return err
}

// Close does nothing.
func (p *Playback) Close() error { return nil }
