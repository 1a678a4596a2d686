package megatec

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/megatec"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/nut"
)

// bridge is a simulated UPS behind a Cypress chip: commands in reports of eight
// bytes, answers in packets of eight.
type bridge struct {
	info usbdev.Info
	face *megatec.Face

	mu        sync.Mutex
	command   []byte
	answer    []byte
	unplugged bool
	opened    int
}

func newBridge(t *testing.T, protocol string) *bridge {
	t.Helper()
	face, err := megatec.New(model.New(spec()), megatec.Config{Protocol: protocol, Mfr: "WATTNUT", Model: "USB 1000", Firmware: "V2"})
	if err != nil {
		t.Fatal(err)
	}
	return &bridge{info: usbdev.Info{VendorID: 0x0665, ProductID: 0x5161, Vendor: "INNO TECH", Product: "USB to Serial", Bus: "001", Device: "004"}, face: face}
}

// open is a usbOpener.
func (b *bridge) open(_ context.Context, fits func(usbdev.Info) bool, _ usbdev.Options) (usbPort, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.unplugged || !fits(b.info) {
		return nil, usbdev.ErrGone
	}
	b.opened++
	b.answer = nil
	return b, nil
}

func (b *bridge) plug(in bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unplugged = !in
}

func (b *bridge) Control(_ context.Context, requestType, request byte, value, _ uint16, data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.unplugged:
		return 0, usbdev.ErrGone
	case requestType != 0x21 || request != 9 || value != 0x200 || len(data) != 8:
		return 0, usbdev.ErrStall
	}
	b.command = append(b.command, bytes.TrimRight(data, "\x00")...)
	if text, ok := strings.CutSuffix(string(b.command), "\r"); ok {
		b.command = nil
		if said, ok := b.face.Answer(text); ok {
			b.answer = append(b.answer, said+"\r"...)
		}
	}
	return len(data), nil
}

func (b *bridge) ReadInterrupt(_ context.Context, buf []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.unplugged:
		return 0, usbdev.ErrGone
	case len(b.answer) == 0:
		return 0, usbdev.ErrTimeout // without the second that it takes
	}
	clear(buf)
	n := copy(buf[:8], b.answer)
	b.answer = b.answer[n:]
	return 8, nil
}

func (b *bridge) WriteInterrupt(context.Context, []byte) (int, error) { return 0, usbdev.ErrStall }
func (b *bridge) Info() usbdev.Info                                   { return b.info }
func (b *bridge) Close() error                                        { return nil }

// usbConfig is what ups.conf says, checked.
func usbConfig(t *testing.T, c qxConfig) qxConfig {
	t.Helper()
	c.ChargeTime, c.IdleLoad, c.CablePower, c.owners = time.Hour, 10, "normal", new(usbdev.Owners)
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	return c
}

var usbEnv = drivers.Env{UPS: "test", Log: slog.New(slog.DiscardHandler)}

// TestUSB: each simulated protocol is found behind a known device.
func TestUSB(t *testing.T) {
	for _, protocol := range megatec.Protocols() {
		t.Run(protocol, func(t *testing.T) {
			b := newBridge(t, protocol)
			c := usbConfig(t, qxConfig{})
			d, err := c.meetUSB(t.Context(), b.open, usbEnv.UPS, c.search, c.options(usbEnv))
			if err != nil {
				t.Fatal(err)
			}
			s := read(t, d, new(nut.Draft))
			for name, want := range map[nut.Name]string{
				"driver.version.data": protocol, "ups.vendorid": "0665", "ups.productid": "5161", "ups.status": "OL", "ups.load": "34",
			} {
				if got := s.Value(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// TestReplug: a device that is pulled out ends the contact, however often; it is
// met again at once when it is back, in the protocol that is known by then.
func TestReplug(t *testing.T) {
	b := newBridge(t, "zinto")
	c := usbConfig(t, qxConfig{})
	for n := range 100 {
		d, err := c.meetUSB(t.Context(), b.open, usbEnv.UPS, c.search, c.options(usbEnv))
		if err != nil {
			t.Fatal(err)
		}
		var draft nut.Draft
		read(t, d, &draft)
		b.plug(false)
		if err := d.Read(t.Context(), &draft); !errors.Is(err, usbdev.ErrGone) {
			t.Fatalf("pulled out for the %d. time: %v", n+1, err)
		}
		d.Close()
		if _, err := c.meetUSB(t.Context(), b.open, usbEnv.UPS, c.search, c.options(usbEnv)); !errors.Is(err, usbdev.ErrGone) {
			t.Fatalf("opened while it is away: %v", err)
		}
		b.plug(true)
	}
	if b.opened != 100 {
		t.Errorf("opened %d times", b.opened)
	}
}

// TestSwap: of two sections that lose their twins at once, none takes the other's when
// that is back first, unless it is known that the other does not want it any more.
func TestSwap(t *testing.T) {
	b := newBridge(t, "megatec")
	b.info.Port = "1.2"
	c := usbConfig(t, qxConfig{})
	meet := func(section string) (*device, error) {
		return c.meetUSB(t.Context(), b.open, section, c.search, c.options(usbEnv))
	}
	for _, lost := range []bool{true, false} {
		d, err := meet("first")
		if err != nil {
			t.Fatal(err)
		}
		b.plug(!lost)
		if err := d.Read(t.Context(), new(nut.Draft)); (err != nil) != lost {
			t.Errorf("read: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		b.plug(true)
		switch d, err := meet("second"); {
		case lost && !errors.Is(err, usbdev.ErrGone), !lost && err != nil:
			t.Errorf("lost %v: the other section's: %v", lost, err)
		case err == nil:
			d.Close()
		}
	}
}

// TestOtherUPS: behind the same plug is another UPS, with another protocol.
func TestOtherUPS(t *testing.T) {
	b := newBridge(t, "mustek")
	c := usbConfig(t, qxConfig{})
	if _, err := c.meetUSB(t.Context(), b.open, usbEnv.UPS, c.search, c.options(usbEnv)); err != nil {
		t.Fatal(err)
	}
	b.face = newBridge(t, "voltronic").face
	if d, err := c.meetUSB(t.Context(), b.open, usbEnv.UPS, c.search, c.options(usbEnv)); err == nil {
		t.Errorf("taken for %s", d.unit.Protocol())
	}
	d, err := c.meetUSB(t.Context(), b.open, usbEnv.UPS, c.search, c.options(usbEnv))
	if err != nil || d.unit.Protocol() != "voltronic" {
		t.Errorf("not found: %v", err)
	}
}

// TestChoice: which device is taken, and how it is spoken to.
func TestChoice(t *testing.T) {
	for _, tt := range []struct {
		c    qxConfig
		want string // of the error; "" for none
	}{
		{qxConfig{}, ""},
		{qxConfig{usbLine: usbLine{Selector: usbdev.Selector{VendorID: "0665", Product: "usb to.*"}}}, ""},
		{qxConfig{usbLine: usbLine{Selector: usbdev.Selector{VendorID: "06da"}}}, "no such USB device"},
		{qxConfig{usbLine: usbLine{Selector: usbdev.Selector{VendorID: "0665", ProductID: "5161"}, Subdriver: "ippon"}}, "answer"},
		{qxConfig{common: common{Protocol: "voltronic"}}, "answers, but in no protocol"},
	} {
		b := newBridge(t, "megatec")
		c := usbConfig(t, tt.c)
		_, err := c.meetUSB(t.Context(), b.open, usbEnv.UPS, c.search, c.options(usbEnv))
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%+v: %v, want %q", tt.c.usbLine, err, tt.want)
		}
	}
}

// TestDescribe: what a scan says of a device is enough to find it again.
func TestDescribe(t *testing.T) {
	i := usbdev.Info{VendorID: 0x06da, ProductID: 2, Vendor: "Phoenixtec Power", Product: "USB Cable (V2.00)", Serial: "1+1", Bus: "001", Device: "004", Port: "1.4"}
	f, ok := describe(i)
	if !ok || f.Driver != "nutdrv_qx" || len(f.Settings) != 6 || len(f.Hints) != 3 {
		t.Fatalf("got %+v, %t", f, ok)
	}
	opener, err := QX.Bind(f.Settings)
	if err != nil || opener == nil {
		t.Fatal(err)
	}
	s := usbdev.Selector{VendorID: f.Settings[1].Value, ProductID: f.Settings[2].Value, Product: f.Settings[3].Value, Serial: f.Settings[4].Value, Vendor: f.Settings[5].Value}
	match, err := s.Compile()
	if err != nil || !match(i) {
		t.Errorf("%+v does not match, %v", s, err)
	}
	if _, ok := describe(usbdev.Info{VendorID: 0x051d, ProductID: 2}); ok {
		t.Error("another family's device is taken")
	}
}
