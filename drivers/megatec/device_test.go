package megatec

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/drivers/simulator/megatec"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/nut"
)

// spec is a small UPS whose mains stays.
func spec() model.Spec {
	return model.Spec{
		Power: 1000, RealPower: 600, Ambient: 25,
		Battery: model.Battery{Capacity: 168, Voltage: 24, Charger: 40, Charge: 1, Health: 1},
		Mains:   model.Mains{Voltage: 230, Frequency: 50},
		Load:    model.Load{Level: 0.34},
	}
}

// rig is a simulated UPS on a pseudo-terminal.
type rig struct {
	port string
	mu   sync.Mutex
	ups  *model.UPS
	far  io.Closer

	spoil func(command, answer string, ok bool) (string, bool) // what a bad line makes of an answer; nil for nothing
}

func (r *rig) do(f func(*model.UPS)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(r.ups)
}

// spoils has the line spoil answers from now on; nil for no more.
func (r *rig) spoils(how func(command, answer string, ok bool) (string, bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spoil = how
}

// simulate puts a simulated UPS on a port until the test ends.
func simulate(t *testing.T, protocol string) *rig {
	t.Helper()
	r := &rig{ups: model.New(spec())}
	face, err := megatec.New(r.ups, megatec.Config{
		Protocol: protocol, Mfr: "WATTNUT", Model: "SIM 1000", Firmware: "V1.23", Serial: "685653211455",
	})
	if err != nil {
		t.Fatal(err)
	}
	r.port, r.far = play(t, func(command string) (string, bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		answer, ok := face.Answer(command)
		if r.spoil != nil {
			return r.spoil(command, answer, ok)
		}
		return answer, ok
	})
	return r
}

// play answers on a port until the test ends, or the far end is closed.
func play(t *testing.T, answer func(string) (string, bool)) (port string, far io.Closer) {
	t.Helper()
	conn, port, err := serial.Far()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		megatec.Serve(conn, answer)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return port, conn
}

func settings(pairs ...string) []drivers.Setting {
	var all []drivers.Setting
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, drivers.Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

// open opens a device that is closed at the test's end.
func open(t *testing.T, d drivers.Driver, s ...drivers.Setting) drivers.Device {
	t.Helper()
	opener, err := d.Bind(s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	device, err := opener(ctx, drivers.Env{UPS: "test", ConfDir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { device.Close() })
	return device
}

// read reads a device into a draft.
func read(t *testing.T, d drivers.Device, draft *nut.Draft) *nut.Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if err := d.Read(ctx, draft); err != nil {
		t.Fatal(err)
	}
	return draft.Freeze("test", nut.Live, time.Now())
}

// TestSuite: one protocol whose orders are obeyed in silence, which takes a
// second each, and two that acknowledge them.
func TestSuite(t *testing.T) {
	for _, protocol := range []string{"megatec", "mecer", "voltronic"} {
		t.Run(protocol, func(t *testing.T) {
			r := simulate(t, protocol)
			drivertest.Suite(t, drivertest.Config{
				Driver: QX, Settings: settings("port", r.port, "protocol", protocol),
				Limit: 10 * time.Second,
			})
		})
	}
}

// TestOutage: a failing mains is told at the next quick poll, and the estimates
// follow the battery.
func TestOutage(t *testing.T) {
	r := simulate(t, "megatec")
	d := open(t, QX, settings("port", r.port, "protocol", "megatec", "runtimecal", "240,100,720,50", "pollfreq", "0")...)
	var draft nut.Draft
	s := read(t, d, &draft)
	if s.Status().String() != "OL" || s.Value("battery.charge") != "100" || s.Value("battery.runtime") != "1327" {
		t.Errorf("at the start: %s, charge %s, runtime %s", s.Status(), s.Value("battery.charge"), s.Value("battery.runtime"))
	}
	r.do(func(u *model.UPS) {
		u.Wire(model.Unplugged)
		u.Step(time.Second)
	})
	if s = read(t, d, &draft); !s.Status().Has(nut.StatusOnBattery) {
		t.Errorf("after the mains failed: %s", s.Status())
	}
}
