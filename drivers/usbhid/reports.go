package usbhid

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/drivers/usbhid/report"
)

// Port is an open HID device, of whatever transport. All is called from one
// goroutine.
type Port interface {
	GetReport(ctx context.Context, kind usbdev.ReportKind, id byte, buf []byte) (int, error)
	SetReport(ctx context.Context, kind usbdev.ReportKind, report []byte) error
	Close() error
}

// What a Port may be able to do besides.
type (
	describer interface {
		ReportDescriptor(ctx context.Context) ([]byte, error)
	}
	// interrupter is called from a goroutine of its own.
	interrupter interface {
		ReadInterrupt(ctx context.Context, buf []byte) (int, error)
	}
	reader interface {
		String(ctx context.Context, index int) (string, error)
	}
)

// How long a transfer may take, after how many that got no answer a device counts as
// gone, and when a report that a device refuses is asked for again.
const (
	transferTimeout = 5 * time.Second
	maxSilent       = 2
	firstRetry      = 25 * time.Second
	lastRetry       = 10 * time.Minute
)

// wholeBuffer is what devices are asked for that send more than they declare.
const wholeBuffer = 1024

var (
	errRefused = errors.New("the device refused this report before")
	errShort   = errors.New("the report is shorter than declared")
	errBlank   = errors.New("the report has nothing in it, not even its number")
)

// reports reads the feature reports of a device, each at most once in a poll.
type reports struct {
	port    Port
	layout  *report.Descriptor
	whole   bool // ask for more than is declared
	skip    byte // a report that is never read; 0 for none
	cycle   uint // of the poll
	silent  int  // transfers in this cycle that got no answer
	served  int  // transfers in this cycle that did
	slots   map[byte]*slot
	lastErr error // of the last transfer in this cycle that failed
	traffic Traffic
}

// Traffic is what went over the wire.
type Traffic struct{ Transfers, Bytes int }

// slot is the state of one report.
type slot struct {
	buf      []byte
	n        int       // bytes of buf that are the report
	cycle    uint      // when it was read
	failures int       // in a row
	again    time.Time // when it is asked for after a failure
}

// begin begins a poll: all reports are to be read again.
func (r *reports) begin() { r.cycle, r.silent, r.served, r.lastErr = r.cycle+1, 0, 0, nil }

// fetch returns a feature report, with its id in front. Errors that are not fatal
// concern that report only.
func (r *reports) fetch(ctx context.Context, id byte) ([]byte, error) {
	s := r.slot(id)
	if s.cycle == r.cycle {
		if s.failures > 0 {
			return nil, errRefused
		}
		return s.buf[:s.n], nil
	}
	if id != 0 && id == r.skip || s.failures > 0 && time.Now().Before(s.again) {
		return nil, errRefused
	}
	s.cycle = r.cycle
	n, err := r.get(ctx, usbdev.Feature, id, s.buf)
	if err != nil {
		s.fail()
		r.lastErr = r.judge(ctx, err)
		return nil, r.lastErr
	}
	s.n, s.failures = n, 0
	r.served++
	return s.buf[:n], nil
}

func (r *reports) slot(id byte) *slot {
	s := r.slots[id]
	if s == nil {
		size := max(1, r.layout.Length(report.Feature, id))
		if r.whole {
			size = max(size, wholeBuffer)
		}
		s = &slot{buf: make([]byte, size)}
		r.slots[id] = s
	}
	return s
}

// get asks for a report. What comes under the id of another is the answer to
// something else.
func (r *reports) get(ctx context.Context, kind usbdev.ReportKind, id byte, buf []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	r.traffic.Transfers++
	n, err := r.port.GetReport(ctx, kind, id, buf)
	switch {
	case err != nil:
		return 0, err
	case n < 1 || n > len(buf):
		return 0, errShort
	case id != 0 && !slices.ContainsFunc(buf[:n], func(b byte) bool { return b != 0 }):
		return 0, errBlank
	case buf[0] != id && r.layout.Length(report.Kind(kind), buf[0]) > 0:
		return 0, fmt.Errorf("report %d came for report %d", buf[0], id)
	}
	r.traffic.Bytes += n
	return n, nil
}

// input asks for an input report, which devices need not be able to give so.
func (r *reports) input(ctx context.Context, id byte) ([]byte, error) {
	buf := make([]byte, r.layout.Length(report.Input, id))
	n, err := r.get(ctx, usbdev.Input, id, buf)
	if err != nil {
		return nil, r.judge(ctx, err)
	}
	r.served++
	return buf[:n], nil
}

// answered is an error if nothing came of what was asked for.
func (r *reports) answered() error {
	if r.served > 0 {
		return nil
	}
	return r.lastErr
}

// fail puts the next attempt off, the longer the more have failed.
func (s *slot) fail() {
	s.failures++
	s.again = time.Now().Add(min(lastRetry, firstRetry<<min(s.failures-1, 10)))
}

// fatal is an error that ends the contact.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

func isFatal(err error) bool {
	_, ok := errors.AsType[fatal](err)
	return ok
}

// judge tells whether an error is of the device or of one report.
func (r *reports) judge(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil, errors.Is(err, usbdev.ErrGone):
		return fatal{err}
	case errors.Is(err, usbdev.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		if r.silent++; r.silent >= maxSilent {
			return fatal{fmt.Errorf("the device does not answer: %w", err)}
		}
	}
	return err
}

// set writes a quantity into a field, and leaves the others of its report as they
// are. A report that cannot be read must have no others.
func (r *reports) set(ctx context.Context, f *report.Field, quantity float64) error {
	size := max(1, r.layout.Length(report.Feature, f.ID))
	r.begin()
	r.slot(f.ID).again = time.Time{}
	now, err := r.fetch(ctx, f.ID)
	if err != nil && (isFatal(err) || !r.alone(f)) {
		return err
	}
	if err == nil && len(now) < size && !r.alone(f) {
		return errShort // what was not read must not be overwritten
	}
	next := make([]byte, size)
	copy(next, now)
	next[0] = f.ID
	if !f.PutRaw(next, f.Logical(quantity)) {
		return errShort
	}
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	r.traffic.Transfers++
	r.traffic.Bytes += len(next)
	defer r.begin() // what was read before is old now
	return r.port.SetReport(ctx, usbdev.Feature, next)
}

// alone tells whether a field is the only one of its report.
func (r *reports) alone(f *report.Field) bool {
	for i := range r.layout.Fields {
		if g := &r.layout.Fields[i]; g.Kind == f.Kind && g.ID == f.ID && g.Offset != f.Offset {
			return false
		}
	}
	return true
}
