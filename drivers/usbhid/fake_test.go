package usbhid

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/hid"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/nut"
)

// fake is a bus with simulated devices on it.
type fake struct {
	mu      sync.Mutex
	devices []*plugged
	opened  int
}

// plugged is a device on a fake bus. Its functions, where they are set, stand before
// the device.
type plugged struct {
	*hid.Device
	info usbdev.Info
	gone chan struct{}
	get  func(ctx context.Context, id byte) ([]byte, error) // nil, nil for the device's own
}

// bus is the fake as the driver sees it.
func (f *fake) bus() Bus {
	return Bus{Name: "hidraw", List: f.List, Open: f.Open, Arrival: func() <-chan struct{} { return nil }}
}

func (f *fake) List(context.Context) ([]usbdev.Info, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []usbdev.Info
	for _, p := range f.devices {
		all = append(all, p.info)
	}
	return all, nil
}

func (f *fake) Open(_ context.Context, match func(usbdev.Info) bool, _ usbdev.Options) (Port, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.devices {
		if match(p.info) {
			f.opened++
			return &fakePort{p}, nil
		}
	}
	return nil, usbdev.ErrGone
}

type fakePort struct{ p *plugged }

func (f *fakePort) away(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", usbdev.ErrTimeout, ctx.Err())
	}
	select {
	case <-f.p.gone:
		return usbdev.ErrGone
	default:
		return nil
	}
}

func (f *fakePort) ReportDescriptor(ctx context.Context) ([]byte, error) {
	return f.p.ReportDescriptor(), f.away(ctx)
}

func (f *fakePort) GetReport(ctx context.Context, kind usbdev.ReportKind, id byte, buf []byte) (int, error) {
	if err := f.away(ctx); err != nil {
		return 0, err
	}
	if f.p.get != nil {
		if b, err := f.p.get(ctx, id); b != nil || err != nil {
			return copy(buf, b), err
		}
	}
	b, err := f.p.GetReport(kind, id)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", usbdev.ErrStall, err)
	}
	return copy(buf, b), nil
}

func (f *fakePort) SetReport(ctx context.Context, kind usbdev.ReportKind, report []byte) error {
	if err := f.away(ctx); err != nil {
		return err
	}
	if err := f.p.SetReport(kind, report); err != nil {
		return fmt.Errorf("%w: %w", usbdev.ErrStall, err)
	}
	return nil
}

func (f *fakePort) ReadInterrupt(ctx context.Context, buf []byte) (int, error) {
	select {
	case r := <-f.p.Inputs():
		return copy(buf, r), nil
	case <-f.p.gone:
		return 0, usbdev.ErrGone
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: %w", usbdev.ErrTimeout, ctx.Err())
	}
}

func (f *fakePort) String(ctx context.Context, index int) (string, error) {
	text, ok := f.p.String(index)
	if !ok {
		return "", usbdev.ErrStall
	}
	return text, f.away(ctx)
}

func (f *fakePort) Close() error { return nil }

// plug puts a simulated device on the bus.
func (f *fake) plug(tb testing.TB, persona string) *plugged {
	tb.Helper()
	d, err := hid.New(persona, model.New(model.Spec{
		Power: 1500, RealPower: 900, Ambient: 22,
		Battery: model.Battery{Capacity: 200, Voltage: 24, Charger: 60, Charge: 1, Health: 1},
		Mains:   model.Mains{Voltage: 230, Frequency: 50, Seed: 1},
		Load:    model.Load{Level: 0.3},
	}))
	if err != nil {
		tb.Fatal(err)
	}
	id := d.Identity()
	p := &plugged{Device: d, gone: make(chan struct{}), info: usbdev.Info{
		VendorID: id.VendorID, ProductID: id.ProductID, Release: id.Release,
		Vendor: id.Manufacturer, Product: id.Product, Serial: id.Serial,
		Bus: "001", Device: fmt.Sprintf("%03d", len(f.devices)+2), Port: fmt.Sprint(len(f.devices) + 1),
	}}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.devices = append(f.devices, p)
	return p
}

func settings(pairs ...string) []drivers.Setting {
	all := []drivers.Setting{{Name: "port", Value: "auto"}}
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, drivers.Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

// bench is an opened device and what it said.
type bench struct {
	*device
	tb    testing.TB
	draft nut.Draft
}

func opened(tb testing.TB, bus *fake, pairs ...string) *bench {
	tb.Helper()
	d, err := tryOpen(tb, bus, drivers.Env{}, pairs...)
	if err != nil {
		tb.Fatal(err)
	}
	return &bench{device: d.(*device), tb: tb}
}

func tryOpen(tb testing.TB, bus *fake, env drivers.Env, pairs ...string) (drivers.Device, error) {
	tb.Helper()
	opener, err := New(bus.bus()).Bind(settings(pairs...))
	if err != nil {
		tb.Fatal(err)
	}
	env.UPS, env.Log = "test", slog.New(slog.DiscardHandler)
	d, err := opener(tb.Context(), env)
	if err == nil {
		tb.Cleanup(func() { _ = d.Close() })
	}
	return d, err
}

// read reads the device; the test ends if that fails.
func (b *bench) read() *nut.Snapshot {
	b.tb.Helper()
	if err := b.Read(b.tb.Context(), &b.draft); err != nil {
		b.tb.Fatal(err)
	}
	return b.draft.Freeze("test", nut.Live, time.Now())
}
