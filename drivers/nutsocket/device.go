package nutsocket

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/driverline"
)

// writeTime is how long a driver may leave the socket full before it is
// dropped. Usually a write takes no time at all.
const writeTime = time.Second

// device is a driver process in contact. A goroutine of its own listens to the
// driver; Read takes over what that has gathered.
type device struct {
	log     *slog.Logger
	options Options
	news    chan struct{}
	process *process       // nil if it is not ours
	ended   sync.WaitGroup // the listening goroutine

	mu      sync.Mutex
	conn    net.Conn // nil until the driver listens
	closed  bool     // Close was called
	end     error    // why contact ended; nil while there is some
	silent  bool     // nothing was heard for MaxAge
	facts   facts
	pending pending

	write sync.Mutex // held while writing
}

func newDevice(log *slog.Logger, o Options) *device {
	return &device{log: log, options: o.defaults(), news: make(chan struct{}, 1)}
}

// start makes contact by dial, in a goroutine that then listens until contact
// ends. linked, if not nil, is closed when dial returned.
func (d *device) start(dial func() (net.Conn, error), linked chan<- struct{}) {
	d.ended.Go(func() {
		conn, err := dial()
		if err == nil {
			err = d.adopt(conn)
		}
		if err != nil {
			d.finish(err)
		}
		if linked != nil {
			close(linked)
		}
		if err != nil {
			return
		}
		err = d.listen(conn)
		conn.Close()
		if d.process != nil {
			err = d.process.explain(err)
		}
		d.finish(err)
	})
}

// adopt takes the connection over, unless the device is closed already.
func (d *device) adopt(conn net.Conn) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		conn.Close()
		return net.ErrClosed
	}
	d.conn = conn
	return nil
}

// finish notes why contact ended, the first time that it is told, fails the
// orders whose outcome will never come, and asks for the Read that passes it on.
func (d *device) finish(err error) {
	d.mu.Lock()
	if d.end == nil {
		d.end = fmt.Errorf("%w: %w", drivers.ErrGone, err)
	}
	unanswered := d.pending.takeAll()
	d.mu.Unlock()
	for _, done := range unanswered {
		done(nut.ErrFailed)
	}
	d.tell()
}

// tell says that there is news.
func (d *device) tell() {
	select {
	case d.news <- struct{}{}:
	default:
	}
}

// News is where the device asks to be read.
func (d *device) News() <-chan struct{} { return d.news }

// Read hands over what the driver has said.
func (d *device) Read(_ context.Context, draft *nut.Draft) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.end != nil {
		return d.end
	}
	d.facts.merge(draft)
	switch {
	case !d.facts.dumped:
		return drivers.ErrWaiting
	case !d.facts.fresh || d.silent:
		return drivers.ErrStale
	}
	return nil
}

// Relay hands an order to the driver. The outcome of one that is not tracked
// counts as good as soon as it is written.
func (d *device) Relay(_ context.Context, o nut.Order, done func(error)) error {
	l := driverline.Line{Verb: driverline.InstCmd, Name: o.Name, Value: o.Value}
	if o.Set {
		l.Verb = driverline.Set
	}
	if o.Tracked && done != nil {
		l.Tracking = d.expect(done)
	}
	if err := d.send(l); err != nil {
		d.forget(l.Tracking)
		return err
	}
	if !o.Tracked && done != nil {
		done(nil)
	}
	return nil
}

func (d *device) expect(done func(error)) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pending.add(done)
}

func (d *device) forget(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pending.take(id)
}

// send writes a line. A driver that leaves the socket full is dropped: a line
// may have gone out in part.
func (d *device) send(l driverline.Line) error {
	line, err := l.Append(nil)
	if err != nil {
		return err
	}
	d.mu.Lock()
	conn := d.conn
	d.mu.Unlock()
	if conn == nil {
		return fmt.Errorf("%w: the driver is starting", nut.ErrFailed)
	}
	d.write.Lock()
	defer d.write.Unlock()
	conn.SetWriteDeadline(time.Now().Add(writeTime))
	if _, err := conn.Write(line); err != nil {
		err = fmt.Errorf("the driver does not read: %w", err)
		d.forget(l.Tracking) // its outcome is what is returned here
		d.finish(err)
		conn.Close()
		return fmt.Errorf("%w: %w", nut.ErrFailed, err)
	}
	return nil
}

// Close ends contact, and the driver process if it is ours.
func (d *device) Close() error {
	d.mu.Lock()
	d.closed = true
	if d.conn != nil {
		d.conn.Close()
	}
	d.mu.Unlock()
	var err error
	if d.process != nil {
		err = d.process.stop()
	}
	d.ended.Wait()
	return err
}
