package smart

import (
	"bufio"
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/live"
	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// bench is a UPS at the end of a line.
type bench struct {
	t    *testing.T
	live *live.UPS
	line net.Conn
	in   *bufio.Reader
}

func start(t *testing.T) *bench {
	t.Helper()
	u := live.New(model.New(model.Spec{
		Power: 1500, RealPower: 980, Ambient: 24,
		Battery: model.Battery{Capacity: 216, Voltage: 24, Health: 1, Charge: 1, Charger: 160},
		Mains:   model.Mains{Voltage: 230, Frequency: 50}, Load: model.Load{Level: 0.5},
	}), 1)
	near, far := net.Pipe()
	near.SetDeadline(time.Now().Add(time.Hour)) // fake time has no end
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- New(u.Do, Identity{}).Serve(ctx, far) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		near.Close()
	})
	return &bench{t, u, near, bufio.NewReader(near)}
}

func (b *bench) send(text string) {
	b.t.Helper()
	if _, err := b.line.Write([]byte(text)); err != nil {
		b.t.Fatal(err)
	}
}

// silent tells that nothing comes for a while.
func (b *bench) silent() bool {
	b.line.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	defer b.line.SetReadDeadline(time.Now().Add(time.Hour))
	_, err := b.in.ReadByte()
	return err != nil
}

// ask sends a text and returns the lines that come, without the alert of settings
// that changed.
func (b *bench) ask(text string, lines int) string {
	b.t.Helper()
	go b.line.Write([]byte(text)) // the UPS answers before it has heard all
	var all []string
	for range lines {
		line, err := b.in.ReadString('\n')
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, strings.TrimPrefix(strings.TrimSuffix(line, "\r\n"), "|"))
	}
	return strings.Join(all, " ")
}

func (b *bench) model(do func(m *model.UPS)) { b.live.Do(do) }

func TestAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.send("Q")
		if !b.silent() {
			t.Error("speaks before it is asked to")
		}
		for _, tt := range []struct{ ask, want string }{
			{"Y", "SM"},
			{"Q", "08"},
			{"\x01", "SMART-UPS 1500"},
			{"b", "600.3.I"},
			{"V", "FWI"},
			{"f", "100.0"},
			{"P", "050.0"},
			{"G", "O"},
			{"X", "NO"},
			{"~---", "NA NO NO NO"}, // nothing that could be changed
			{"q-q", "02 OK 05"},
			{"S", "NO"}, // on line
			{"DD", "OK OK"},
			{"W", "OK"},
			{"A", "OK"},
			{"^", "ERR"},
			{"c-basement", "WATTNUT OK"},
			{"c", "basement"},
			{"c-up\r\r\r\r\r\r", "basement OK"},
			{"c", "up"},
			{"@0x", "NO"},
			{"a", "3.!$%+?=#|.\x01\x0e\x1a-/9>@ABCDEFGKLMNOPQRSUVWXYZ^abcefgjklmnopqrsuvx"},
			{"R", "BYE"},
		} {
			if got := b.ask(tt.ask, 1+strings.Count(strings.ReplaceAll(tt.want, "UPS ", ""), " ")); got != tt.want {
				t.Errorf("%q brings %q, want %q", tt.ask, got, tt.want)
			}
		}
	})
}

// TestTuned: what is set counts in the model.
func TestTuned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.ask("Y", 1)
		b.ask("l-p-r-u-q-", 10)
		b.model(func(m *model.UPS) {
			if m.TransferLow != 188 || m.TransferHigh != 257 || m.Shutdown != 3*time.Minute || m.Start != time.Minute || m.RuntimeLow != 5*time.Minute {
				t.Errorf("%+v", m.Tuning)
			}
		})
	})
}

// TestOutage: alerts come unasked, and the order to sleep is taken on battery.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.ask("Y", 1)
		time.Sleep(time.Second) //nolint:forbidigo // fake time
		b.model(func(m *model.UPS) { m.Wire(model.Unplugged) })
		if c, err := b.in.ReadByte(); c != '!' || err != nil {
			t.Errorf("%q, %v", c, err)
		}
		if got := b.ask("QGL", 3); got != "10 L 000.0" {
			t.Errorf("on battery: %s", got)
		}
		if got := b.ask("S", 1); got != "OK" {
			t.Errorf("S brings %s", got)
		}
		time.Sleep(30 * time.Second) //nolint:forbidigo // fake time
		if got := b.ask("QO", 2); got != "00 000.0" {
			t.Errorf("asleep: %s", got)
		}
	})
}

// TestFeigned: a power failure that is feigned ends by itself.
func TestFeigned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.ask("Y", 1)
		time.Sleep(time.Second) //nolint:forbidigo // fake time
		b.ask("U", 1)
		for _, want := range "!$" {
			if c, err := b.in.ReadByte(); rune(c) != want || err != nil {
				t.Errorf("%q, %v; want %q", c, err, want)
			}
		}
		if got := b.ask("QG", 2); got != "08 S" {
			t.Errorf("afterwards: %s", got)
		}
	})
}

// TestTwice: an order that cuts the power for good has to come twice, slowly.
func TestTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t)
		b.ask("Y", 1)
		b.send("ZZ")
		if got := b.ask("Q", 1); got != "08" {
			t.Errorf("at once: %s", got)
		}
		b.send("Z")
		time.Sleep(1500 * time.Millisecond) //nolint:forbidigo // fake time
		b.send("Z")
		if got := b.ask("Q", 1); got != "00" {
			t.Errorf("slowly: %s", got)
		}
		b.send("\x0e")
		time.Sleep(1500 * time.Millisecond) //nolint:forbidigo // fake time
		if got := b.ask("\x0eQ", 2); got != "OK 08" {
			t.Errorf("on again: %s", got)
		}
	})
}

func TestLineEnds(t *testing.T) {
	near, far := net.Pipe()
	done := make(chan error, 1)
	u := live.New(model.New(model.Spec{Power: 1, RealPower: 1, Battery: model.Battery{Capacity: 1, Voltage: 12, Health: 1}, Mains: model.Mains{Voltage: 230}}), 1)
	go func() { done <- New(u.Do, Identity{}).Serve(t.Context(), far) }()
	near.Close()
	if err := <-done; err == nil {
		t.Error("the end of the line is no error")
	}
}
