package apcsmart

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/live"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/simulator/smart"
	"github.com/wattnut/wattnut/drivers/transport/serial"
)

// simulated is a Smart-UPS at the far end of a port.
type simulated struct {
	*live.UPS
	port string
	far  io.Closer // pulls the cable out
}

// simulate has a Smart-UPS at a pseudo-terminal until the test ends. Its mains is
// always the same.
func simulate(t *testing.T, id smart.Identity) simulated {
	t.Helper()
	far, near, err := serial.Far()
	if err != nil {
		t.Fatal(err)
	}
	m := model.New(model.Spec{
		Power: 1500, RealPower: 980, Ambient: 24,
		Battery: model.Battery{Capacity: 216, Voltage: 24, Health: 1, Charge: 1, Charger: 160},
		Mains:   model.Mains{Voltage: 230, Frequency: 50}, Load: model.Load{Level: 0.5},
	})
	u := live.New(m, 0) // quiet: its time stands still
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- smart.New(u.Do, id).Serve(ctx, far) }()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	awake(t, near)
	return simulated{UPS: u, port: near, far: far}
}

// awake waits until a UPS answers.
func awake(t *testing.T, port string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	p, err := serial.Open(ctx, port, serial.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	l := link{port: p}
	if err := l.wake(ctx); err != nil {
		t.Fatal(err)
	}
}

// mains plugs the UPS in, or pulls it out.
func (s simulated) mains(on bool) {
	s.Do(func(m *model.UPS) {
		m.Wire(model.Unplugged)
		if on {
			m.Wire(model.Plugged)
		}
		m.Step(1e9)
	})
}
