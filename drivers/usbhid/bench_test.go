package usbhid

import (
	"context"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/hid"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// still is a port that always has the reports that a device had once.
type still map[byte][]byte

func (s still) GetReport(_ context.Context, _ usbdev.ReportKind, id byte, buf []byte) (int, error) {
	b, ok := s[id]
	if !ok {
		return 0, usbdev.ErrStall
	}
	return copy(buf, b), nil
}

func (still) SetReport(context.Context, usbdev.ReportKind, []byte) error { return nil }

func (still) Close() error { return nil }

// frozen is an opened device of a persona, read once, whose reports stand still.
func frozen(b *testing.B, persona string) *bench {
	b.Helper()
	bus := new(fake)
	p := bus.plug(b, persona)
	d := opened(b, bus, "productid", ".")
	d.read()
	d.pipe.close()
	port := make(still)
	for id := range 256 {
		if data, err := p.GetReport(usbdev.Feature, byte(id)); err == nil {
			port[byte(id)] = data
		}
	}
	d.reports.port = port
	return d
}

// BenchmarkPoll is what a poll costs: time and memory here, transfers and bytes at
// the device.
func BenchmarkPoll(b *testing.B) {
	for _, persona := range hid.Personas() {
		for name, full := range map[string]bool{"quick": false, "full": true} {
			b.Run(persona+"/"+name, func(b *testing.B) {
				d := frozen(b, persona)
				d.reports.traffic = Traffic{}
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					if full {
						d.lastFull = time.Time{}
					}
					if err := d.Read(b.Context(), &d.draft); err != nil {
						b.Fatal(err)
					}
					n++
				}
				b.ReportMetric(float64(d.reports.traffic.Transfers)/float64(n), "transfers/op")
				b.ReportMetric(float64(d.reports.traffic.Bytes)/float64(n), "wire-bytes/op")
			})
		}
	}
}

// BenchmarkEvent is what a report of the interrupt pipe costs.
func BenchmarkEvent(b *testing.B) {
	d := frozen(b, "apc")
	ctx := b.Context()
	status := []byte{22, 0b1100}
	b.ReportAllocs()
	for b.Loop() {
		d.decode(ctx, status)
	}
}

// TestDecodeAllocates: what a device says again and again costs no memory.
func TestDecodeAllocates(t *testing.T) {
	bus := new(fake)
	bus.plug(t, "apc")
	d := opened(t, bus, "pollonly", "yes")
	d.read()
	ctx, status, charge := t.Context(), []byte{22, 0b1100}, []byte{12, 100, 1, 1}
	d.decode(ctx, charge)
	if n := testing.AllocsPerRun(100, func() { d.decode(ctx, status); d.decode(ctx, charge) }); n > 0 {
		t.Errorf("%g allocations", n)
	}
}

// BenchmarkLoad is what claiming a device costs: one table is decoded.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load("mge"); err != nil {
			b.Fatal(err)
		}
	}
}
