package framing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/megatec/dialect"
)

func isSilent(err error) bool { return errors.Is(err, dialect.ErrSilent) }

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fuji writes to an endpoint, and tells how long the answer is to be.
type fuji struct{ pipe }

var fujiLengths = map[string]byte{"Q1": 47, "F": 22, "I": 39}

// Exchange sends up to three characters, which is all that has room.
func (f *fuji) Exchange(ctx context.Context, command []byte) ([]byte, error) {
	const room = 3
	text := strings.TrimRight(string(command), "\r")
	if strings.HasPrefix(text, "S") && strings.Contains(text, "R") {
		text = text[:min(len(text), room)]
	}
	if len(text) > room {
		return command, nil
	}
	frame := make([]byte, 8)
	copy(frame, []byte{0x80, 0x06, byte(len(text) + 1), 0x03})
	copy(frame[4:], text)
	frame[7] = fujiLengths[text]
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if _, err := f.dev.WriteInterrupt(limited, frame); err != nil {
		return nil, f.trouble(ctx, err)
	}
	return f.answer(ctx, 8)
}

// ablerex writes and reads a feature report.
type ablerex struct{ pipe }

const (
	ablerexReport = 0x0305
	ablerexSize   = 47
)

var ablerexLengths = map[string]int{"Q1": 47, "I": 39, "F": 22, "Q5": 22}

// Exchange asks up to three times for an answer of the right length.
func (f *ablerex) Exchange(ctx context.Context, command []byte) (answer []byte, err error) {
	text := strings.TrimRight(string(command), "\r")
	want := ablerexLengths[text]
	for range 3 {
		answer, err = f.once(ctx, command)
		if err != nil && !isSilent(err) {
			return nil, err
		}
		if err == nil && (want == 0 || len(answer) == want || text == "Q5") {
			break
		}
	}
	if text == "Q5" && err == nil && len(answer) != want {
		return append([]byte{'('}, append(make([]byte, want-2), '\r')...), nil
	}
	return answer, err
}

func (f *ablerex) once(ctx context.Context, command []byte) ([]byte, error) {
	report := make([]byte, ablerexSize)
	report[0], report[2] = ablerexReport&0xff, byte(len(command))
	if copy(report[3:], command) < len(command) {
		return command, nil
	}
	if err := f.send(ctx, time.Second, toInterface, setReport, ablerexReport, report); err != nil {
		return nil, err
	}
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	answer := make([]byte, ablerexSize)
	n, err := f.dev.Control(limited, fromInterface, getReport, ablerexReport, 0, answer)
	if err != nil {
		return nil, f.trouble(ctx, err)
	}
	if i := bytes.IndexByte(answer[:n], '\r'); i >= 0 {
		n = i + 1
	}
	return answer[:n], nil
}

// armac sends reports of up to three characters, or, where the device has such
// endpoints, a packet of 64 bytes.
type armac struct {
	pipe
	interrupt bool
}

// armacUnknown are commands that do the device no good.
var armacUnknown = map[string]bool{"QGS": true, "QS": true, "QPI": true, "M": true, "D": true}

const (
	armacMark = 0xa0
	armacRoom = 0x1f // that a count has beside the mark
)

// Exchange sends a command and collects its answer.
func (f *armac) Exchange(ctx context.Context, command []byte) ([]byte, error) {
	text := strings.TrimRight(string(command), "\r")
	if armacUnknown[text] {
		return command, nil
	}
	send, size := f.reports, 8
	if f.interrupt && len(command)+1 <= armacRoom {
		send, size = f.packet, 64
	}
	if err := send(ctx, command); err != nil {
		return nil, err
	}
	if err := pause(ctx, 2*time.Millisecond); err != nil {
		return nil, err
	}
	return f.collect(ctx, size)
}

// reports sends a command as reports of four bytes, after what was left over.
func (f *armac) reports(ctx context.Context, command []byte) error {
	for range 10 {
		if _, err := f.read(ctx, 100*time.Millisecond, 8); isSilent(err) {
			break
		} else if err != nil {
			return err
		}
	}
	const room = 3
	for rest := append(bytes.Clone(command), 0); len(rest) > 0; {
		n := min(room, len(rest))
		report := make([]byte, 1+room)
		report[0] = armacMark + byte(n)
		copy(report[1:], rest[:n])
		rest = rest[n:]
		if err := f.send(ctx, 5*time.Second, toInterface, setReport, 0x0200, report); err != nil {
			return err
		}
	}
	return nil
}

func (f *armac) packet(ctx context.Context, command []byte) error {
	limited, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	packet := make([]byte, 64)
	packet[0] = armacMark + byte(len(command)+1)
	copy(packet[1:], command)
	if _, err := f.dev.WriteInterrupt(limited, packet); err != nil {
		return f.trouble(ctx, err)
	}
	return nil
}

// collect reads frames: the low six bits of the first byte tell how many follow.
func (f *armac) collect(ctx context.Context, size int) ([]byte, error) {
	var all []byte
	for len(all) < maxAnswer {
		frame, err := f.read(ctx, time.Second, size)
		if err != nil {
			return nil, err
		}
		n := 0
		if len(frame) > 0 {
			n = min(int(frame[0]&0x3f), len(frame)-1)
		}
		if n == 0 {
			break
		}
		for _, c := range frame[1 : 1+n] {
			switch {
			case c == '\r' || c == 0 && len(all) != 0 && len(all) != armacGap:
				return append(all, '\r'), nil
			case c == 0 && len(all) == 0:
				return nil, dialect.ErrSilent
			case c == 0:
				c = '0'
			}
			all = append(all, c)
		}
		if n <= 2 {
			if err := pause(ctx, 10*time.Millisecond); err != nil {
				return nil, err
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: an empty frame", dialect.ErrSilent)
	}
	return append(all, '\r'), nil
}

// armacGap is the place in an answer to Q1 where some devices have a zero for
// the character 0: the first of the status.
const armacGap = 38
