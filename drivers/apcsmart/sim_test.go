package apcsmart

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
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
	u := still()
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

// identity is the simulator's own.
var identity smart.Identity

// opened is the driver in contact with a port.
func opened(t *testing.T, port string) *device {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	d, err := open(ctx, drivers.Env{UPS: "ups", Log: slog.New(slog.DiscardHandler)}, Config{Port: port})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d.(*device)
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
