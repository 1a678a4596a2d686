package shut

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/drivers/simulator/hid"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/simulator/shut"
	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/internal/nutdriver"
	"github.com/wattnut/wattnut/nut"
)

var discard = slog.New(slog.DiscardHandler)

// simulated is an Eaton UPS at the far end of a port.
type simulated struct {
	*hid.Device
	port string
	far  io.Closer
}

// simulate has a UPS at a pseudo-terminal until the test ends. Its time stands
// still.
func simulate(t *testing.T, wrap func(io.ReadWriteCloser) io.ReadWriteCloser) simulated {
	t.Helper()
	far, near, err := serial.Far()
	if err != nil {
		t.Fatal(err)
	}
	d, err := hid.New("mge", model.New(model.Spec{
		Power: 1550, RealPower: 1100, Ambient: 24,
		Battery: model.Battery{Capacity: 216, Voltage: 24, Health: 1, Charge: 1, Charger: 160},
		Mains:   model.Mains{Voltage: 230, Frequency: 50}, Load: model.Load{Level: 0.5},
	}))
	if err != nil {
		t.Fatal(err)
	}
	line := far
	if wrap != nil {
		line = wrap(far)
	}
	done := make(chan error, 1)
	go func() { done <- (&shut.UPS{Device: d, Layout: padded(d.ReportDescriptor())}).Serve(line) }()
	t.Cleanup(func() {
		far.Close()
		<-done
	})
	return simulated{Device: d, port: near, far: far}
}

// padded makes the two bytes of a descriptor's length the same, by pushes and pops
// that change nothing: NUT 2.8.0 takes the first for both, and finds no UPS
// otherwise.
func padded(layout []byte) []byte {
	for len(layout)>>8 != len(layout)&0xff {
		layout = append(layout, 0xa4, 0xb4)
	}
	return layout
}

func (s simulated) unplug() {
	s.Do(func(m *model.UPS) { m.Wire(model.Unplugged) })
	s.Step(time.Second)
}

// TestBesideNUT: the distribution's mge-shut and ours say the same of one UPS.
func TestBesideNUT(t *testing.T) {
	outage := func(u simulated, d *nutdriver.Device) (before, after *nut.Snapshot) {
		before = d.Facts()
		u.unplug()
		after = d.Await("on battery", func(s *nut.Snapshot) bool { return s.Status().Has("OB") })
		d.End()
		return before, after
	}
	u := simulate(t, nil)
	theirs, theirsOut := outage(u, nutdriver.Theirs(t, "mge-shut", "port", u.port, "pollfreq", "3"))
	u = simulate(t, nil)
	ours, oursOut := outage(u, nutdriver.Ours(t, Driver, "port", u.port, "pollfreq", "3"))
	nutdriver.Check(t, "differences-serial.md", "mge-shut", nutdriver.Differences(ours, theirs))
	// NUT 2.8.0 does not tell of the discharge.
	if a, b := oursOut.Status().String(), theirsOut.Status().String(); a != "OB DISCHRG" || b != "OB" {
		t.Errorf("on battery: %s, and NUT's says %s", a, b)
	}
}

func TestSuite(t *testing.T) {
	u := simulate(t, nil)
	drivertest.Suite(t, drivertest.Config{
		Driver: Driver, Settings: []drivers.Setting{{Name: "port", Value: u.port}},
		Values: map[nut.Name]string{"battery.charge.low": "25", "ups.delay.start": "40", "ups.delay.shutdown": "60", "input.transfer.low": "190", "input.transfer.high": "250"},
		Avoid:  []nut.Name{"output.voltage.nominal", "load.off", "load.off.delay", "shutdown.return", "shutdown.stayoff", "shutdown.reboot", "load.on", "load.on.delay"},
	})
}
