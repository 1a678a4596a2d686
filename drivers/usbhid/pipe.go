package usbhid

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/drivers/usbhid/report"
)

// Bounds of how much is read from the pipe at once.
const (
	minPacket = 8
	maxPacket = 1024
)

// packet is how much to read: the longest input report. With libusb a read ends when
// it is full or a packet is not, so that reports which fill their packets would not
// come before more of them do if there were more room.
func (c *Config) packet(layout *report.Descriptor) int {
	return cmp.Or(c.InterruptSize, min(maxPacket, max(minPacket, layout.Longest(report.Input))))
}

// Waits of the goroutine that reads the interrupt pipe: for a report, after an
// error, and after so many reports with news, so that a device that babbles does not
// keep its owner busy.
const (
	pipeTimeout = 5 * time.Second
	pipePause   = time.Second
	newsGap     = 50 * time.Millisecond
	newsBurst   = 16
)

// maxPipeFailures is after how many errors in a row the pipe is read no more: a device
// that can be polled goes on as one without such a pipe.
const maxPipeFailures = 4

// pipe reads input reports in a goroutine of its own, and keeps the latest of each
// id until it is taken.
type pipe struct {
	news chan struct{} // of room 1: there is something to take, or the end to be told
	stop context.CancelFunc
	done chan struct{}

	mu      sync.Mutex
	latest  map[byte][]byte
	pending []byte // ids, in the order in which they came
	err     error  // why no more will come
}

// listen begins to read. size is how many bytes at once; numbered tells whether
// reports begin with their id.
func listen(port interrupter, size int, numbered bool) *pipe {
	ctx, cancel := context.WithCancel(context.Background())
	p := &pipe{news: make(chan struct{}, 1), stop: cancel, done: make(chan struct{}), latest: make(map[byte][]byte)}
	go p.run(ctx, port, size, numbered)
	return p
}

func (p *pipe) run(ctx context.Context, port interrupter, size int, numbered bool) {
	defer close(p.done)
	buf := make([]byte, 1+size)
	for failures, news := 0, 0; ctx.Err() == nil; {
		n, err := p.read(ctx, port, buf[1:])
		wait := time.Duration(0)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, usbdev.ErrGone):
			p.end(err)
			return
		case errors.Is(err, usbdev.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
			failures = 0
		case err != nil:
			if failures++; failures == maxPipeFailures {
				p.end(err)
				return
			}
			wait = pipePause
		case n > 0 && n <= size:
			failures = 0
			if !p.keep(withID(buf, n, numbered)) {
				break
			}
			if news++; news%newsBurst == 0 {
				wait = newsGap
			}
		}
		if wait > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(wait):
			}
		}
	}
}

// withID is the report in a buffer whose first byte is free: with its id in front,
// which is 0 where reports are not numbered.
func withID(buf []byte, n int, numbered bool) []byte {
	if numbered {
		return buf[1 : 1+n]
	}
	buf[0] = 0
	return buf[:1+n]
}

func (p *pipe) read(ctx context.Context, port interrupter, buf []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, pipeTimeout)
	defer cancel()
	return port.ReadInterrupt(ctx, buf)
}

// keep keeps a report if it says something new, and tells whether it does.
func (p *pipe) keep(report []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := report[0]
	if last, ok := p.latest[id]; ok && slices.Equal(last, report) {
		return false
	}
	p.latest[id] = append(p.latest[id][:0], report...)
	if !slices.Contains(p.pending, id) {
		p.pending = append(p.pending, id)
	}
	p.call()
	return true
}

// forget has a report be news that says the same as the last of its id: what it says
// may have been overtaken by what was polled.
func (p *pipe) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.latest {
		if !slices.Contains(p.pending, id) {
			delete(p.latest, id)
		}
	}
}

func (p *pipe) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
	p.call()
}

func (p *pipe) call() {
	select {
	case p.news <- struct{}{}:
	default: // it was called before, and has not come yet
	}
}

// next returns a report that came and was not taken yet, in buf or a new one, and
// nil if there is none; or why no more will come.
func (p *pipe) next(buf []byte) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pending) == 0 {
		return nil, p.err
	}
	id := p.pending[0]
	p.pending = append(p.pending[:0], p.pending[1:]...)
	return append(buf[:0], p.latest[id]...), nil
}

func (p *pipe) close() {
	p.stop()
	<-p.done
}

// News asks for a Read when the device reported something.
func (d *device) News() <-chan struct{} {
	if d.pipe == nil {
		return nil
	}
	return d.pipe.news
}

// events takes what the interrupt pipe brought, and tells how many reports that
// were.
func (d *device) events(ctx context.Context) (int, error) {
	if d.pipe == nil {
		return 0, nil
	}
	for n := 0; ; n++ {
		data, err := d.pipe.next(d.event)
		if err != nil && !d.config.InterruptOnly && !errors.Is(err, usbdev.ErrGone) {
			d.log.Warn("the interrupt pipe fails: the device is polled only", "error", err)
			d.pipe.close()
			d.pipe = nil
			return n, nil
		}
		if data == nil || err != nil {
			return n, d.quiet(n, err)
		}
		d.event = data
		d.decode(ctx, data)
	}
}

// quiet is an error where the pipe says nothing for too long.
func (d *device) quiet(events int, err error) error {
	d.quietPolls++
	if events > 0 {
		d.quietPolls = 0
	}
	if err == nil && d.config.NoEvents >= 0 && d.quietPolls > d.config.NoEvents {
		return errNoEvents
	}
	return err
}

var errNoEvents = errors.New("the interrupt pipe says nothing: opened anew, as interrupt_pipe_no_events_tolerance asks")

// decode takes the rows that an input report has fields of.
func (d *device) decode(ctx context.Context, data []byte) {
	for _, b := range d.rows {
		if b.input == nil || b.input.ID != data[0] || b.row.Local != nil || d.passes(b) {
			continue
		}
		if raw, ok := b.input.Raw(data); ok {
			d.take(ctx, b, b.input, raw)
		}
	}
}
