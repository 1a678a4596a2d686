package apcsmart

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	runner "github.com/wattnut/wattnut/agent/device"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/live"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/simulator/smart"
	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
)

// spoiled is a cable that changes what the UPS says while it is ill.
type spoiled struct {
	io.ReadWriteCloser
	ill   atomic.Bool
	spoil func([]byte) []byte
}

func (s *spoiled) Write(b []byte) (int, error) {
	said := b
	if s.ill.Load() {
		said = s.spoil(b)
	}
	if _, err := s.ReadWriteCloser.Write(said); err != nil {
		return 0, err
	}
	return len(b), nil
}

// speak has a Smart-UPS at the far end of a line until the test ends, or hang up
// is called.
func speak(t *testing.T, line io.ReadWriteCloser, u *live.UPS) (hangUp func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = smart.New(u.Do, smart.Identity{}).Serve(ctx, line) })
	hangUp = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	t.Cleanup(hangUp)
	return hangUp
}

// run has a Runner serve the UPS at a port until the test ends.
func run(t *testing.T, port string) *state.UPS {
	t.Helper()
	open, err := Driver.Bind([]drivers.Setting{{Name: "port", Value: port}})
	if err != nil {
		t.Fatal(err)
	}
	ups := state.NewUPS("test", "", nil)
	r := runner.New(runner.Config{
		Open: open, Env: drivers.Env{UPS: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil))}, UPS: ups,
		Poll: 50 * time.Millisecond, MaxAge: 500 * time.Millisecond, Retry: 200 * time.Millisecond,
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = r.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return ups
}

func await(t *testing.T, ups *state.UPS, health nut.Health, status string) {
	t.Helper()
	nuttest.Await(t, func() error {
		if s := ups.Snapshot(); s.Health != health || s.Value("ups.status") != status {
			return fmt.Errorf("health %v, status %q; want %v, %q", s.Health, s.Value("ups.status"), health, status)
		}
		return nil
	})
}

// still is a UPS whose time stands still.
func still() *live.UPS {
	return live.New(model.New(model.Spec{
		Power: 1500, RealPower: 980, Ambient: 24,
		Battery: model.Battery{Capacity: 216, Voltage: 24, Health: 1, Charge: 1, Charger: 160},
		Mains:   model.Mains{Voltage: 230, Frequency: 50}, Load: model.Load{Level: 0.5},
	}), 0)
}

// TestFaults spoils what the UPS says in each way: what is known goes stale in
// time, is never wrong, and is live again when the line is well.
func TestFaults(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"silence":      func([]byte) []byte { return nil },
		"half answers": func(b []byte) []byte { return b[:len(b)/2] },
		"no ends":      func(b []byte) []byte { return b[:max(0, len(b)-2)] },
		"empty lines":  func([]byte) []byte { return []byte("\r\n") },
		"not smart":    func([]byte) []byte { return []byte("NA\r\n") },
		"noise": func(b []byte) []byte {
			noise := make([]byte, len(b))
			for i := range noise {
				noise[i] = byte(rand.Uint32())
			}
			return noise
		},
		"babble": func([]byte) []byte { return make([]byte, 3000) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			far, near, err := serial.Far()
			if err != nil {
				t.Fatal(err)
			}
			line := &spoiled{ReadWriteCloser: far, spoil: spoil}
			speak(t, line, still())
			ups := run(t, near)
			await(t, ups, nut.Live, "OL")
			before := ups.Snapshot()
			line.ill.Store(true)
			await(t, ups, nut.Stale, "OL")
			if s := ups.Snapshot(); !s.With(nut.Live, before.Time).Same(before) {
				t.Errorf("what is known changed: %s", s.Value("ups.status"))
			}
			line.ill.Store(false)
			await(t, ups, nut.Live, "OL")
		})
	}
}

// TestSlow: a line that takes its time for each byte is no fault.
func TestSlow(t *testing.T) {
	far, near, err := serial.Far()
	if err != nil {
		t.Fatal(err)
	}
	pace := time.NewTicker(4 * time.Millisecond) // of 2400 bits per second
	defer pace.Stop()
	line := &spoiled{ReadWriteCloser: far}
	line.spoil = func(b []byte) []byte {
		for _, c := range b[:max(0, len(b)-1)] {
			<-pace.C
			_, _ = far.Write([]byte{c})
		}
		return b[len(b)-1:]
	}
	line.ill.Store(true)
	speak(t, line, still())
	await(t, run(t, near), nut.Live, "OL")
}

// TestVanish: a USB adapter is pulled out, and put in again.
func TestVanish(t *testing.T) {
	link := filepath.Join(t.TempDir(), "ttyUSB0")
	plug := func() (pull func()) {
		far, near, err := serial.Far()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(near, link); err != nil {
			t.Fatal(err)
		}
		hangUp := speak(t, far, still())
		return func() {
			hangUp()
			if err := os.Remove(link); err != nil {
				t.Fatal(err)
			}
		}
	}
	pull := plug()
	ups := run(t, link)
	for range 3 {
		await(t, ups, nut.Live, "OL")
		pull()
		await(t, ups, nut.Stale, "OL")
		pull = plug()
	}
	await(t, ups, nut.Live, "OL")
}
