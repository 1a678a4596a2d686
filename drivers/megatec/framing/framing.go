package framing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/megatec/dialect"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// Device is an open USB device, as drivers/transport/usb has it. Its errors wrap
// those of usbdev.
type Device interface {
	Control(ctx context.Context, requestType, request byte, value, index uint16, data []byte) (int, error)
	ReadInterrupt(ctx context.Context, buf []byte) (int, error)
	WriteInterrupt(ctx context.Context, data []byte) (int, error)
}

// Options are what a framing may be told.
type Options struct {
	Language uint16 // of string descriptors; 0 for the framing's own
	NoVendor bool   // the description is never asked for
	// Interrupt tells that the device has the pair of endpoints with packets of
	// 64 bytes that the newer Armac has.
	Interrupt bool
}

// New returns the framing of that name over a device. What it returns belongs
// to one goroutine.
func New(name string, dev Device, o Options) (dialect.Exchanger, error) {
	t, err := load()
	if err != nil {
		return nil, err
	}
	if r, ok := t.Reports[name]; ok {
		return &fresh{pipe: pipe{dev: dev}, by: &byReports{pipe{dev: dev}, r}}, nil
	}
	if s, ok := t.Strings[name]; ok {
		if o.Language != 0 {
			s.Language = o.Language
		}
		if s.Size == 0 {
			s.Size = 255
		}
		return &byStrings{pipe: pipe{dev: dev}, texts: s, noVendor: o.NoVendor}, nil
	}
	switch name {
	case "ablerex":
		return &ablerex{pipe{dev: dev}}, nil
	case "armac":
		return &fresh{pipe: pipe{dev: dev}, by: &armac{pipe{dev: dev}, o.Interrupt}}, nil
	case "fuji":
		return &fresh{pipe: pipe{dev: dev}, by: &fuji{pipe{dev: dev}}}, nil
	}
	names, err := Names()
	return nil, errors.Join(fmt.Errorf("there is no subdriver %s; it is one of %s", name, strings.Join(names, ", ")), err)
}

// The requests that are used: of the HID class, of a vendor, and the standard one
// for descriptors.
const (
	toInterface   = 0x21
	fromInterface = 0xa1
	toEndpoint    = 0x42
	fromDevice    = 0x80

	setReport     = 0x09
	getReport     = 0x01
	vendorCommand = 0x0d
	getDescriptor = 0x06
)

// maxAnswer is more than any device says.
const maxAnswer = 512

// pipe is what all framings do with a device.
type pipe struct{ dev Device }

// send makes a control transfer to the device.
func (p pipe) send(ctx context.Context, limit time.Duration, requestType, request byte, value uint16, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	n, err := p.dev.Control(ctx, requestType, request, value, 0, data)
	if err != nil {
		return p.trouble(ctx, err)
	}
	if n != len(data) {
		return fmt.Errorf("%w: the device took %d of %d bytes", dialect.ErrSilent, n, len(data))
	}
	return nil
}

// read waits for a packet of at most size bytes.
func (p pipe) read(ctx context.Context, limit time.Duration, size int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	packet := make([]byte, size)
	n, err := p.dev.ReadInterrupt(ctx, packet)
	if err != nil {
		return nil, p.trouble(ctx, err)
	}
	return packet[:n], nil
}

// answer collects packets until a carriage return has come.
func (p pipe) answer(ctx context.Context, size int) ([]byte, error) {
	var all []byte
	for len(all) < maxAnswer {
		packet, err := p.read(ctx, time.Second, size)
		if err != nil {
			return nil, err
		}
		all = append(all, packet...)
		if bytes.IndexByte(packet, '\r') >= 0 {
			return all, nil
		}
	}
	return nil, fmt.Errorf("%w: more than %d bytes without an end", dialect.ErrSilent, maxAnswer)
}

// inEndpoint is the interrupt endpoint that answers come from.
const inEndpoint = 0x81

// trouble is what an error of the device means here: what a timeout or a stall
// is, another try may not be.
func (p pipe) trouble(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, usbdev.ErrStall):
		if h, ok := p.dev.(interface {
			ClearHalt(ctx context.Context, endpoint byte) error
		}); ok {
			if cleared := h.ClearHalt(context.WithoutCancel(ctx), inEndpoint); cleared != nil {
				return p.reset(ctx, errors.Join(err, cleared))
			}
		}
		return fmt.Errorf("%w: %w", dialect.ErrSilent, err)
	case errors.Is(err, usbdev.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", dialect.ErrSilent, err)
	}
	return err
}

// reset is the last thing to do to a device that is then opened anew.
func (p pipe) reset(ctx context.Context, err error) error {
	if r, ok := p.dev.(interface {
		Reset(ctx context.Context) error
	}); ok {
		return errors.Join(err, r.Reset(context.WithoutCancel(ctx)))
	}
	return err
}

// fresh is a framing whose answers come as packets. Those that came too late for a
// command, or twice, are not taken for the answer to the next.
type fresh struct {
	pipe
	by   dialect.Exchanger
	late bool // the answer to the last command may still come
}

// queue is a device whose packets wait in the kernel until they are read.
type queue interface{ Queues() }

// How long a device is listened to for what is left over: one that may still answer,
// and a queue, where it is there already; and how many packets that may be.
const (
	lateAnswer = 100 * time.Millisecond
	queued     = 2 * time.Millisecond
	maxLeft    = 128
)

// Exchange sends a command and collects its answer.
func (f *fresh) Exchange(ctx context.Context, command []byte) ([]byte, error) {
	wait := time.Duration(0)
	if _, ok := f.dev.(queue); ok {
		wait = queued
	}
	if f.late {
		wait = lateAnswer
	}
	for n := 0; wait > 0; n++ {
		_, err := f.read(ctx, wait, 64)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, dialect.ErrSilent):
			wait = 0
		case err != nil:
			return nil, err
		case n == maxLeft:
			return nil, fmt.Errorf("%w: it sends without being asked", dialect.ErrSilent)
		}
	}
	answer, err := f.by.Exchange(ctx, command)
	f.late = err != nil
	return answer, err
}

// word is a command without its carriage return and its numbers.
func word(command []byte) string {
	text := strings.TrimRight(string(command), "\r")
	end := strings.IndexFunc(text, func(c rune) bool { return c < 'A' || c > 'Z' })
	if end < 0 {
		return text
	}
	return text[:end]
}

// byReports is cypress and those like it.
type byReports struct {
	pipe
	reports
}

// Exchange sends a command and collects its answer.
func (f *byReports) Exchange(ctx context.Context, command []byte) ([]byte, error) {
	for range f.Drain {
		if _, err := f.read(ctx, time.Second, f.Packet); err != nil {
			if !errors.Is(err, dialect.ErrSilent) {
				return nil, err
			}
			break
		}
	}
	if err := f.write(ctx, command); err != nil {
		return nil, err
	}
	if slices.Contains(f.Mute, word(command)) {
		return nil, dialect.ErrSilent
	}
	switch {
	case f.Counted:
		return f.counted(ctx)
	case f.Once:
		packet, err := f.read(ctx, time.Second, f.Packet)
		return ended(packet), err
	}
	return f.answer(ctx, f.Packet)
}

func (f *byReports) write(ctx context.Context, command []byte) error {
	if f.Vendor {
		return f.send(ctx, f.Patience, toEndpoint, vendorCommand, 0, command)
	}
	room := f.Chunk
	if f.Counted {
		room--
	}
	for part := range slices.Chunk(command, room) {
		report := make([]byte, f.Chunk)
		if f.Counted {
			report[0] = byte(len(part))
			copy(report[1:], part)
		} else {
			copy(report, part)
		}
		if err := f.send(ctx, f.Patience, toInterface, setReport, f.Value, report); err != nil {
			return err
		}
	}
	return nil
}

// counted collects packets that tell their length, until no more come.
func (f *byReports) counted(ctx context.Context) ([]byte, error) {
	var all []byte
	for len(all) < maxAnswer {
		packet, err := f.read(ctx, time.Second, f.Packet)
		if errors.Is(err, dialect.ErrSilent) && len(all) > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(packet) > 0 {
			all = append(all, packet[1:][:min(int(packet[0]), len(packet)-1)]...)
		}
		if bytes.IndexByte(all, '\r') >= 0 {
			break
		}
	}
	return ended(all), nil
}

// ended is an answer with a carriage return at its end: the one it has, or where
// the first zero is.
func ended(answer []byte) []byte {
	if i := bytes.IndexByte(answer, '\r'); i >= 0 {
		return answer[:i+1]
	}
	if i := bytes.IndexByte(answer, 0); i >= 0 {
		answer = answer[:i]
	}
	if len(answer) == 0 {
		return nil
	}
	return append(bytes.Clone(answer), '\r')
}
