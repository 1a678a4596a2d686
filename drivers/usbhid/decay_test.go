package usbhid

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/nut"
)

// reads reads a device every two seconds until it fails, at most so many times, and
// tells how often it was read and why no more.
func (b *bench) reads(most int) (int, error) {
	b.tb.Helper()
	for n := 1; n <= most; n++ {
		if err := b.Read(b.tb.Context(), &b.draft); err != nil {
			return n, err
		}
		<-time.After(2 * time.Second)
	}
	return most, nil
}

// TestDecay: a state that was read once does not stand when its report comes no more as
// it should, in whatever way that is.
func TestDecay(t *testing.T) {
	const status = 22 // of an APC
	for name, answer := range map[string][]byte{
		"cut off":           {status},
		"empty":             {},
		"blank":             make([]byte, 8),
		"another's":         {12, 100, 1, 1},
		"cut off and blank": {0},
	} {
		synctest.Test(t, func(t *testing.T) {
			bus := new(fake)
			p := bus.plug(t, "apc")
			d := opened(t, bus, "pollonly", "yes")
			d.read()
			p.get = func(_ context.Context, id byte) ([]byte, error) {
				if id != status {
					return nil, nil
				}
				return answer, nil
			}
			if n, err := d.reads(20); err == nil || n != maxMisses {
				t.Errorf("%s: after %d reads: %v", name, n, err)
			}
			if got := d.draft.Value("ups.status"); got != "OL" {
				t.Errorf("%s: status %q", name, got)
			}
		})
	}
}

// TestCutOff: a reading that is cut off for a while comes back, and one that is cut off
// for long is dropped.
func TestCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		d := opened(t, bus, "pollonly", "yes", "pollfreq", "2")
		d.read()
		<-time.After(2 * time.Second)
		for _, tt := range []struct {
			polls int
			want  bool
		}{{maxMisses - 1, true}, {1, false}} {
			p.get = func(_ context.Context, id byte) ([]byte, error) {
				if id == 9 { // the battery's voltage
					return []byte{9}, nil
				}
				return nil, nil
			}
			if _, err := d.reads(tt.polls); err != nil {
				t.Fatal(err)
			}
			if got := d.draft.Value("battery.voltage"); (got != "") != tt.want {
				t.Errorf("after %d polls more it is %q", tt.polls, got)
			}
		}
		p.get = nil
		if got := d.read().Value("battery.voltage"); got == "" {
			t.Error("it does not come back")
		}
	})
}

// TestGrave: that the UPS is about to switch off is not forgotten because that report
// fails.
func TestGrave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "cps")
		d := opened(t, bus, "pollonly", "yes")
		d.read()
		d.bits |= shutdownImminent
		for _, b := range d.rows {
			if b.row.Status == "overload" { // as if it were this, in a report of its own
				p.Stall(b.feature.ID, true)
				b.bit = shutdownImminent
			}
		}
		_, err := d.reads(60)
		if err == nil || !d.draft.Freeze("x", nut.Live, time.Now()).Status().Has(nut.StatusLowBattery) {
			t.Errorf("status %q: %v", d.draft.Value("ups.status"), err)
		}
	})
}

// TestPowerUnknown: a device that tells of an overload, and not where its power comes
// from, is none to rely on.
func TestPowerUnknown(t *testing.T) {
	bus := new(fake)
	p := bus.plug(t, "cps")
	d := opened(t, bus, "pollonly", "yes")
	d.read()
	for _, b := range d.rows {
		if b.bit.any(power) {
			p.Stall(b.feature.ID, true)
		}
	}
	d = opened(t, bus, "pollonly", "yes")
	if err := d.Read(t.Context(), &d.draft); !errors.Is(err, errNoStatus) {
		t.Errorf("status %q: %v", d.draft.Value("ups.status"), err)
	}
}

// openSmall opens a port as a generic device.
func openSmall(t *testing.T, port Port, pairs ...string) drivers.Device {
	t.Helper()
	bus := new(fake)
	bus.plug(t, "generic")
	b := bus.bus()
	b.Open = func(context.Context, func(usbdev.Info) bool, usbdev.Options) (Port, error) { return port, nil }
	opener, err := New(b).Bind(settings(append(pairs, "productid", "0001")...))
	if err != nil {
		t.Fatal(err)
	}
	d, err := opener(t.Context(), drivers.Env{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// TestInputPolled: a state that is in an input report only is asked for at each poll
// where the pipe is not read, and where it fails; and if it comes no more the device is
// not known.
func TestInputPolled(t *testing.T) {
	for name, pairs := range map[string][]string{"pollonly": {"pollonly", "yes"}, "a pipe that fails": nil} {
		synctest.Test(t, func(t *testing.T) {
			port := &deaf{small{input: []byte{2, 1}}}
			d := openSmall(t, port, pairs...)
			var draft nut.Draft
			for _, tt := range []struct {
				said byte
				want string
			}{{1, "OL"}, {0, "OB"}, {1, "OL"}} {
				port.input[1] = tt.said
				<-time.After(5 * time.Second)
				if err := d.Read(t.Context(), &draft); err != nil || draft.Value("ups.status") != tt.want {
					t.Errorf("%s: status %q, want %s: %v", name, draft.Value("ups.status"), tt.want, err)
				}
			}
			port.input = nil
			var err error
			for n := 0; err == nil && n < 10; n++ {
				err = d.Read(t.Context(), &draft)
				<-time.After(2 * time.Second)
			}
			if !errors.Is(err, usbdev.ErrStall) {
				t.Errorf("%s: without its state: %v", name, err)
			}
		})
	}
}

// TestInterruptOnlyFails: what is known by the pipe only is lost with it.
func TestInterruptOnlyFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		b := bus.bus()
		b.Open = func(context.Context, func(usbdev.Info) bool, usbdev.Options) (Port, error) {
			return &noisy{fakePort: fakePort{p}}, nil
		}
		opener, err := New(b).Bind(settings("interruptonly", "yes"))
		if err != nil {
			t.Fatal(err)
		}
		d, err := opener(t.Context(), drivers.Env{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		var draft nut.Draft
		for range 20 {
			<-time.After(2 * time.Second)
			if err = d.Read(t.Context(), &draft); err != nil && !errors.Is(err, drivers.ErrWaiting) {
				break
			}
		}
		if !errors.Is(err, errNoisy) {
			t.Errorf("status %q: %v", draft.Value("ups.status"), err)
		}
	})
}

var errNoisy = errors.New("noise")

// noisy is a device whose pipe works for one report.
type noisy struct {
	fakePort
	reads int
}

func (n *noisy) ReadInterrupt(ctx context.Context, buf []byte) (int, error) {
	if n.reads++; n.reads == 1 {
		return n.fakePort.ReadInterrupt(ctx, buf)
	}
	return 0, errNoisy
}

// deaf is a small device whose pipe always fails.
type deaf struct{ small }

func (*deaf) ReadInterrupt(context.Context, []byte) (int, error) { return 0, errNoisy }

// TestOvertaken: a report that says the same as the last of its id is news again after
// a poll, which may have said something else.
func TestOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := make(chan []byte)
		p := listen(reading(func(ctx context.Context, buf []byte) (int, error) {
			select {
			case b := <-said:
				return copy(buf, b), nil
			case <-ctx.Done():
				return 0, usbdev.ErrTimeout
			}
		}), 8, true)
		defer p.close()
		news := func() bool {
			said <- []byte{1, 2}
			synctest.Wait()
			data, err := p.next(nil)
			return data != nil && err == nil
		}
		if got := [...]bool{news(), news()}; got != [...]bool{true, false} {
			t.Errorf("before a poll: %v", got)
		}
		p.forget()
		if got := [...]bool{news(), news()}; got != [...]bool{true, false} {
			t.Errorf("after a poll: %v", got)
		}
	})
}

// TestSameOutage: the same report of an outage twice, with a return of the mains
// between that only a poll saw, is at once an outage both times.
func TestSameOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		d := opened(t, bus)
		d.read()
		for range 3 {
			p.Do(func(u *model.UPS) { u.Wire(model.Unplugged) })
			p.Step(time.Second)
			synctest.Wait()
			if got := d.read().Status(); !got.Has(nut.StatusOnBattery) {
				t.Fatalf("status %v", got)
			}
			p.Do(func(u *model.UPS) { u.Wire(model.Plugged) })
			p.Step(time.Minute)
			for len(p.Inputs()) > 0 { // it is lost
				<-p.Inputs()
			}
			<-time.After(time.Minute)
			if got := d.read().Status(); !got.Has(nut.StatusOnline) {
				t.Fatalf("status %v", got)
			}
		}
	})
}

// TestSlowState: in the midst of a long poll the state is read anew at each Read.
func TestSlowState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := new(fake)
		p := bus.plug(t, "apc")
		d := opened(t, bus, "pollonly", "yes", "pollfreq", "30")
		d.read()
		p.get = func(context.Context, byte) ([]byte, error) {
			<-time.After(3 * time.Second)
			return nil, nil
		}
		<-time.After(30 * time.Second)
		d.read() // it has begun, and told the state
		if d.round.at == 0 {
			t.Fatal("the round is over")
		}
		p.Do(func(u *model.UPS) { u.Wire(model.Unplugged) })
		p.Step(time.Second)
		if got := d.read().Status(); !got.Has(nut.StatusOnBattery) {
			t.Errorf("status %v", got)
		}
		for n := 0; d.round.at != 0; n++ {
			if d.read(); n > 50 {
				t.Fatal("the round never ends")
			}
		}
	})
}

// TestSwap: two sections that lose their twins at once get each its own again, whichever
// is back first.
func TestSwap(t *testing.T) {
	bus := new(fake)
	x, y := bus.plug(t, "apc"), bus.plug(t, "apc")
	x.info.Serial, y.info.Serial = "", ""
	driver := New(bus.bus())
	meet := func(section string, pairs ...string) (*device, error) {
		opener, err := driver.Bind(settings(pairs...))
		if err != nil {
			t.Fatal(err)
		}
		d, err := opener(t.Context(), drivers.Env{UPS: section, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			return nil, err
		}
		return d.(*device), nil
	}
	for _, section := range []string{"x", "y"} {
		d, err := meet(section, "busport", map[string]string{"x": "001", "y": "002"}[section])
		if err != nil {
			t.Fatal(err)
		}
		close(d.reports.port.(*fakePort).p.gone)
		if err := d.Read(t.Context(), new(nut.Draft)); !errors.Is(err, usbdev.ErrGone) {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	x.gone, y.gone = make(chan struct{}), make(chan struct{})
	x.info.Device, y.info.Device = "008", "007"
	bus.devices = []*plugged{y} // the other is not there yet
	if d, err := meet("x"); !errors.Is(err, ErrNone) {
		t.Errorf("x took %v: %v", d, err)
	}
	bus.devices = []*plugged{y, x}
	for section, want := range map[string]*plugged{"x": x, "y": y} {
		d, err := meet(section)
		if err != nil {
			t.Fatalf("%s: %v", section, err)
		}
		defer d.Close() // at the end: what a section leaves is free for the other
		if d.info.Port != want.info.Port {
			t.Errorf("%s has the device of the other", section)
		}
	}
}
