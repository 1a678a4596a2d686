package usbhid

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	agent "github.com/wattnut/wattnut/agent/device"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/hid"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/nut"
)

// counted counts how often each report of a device is asked for.
func counted(p *plugged) map[byte]int {
	counts := make(map[byte]int)
	p.get = func(_ context.Context, id byte) ([]byte, error) {
		counts[id]++
		return nil, nil
	}
	return counts
}

// TestInterrupt: what the device reports is known at once, and costs no transfer.
func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		d := opened(t, bus)
		d.read()
		<-time.After(time.Second)
		synctest.Wait()
		d.read() // what it sent when it was plugged in
		<-time.After(time.Second)
		select {
		case <-d.News():
		default:
		}
		before := d.reports.traffic
		p.Do(func(u *model.UPS) { u.Wire(model.Unplugged) })
		p.Step(time.Second)
		select {
		case <-d.News():
		case <-time.After(time.Second):
			t.Fatal("no news")
		}
		synctest.Wait()
		s := d.read()
		if got := s.Value("ups.status"); got != "OB DISCHRG" {
			t.Errorf("status %q", got)
		}
		if d.reports.traffic != before {
			t.Errorf("that took transfers: %+v, before %+v", d.reports.traffic, before)
		}
	})
}

// TestPolls: a full poll at first and each pollfreq, quick ones between, and a report
// with several rows is read once.
func TestPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		counts := counted(bus.plug(t, "apc"))
		d := opened(t, bus, "pollfreq", "30", "pollonly", "yes")
		for range 31 {
			d.read()
			<-time.After(2 * time.Second)
		}
		for id, want := range map[byte]int{
			22: 31, // the status: quick
			9:  3,  // the battery voltage: full
			17: 3,  // the low threshold: seldom, and without a pipe at each full poll
			12: 3,  // the charge and the runtime
		} {
			if counts[id] != want {
				t.Errorf("report %d was read %d times in a minute, want %d", id, counts[id], want)
			}
		}
		if err := d.Set(t.Context(), "battery.charge.low", "33"); err != nil {
			t.Fatal(err)
		}
		if got := d.read().Value("battery.charge.low"); got != "33" {
			t.Errorf("after it was set it is %q", got)
		}
	})
}

// TestSeldom: with an interrupt pipe, what changes only by orders is not read again
// without one.
func TestSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		counts := counted(bus.plug(t, "apc"))
		d := opened(t, bus)
		for range 10 {
			d.read()
			<-time.After(31 * time.Second)
		}
		if counts[17] != 1 || counts[9] < 10 {
			t.Errorf("the low threshold was read %d times, the voltage %d times", counts[17], counts[9])
		}
	})
}

// TestStall: a device that refuses one report is served by the others, and the one is
// asked for ever more rarely.
func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		p.Stall(9, true)
		counts := counted(p)
		d := opened(t, bus, "pollonly", "yes")
		for range 30 * 60 {
			s := d.read()
			if s.Value("battery.voltage") != "" || s.Value("battery.charge") == "" {
				t.Fatalf("voltage %q, charge %q", s.Value("battery.voltage"), s.Value("battery.charge"))
			}
			<-time.After(2 * time.Second)
		}
		if n := counts[9]; n < 6 || n > 14 {
			t.Errorf("in an hour it was asked for %d times", n)
		}
		p.Stall(9, false)
		<-time.After(lastRetry)
		if got := d.read().Value("battery.voltage"); got == "" {
			t.Error("what it serves again is not read")
		}
	})
}

// TestDropped: a reading that comes no more does not stand for ever.
func TestDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		d := opened(t, bus, "pollonly", "yes")
		d.read()
		p.Stall(9, true)
		for range 150 {
			d.read()
			<-time.After(2 * time.Second)
		}
		if got := d.read().Value("battery.voltage"); got != "" {
			t.Errorf("after five minutes without it the voltage is %s", got)
		}
	})
}

// TestLess: without what is not vital to its state a device is known, and that is said
// no more.
func TestLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "cps")
		p.get = func(_ context.Context, id byte) ([]byte, error) {
			if id == 23 {
				return []byte{23, 0b11}, nil // boost and overload
			}
			return nil, nil
		}
		d := opened(t, bus, "pollonly", "yes")
		if got := d.read().Status(); !got.Has(nut.StatusOverload) || !got.Has(nut.StatusBoost) {
			t.Fatalf("status %v", got)
		}
		p.get = nil
		p.Stall(23, true)
		for range 150 {
			d.read()
			<-time.After(2 * time.Second)
		}
		if got := d.read().Value("ups.status"); got != "OL" {
			t.Errorf("status %s", got)
		}
	})
}

// TestStatusLost: without its status a device is not known, however much else it
// tells.
func TestStatusLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		d := opened(t, bus, "pollonly", "yes")
		d.read()
		p.Stall(22, true)
		var err error
		reads := 0
		for ; err == nil && reads < 20; reads++ {
			err = d.Read(t.Context(), &d.draft)
			<-time.After(2 * time.Second)
		}
		if !errors.Is(err, usbdev.ErrStall) && !errors.Is(err, errRefused) || reads != maxMisses {
			t.Errorf("after %d reads: %v", reads, err)
		}
	})
}

// TestNoStatus: a device that tells nothing of its state is none to rely on.
func TestNoStatus(t *testing.T) {
	bus := new(fake)
	p := bus.plug(t, "apc")
	for _, id := range []byte{22, 25, 54} {
		p.Stall(id, true)
	}
	d := opened(t, bus, "pollonly", "yes")
	if err := d.Read(t.Context(), &d.draft); !errors.Is(err, errNoStatus) {
		t.Errorf("read: %v", err)
	}
}

// TestSilent: a device that never answers ends a Read within bounds, and one slow
// answer does not.
func TestSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		hang := true
		p.get = func(ctx context.Context, id byte) ([]byte, error) {
			if hang || id == 9 {
				<-ctx.Done()
				return nil, fmt.Errorf("%w: %w", usbdev.ErrTimeout, ctx.Err())
			}
			return nil, nil
		}
		d := opened(t, bus, "pollonly", "yes")
		began := time.Now()
		err := d.Read(t.Context(), &d.draft)
		if took := time.Since(began); !errors.Is(err, usbdev.ErrTimeout) || took > 11*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
		hang = false
		d = opened(t, bus, "pollonly", "yes")
		if s := d.read(); s.Value("battery.voltage") != "" || s.Value("ups.status") != "OL" {
			t.Errorf("one report was slow: %v", s.Status())
		}
	})
}

// TestGarbage: short reports and those of another id are not taken for what was asked.
func TestGarbage(t *testing.T) {
	bus := new(fake)
	p := bus.plug(t, "apc")
	p.get = func(_ context.Context, id byte) ([]byte, error) {
		switch id {
		case 9: // cut off
			return []byte{9, 1}, nil
		case 8: // another's
			return []byte{12, 99, 1, 1}, nil
		case 80: // empty
			return []byte{}, nil
		}
		return nil, nil
	}
	d := opened(t, bus, "pollonly", "yes")
	s := d.read()
	for _, name := range []nut.Name{"battery.voltage", "battery.voltage.nominal", "ups.load"} {
		if got := s.Value(name); got != "" {
			t.Errorf("%s is %q", name, got)
		}
	}
	if s.Value("battery.charge") != "100" {
		t.Errorf("the charge is %q", s.Value("battery.charge"))
	}
}

// TestReturn unplugs a device and plugs it in again, a hundred times: it is live
// again within seconds.
func TestReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		opener, err := New(bus.bus()).Bind(settings())
		if err != nil {
			t.Fatal(err)
		}
		ups := state.NewUPS("test", "", nil)
		r := agent.New(agent.Config{Open: opener, UPS: ups})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = r.Run(ctx) }()
		for n := range 100 {
			<-time.After(7 * time.Second)
			if s := ups.Snapshot(); s.Health != nut.Live || s.Value("ups.status") != "OL" {
				t.Fatalf("round %d: %v, %v", n, s.Health, s.Status())
			}
			bus.mu.Lock()
			bus.devices = nil
			bus.mu.Unlock()
			close(p.gone)
			<-time.After(time.Duration(n%30) * time.Second)
			p = bus.plug(t, "apc")
		}
		cancel()
		<-done
	})
}

// TestTwins: two devices that say the same are told apart by where they are, and one
// that is taken is left alone.
func TestTwins(t *testing.T) {
	bus := new(fake)
	first, second := bus.plug(t, "apc"), bus.plug(t, "apc")
	for pair, want := range map[string]*plugged{"busport=001": first, "busport=002": second, "device=003": second, "bus=001": first} {
		name, value, _ := strings.Cut(pair, "=")
		if d := opened(t, bus, name, value); d.info != want.info {
			t.Errorf("%s opens %s", pair, d.info)
		}
	}
	taken := bus.bus()
	taken.Open = func(ctx context.Context, match func(usbdev.Info) bool, o usbdev.Options) (Port, error) {
		if match(first.info) {
			return nil, usbdev.ErrBusy
		}
		return bus.Open(ctx, match, o)
	}
	opener, err := New(taken).Bind(settings())
	if err != nil {
		t.Fatal(err)
	}
	d, err := opener(t.Context(), drivers.Env{})
	if err != nil || d.(interface{ Close() error }).Close() != nil {
		t.Fatalf("the other one is not taken: %v", err)
	}
}

// TestSlow: a device that takes its time is read in several goes, and is not complete
// until it was read once.
func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		p.get = func(context.Context, byte) ([]byte, error) {
			<-time.After(2 * time.Second)
			return nil, nil
		}
		d := opened(t, bus, "pollonly", "yes")
		var err error
		reads, longest := 0, time.Duration(0)
		for err = drivers.ErrWaiting; errors.Is(err, drivers.ErrWaiting); reads++ {
			began := time.Now()
			err = d.Read(t.Context(), &d.draft)
			longest = max(longest, time.Since(began))
		}
		if err != nil || reads < 3 || longest > pollBudget+2*time.Second || d.draft.Value("input.voltage") == "" {
			t.Errorf("%d reads, the longest of %v, voltage %q: %v", reads, longest, d.draft.Value("input.voltage"), err)
		}
		for range 10 { // and later full polls go on with what it says meanwhile
			if s := d.read(); s.Value("ups.status") != "OL" {
				t.Errorf("status %v", s.Status())
			}
			<-time.After(10 * time.Second)
		}
	})
}

// TestStranger: a device that nobody knows is taken if it declares to be a power
// device, and only where no other fits.
func TestStranger(t *testing.T) {
	bus := new(fake)
	stranger := bus.plug(t, "generic")
	stranger.info.Node = "/dev/hidraw0"
	if d := opened(t, bus); d.info != stranger.info || d.read().Value("battery.charge") != "100" {
		t.Errorf("opened %s", d.info)
	}
	if _, err := tryOpen(t, bus, drivers.Env{}, "vendorid", "051d"); !errors.Is(err, ErrNone) {
		t.Errorf("although another is wanted: %v", err)
	}
	known := bus.plug(t, "apc")
	if d := opened(t, bus); d.info != known.info {
		t.Errorf("instead of a known one, %s", d.info)
	}
	keyboard := bus.bus()
	keyboard.Open = func(ctx context.Context, match func(usbdev.Info) bool, o usbdev.Options) (Port, error) {
		p, err := bus.Open(ctx, match, o)
		return &aKeyboard{p}, err
	}
	bus.devices = bus.devices[:1]
	opener, err := New(keyboard).Bind(settings())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opener(t.Context(), drivers.Env{Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, ErrNone) {
		t.Errorf("a keyboard: %v", err)
	}
}

type aKeyboard struct{ Port }

func (*aKeyboard) ReportDescriptor(context.Context) ([]byte, error) {
	return []byte{0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x75, 8, 0x95, 1, 0x09, 0x30, 0x81, 2, 0xc0}, nil
}

// TestAtOnce: with the agent's Runner, a power failure is known at once, although it
// polls only every minute.
func TestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		opener, err := New(bus.bus()).Bind(settings())
		if err != nil {
			t.Fatal(err)
		}
		ups := state.NewUPS("test", "", nil)
		r := agent.New(agent.Config{Open: opener, UPS: ups, Poll: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = r.Run(ctx) }()
		<-time.After(5 * time.Second)
		p.Do(func(u *model.UPS) { u.Wire(model.Unplugged) })
		p.Step(time.Second)
		<-time.After(300 * time.Millisecond)
		if got := ups.Snapshot().Status(); !got.Has(nut.StatusOnBattery) {
			t.Errorf("after 300 ms: %v", got)
		}
		cancel()
		<-done
	})
}

// TestMissing: where there is no device the error says so, and what to do.
func TestMissing(t *testing.T) {
	bus := new(fake)
	_, err := tryOpen(t, bus, drivers.Env{})
	if !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "plugged in") {
		t.Errorf("no device: %v", err)
	}
	if _, ok := errors.AsType[drivers.Again](err); !ok {
		t.Errorf("it cannot be waited for: %v", err)
	}
	bus.plug(t, "generic") // nobody's, and nobody asks for it
	if _, err := tryOpen(t, bus, drivers.Env{}); !errors.Is(err, ErrNone) {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := tryOpen(t, bus, drivers.Env{}, "subdriver", "nobody"); err == nil || !strings.Contains(err.Error(), "tripplite") {
		t.Errorf("an unknown subdriver: %v", err)
	}
	if _, err := tryOpen(t, bus, drivers.Env{}, "usb_transport", "libusb"); err == nil {
		t.Error("opened by a transport that is not there")
	}
	if _, err := tryOpen(t, bus, drivers.Env{}, "subdriver", "generic", "usb_transport", "hidraw"); !errors.Is(err, ErrNone) {
		t.Errorf("a device without a node is opened to see what it is: %v", err)
	}
	bus.devices[0].info.Node, bus.devices[0].info.Interface = "/dev/hidraw7", 2
	for _, name := range []string{"apc", "APC", "generic", "Generic HID"} {
		if d := opened(t, bus, "subdriver", name); d.table.Name != strings.ToLower(name[:3]) && d.table.Name != generic {
			t.Errorf("subdriver %s is the table %s", name, d.table.Name)
		}
	}
}

// TestMisread: a device with a descriptor that is none.
func TestMisread(t *testing.T) {
	bus := new(fake)
	bus.plug(t, "apc")
	b := bus.bus()
	b.Open = func(ctx context.Context, match func(usbdev.Info) bool, o usbdev.Options) (Port, error) {
		p, err := bus.Open(ctx, match, o)
		return &misread{p}, err
	}
	opener, err := New(b).Bind(settings())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opener(t.Context(), drivers.Env{}); err == nil || !strings.Contains(err.Error(), "051d:0002") || !strings.Contains(err.Error(), "descriptor") {
		t.Errorf("opened: %v", err)
	}
}

type misread struct{ Port }

func (*misread) ReportDescriptor(context.Context) ([]byte, error) { return []byte{0x26, 1}, nil }

// TestNoEvents: a pipe that is expected to speak and does not has the device opened
// anew.
func TestNoEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		bus.plug(t, "apc")
		d := opened(t, bus, "interrupt_pipe_no_events_tolerance", "5")
		var err error
		n := 0
		for ; err == nil && n < 50; n++ {
			err = d.Read(t.Context(), &d.draft)
			<-time.After(2 * time.Second)
		}
		if !errors.Is(err, errNoEvents) || n < 6 || n > 9 {
			t.Errorf("after %d reads: %v", n, err)
		}
	})
}

// TestInterruptOnly takes all from the pipe, and waits until that says something.
func TestInterruptOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		for len(p.Inputs()) > 0 {
			<-p.Inputs()
		}
		counts := counted(p)
		d := opened(t, bus, "interruptonly", "yes")
		if err := d.Read(t.Context(), &d.draft); !errors.Is(err, drivers.ErrWaiting) {
			t.Errorf("before it said something: %v", err)
		}
		p.Do(func(u *model.UPS) { u.Wire(model.Unplugged) })
		p.Step(time.Second)
		<-d.News()
		synctest.Wait()
		if got := d.read().Value("ups.status"); got != "OB DISCHRG" {
			t.Errorf("status %q", got)
		}
		synctest.Wait()
		if len(counts) > 0 {
			t.Errorf("reports were asked for: %v", counts)
		}
	})
}

// small is a port of a device with a charge in a feature report, and its state in an
// input report only.
type small struct {
	input []byte // nil for a device that gives no input report when it is asked
	sent  chan []byte
}

func (*small) ReportDescriptor(context.Context) ([]byte, error) {
	return []byte{
		0x05, 0x84, 0x09, 0x04, 0xa1, 1, 0x09, 0x24, 0xa1, 0, // UPS.PowerSummary
		0x85, 1, 0x75, 8, 0x95, 1, 0x15, 0, 0x25, 100, 0x05, 0x85, 0x09, 0x66, 0xb1, 2, // RemainingCapacity
		0x05, 0x84, 0x09, 0x02, 0xa1, 0, 0x85, 2, 0x25, 1, 0x05, 0x85, 0x09, 0xd0, 0x81, 2, 0xc0, // PresentStatus.ACPresent
		0xc0, 0xc0,
	}, nil
}

func (s *small) GetReport(_ context.Context, kind usbdev.ReportKind, id byte, buf []byte) (int, error) {
	switch {
	case kind == usbdev.Feature && id == 1:
		return copy(buf, []byte{1, 77}), nil
	case kind == usbdev.Input && id == 2 && s.input != nil:
		return copy(buf, s.input), nil
	}
	return 0, usbdev.ErrStall
}

func (*small) SetReport(context.Context, usbdev.ReportKind, []byte) error { return usbdev.ErrStall }

func (s *small) ReadInterrupt(ctx context.Context, buf []byte) (int, error) {
	select {
	case b := <-s.sent:
		return copy(buf, b), nil
	case <-ctx.Done():
		return 0, usbdev.ErrTimeout
	}
}

func (*small) Close() error { return nil }

// TestInputOnly: a state that is in an input report only is asked for, or waited for.
func TestInputOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		bus.plug(t, "generic")
		for _, port := range []*small{{input: []byte{2, 1}, sent: make(chan []byte)}, {sent: make(chan []byte)}} {
			b := bus.bus()
			b.Open = func(context.Context, func(usbdev.Info) bool, usbdev.Options) (Port, error) { return port, nil }
			opener, err := New(b).Bind(settings("productid", "0001"))
			if err != nil {
				t.Fatal(err)
			}
			d, err := opener(t.Context(), drivers.Env{})
			if err != nil {
				t.Fatal(err)
			}
			var draft nut.Draft
			err = d.Read(t.Context(), &draft)
			if port.input == nil {
				if !errors.Is(err, drivers.ErrWaiting) {
					t.Errorf("before it sent something: %v", err)
				}
				port.sent <- []byte{2, 1}
				synctest.Wait()
				err = d.Read(t.Context(), &draft)
			}
			if err != nil || draft.Value("ups.status") != "OL" || draft.Value("battery.charge") != "77" {
				t.Errorf("status %q, charge %q: %v", draft.Value("ups.status"), draft.Value("battery.charge"), err)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestPacket: as much is read at once as the longest report has.
func TestPacket(t *testing.T) {
	bus := new(fake)
	bus.plug(t, "mge")
	d := opened(t, bus)
	for size, want := range map[int]int{0: 8, 16: 16} { // the longest of its reports has six bytes
		c := Config{InterruptSize: size}
		if got := c.packet(d.reports.layout); got != want {
			t.Errorf("with interruptsize %d: %d", size, got)
		}
	}
}

// TestPipe: a pipe that fails is given up, one that babbles does not keep its owner
// busy, and reports without a number get one.
func TestPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		broken := listen(reading(func(context.Context, []byte) (int, error) { reads++; return 0, errors.New("bad") }), 8, true)
		<-broken.done
		if data, err := broken.next(nil); reads != maxPipeFailures || data != nil || err == nil {
			t.Errorf("after %d reads: %x, %v", reads, data, err)
		}
		broken.close()

		var n atomic.Int32
		babbling := listen(reading(func(_ context.Context, buf []byte) (int, error) { return copy(buf, []byte{7, byte(n.Add(1))}), nil }), 8, false)
		<-time.After(time.Second)
		if got := n.Load(); got > 21*newsBurst {
			t.Errorf("%d reports were taken in a second", got)
		}
		if data, err := babbling.next(nil); len(data) != 3 || data[0] != 0 || data[1] != 7 || err != nil {
			t.Errorf("%x, %v", data, err)
		}
		if data, _ := babbling.next(nil); data != nil {
			t.Errorf("more than the latest: %x", data)
		}
		babbling.close()

		same := listen(reading(func(_ context.Context, buf []byte) (int, error) {
			<-time.After(time.Millisecond)
			return copy(buf, []byte{1, 2}), nil
		}), 8, true)
		<-same.news
		_, _ = same.next(nil)
		<-time.After(time.Second)
		select {
		case <-same.news:
			t.Error("the same again is news")
		default:
		}
		same.close()
	})
}

type reading func(context.Context, []byte) (int, error)

func (r reading) ReadInterrupt(ctx context.Context, buf []byte) (int, error) { return r(ctx, buf) }

// FuzzReports: whatever a device answers, no Read panics, and what it says is fit for
// the protocol.
func FuzzReports(f *testing.F) {
	for _, persona := range []string{"apc", "mge", "cps", "powercom"} {
		f.Add(persona, []byte{1, 2, 3})
		f.Add(persona, []byte{0xff})
	}
	f.Fuzz(func(t *testing.T, persona string, noise []byte) {
		if len(noise) == 0 || !slices.Contains(hid.Personas(), persona) || persona == "generic" {
			return
		}
		bus := new(fake)
		bus.plug(t, persona).get = func(_ context.Context, id byte) ([]byte, error) {
			b := append([]byte{id}, noise...)
			for i := range b[1:] {
				b[1+i] ^= id * byte(i)
			}
			return b, nil
		}
		d, err := tryOpen(t, bus, drivers.Env{}, "pollonly", "yes")
		if err != nil {
			t.Fatal(err)
		}
		var draft nut.Draft
		for range 2 {
			if err := d.Read(t.Context(), &draft); err != nil {
				return
			}
		}
		for v := range draft.Freeze("x", nut.Live, time.Now()).Variables() {
			for _, r := range v.Value {
				if r < ' ' || r > '~' {
					t.Fatalf("%s is %q", v.Name, v.Value)
				}
			}
		}
	})
}
