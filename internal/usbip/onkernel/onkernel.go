//go:build linux

// Package onkernel is what a transport to USB devices must pass on a real kernel, with
// a real device: an emulated APC that internal/usbip/plug has plugged in. Its own test
// runs that of each transport in a virtual machine.
package onkernel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// Device is an open device.
type Device interface {
	Info() usbdev.Info
	Close() error
	reports
	more
}

// What only libusb has.
type resetter interface {
	ClearHalt(ctx context.Context, endpoint byte) error
	Reset(ctx context.Context) error
}

// writer is what both have, and a playback has in its own way.
type writer interface {
	WriteInterrupt(ctx context.Context, data []byte) (int, error)
}

type reports interface {
	ReportDescriptor(ctx context.Context) ([]byte, error)
	GetReport(ctx context.Context, kind usbdev.ReportKind, id byte, buf []byte) (int, error)
	SetReport(ctx context.Context, kind usbdev.ReportKind, report []byte) error
}

type more interface {
	ReadInterrupt(ctx context.Context, buf []byte) (int, error)
	String(ctx context.Context, index int) (string, error)
	Control(ctx context.Context, requestType, request byte, value, index uint16, data []byte) (int, error)
}

// Socket is set in the virtual machine: where plug takes orders.
const Socket = "WATTNUT_PLUG"

// Reports of the emulated APC.
const (
	charge      = 0x0c // in percent
	lowCharge   = 0x11 // can be set
	noReport    = 0xee
	chemistry   = 4 // string descriptor
	patience    = 5 * time.Second
	impatience  = 300 * time.Millisecond
	kernelGrace = 8 * time.Second // a control transfer of the kernel's own takes up to 5 s
)

// bench is a test with a device.
type bench struct {
	*testing.T
	open func(context.Context, func(usbdev.Info) bool, usbdev.Options) (Device, error)
}

// Test puts a transport to the test. Outside of the virtual machine it is skipped.
func Test(t *testing.T, open func(context.Context, func(usbdev.Info) bool, usbdev.Options) (Device, error)) {
	t.Helper()
	if os.Getenv(Socket) == "" {
		t.Skip("needs an emulated UPS on a kernel: make test-vm")
	}
	b := bench{t, open}
	b.step("talk", bench.talk)
	b.step("record", bench.record)
	b.step("busy", bench.busy)
	b.step("interrupt", bench.interrupt)
	b.step("packets", bench.packets)
	b.step("reset", bench.reset)
	b.step("faults", bench.faults)
	b.step("gone", bench.gone)
	b.step("sleeping", bench.sleeping)
}

func (b bench) step(name string, f func(bench)) {
	b.Run(name, func(t *testing.T) { f(bench{t, b.open}) })
}

// tell gives plug an order.
func (b bench) tell(order string) {
	b.Helper()
	if out, err := exec.Command("plug", os.Getenv(Socket), "tell", order).CombinedOutput(); err != nil {
		b.Fatalf("plug: %s: %v: %s", order, err, out)
	}
}

func apc(i usbdev.Info) bool { return i.ID() == "051d:0002" }

// device opens the device, and waits for it if it was just plugged in.
func (b bench) device() Device {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	for {
		d, err := b.open(ctx, apc, usbdev.Options{})
		if err == nil {
			b.Cleanup(func() { _ = d.Close() })
			return d
		}
		missing, ok := errors.AsType[*usbdev.MissingError](err)
		if !ok || missing.Again() == nil {
			b.Fatalf("open: %v", err)
		}
		select {
		case <-missing.Again():
		case <-time.After(impatience):
		case <-ctx.Done():
			b.Fatalf("open: %v", err)
		}
	}
}

func (b bench) get(d Device, within time.Duration, id byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(b.Context(), within)
	defer cancel()
	buf := make([]byte, 8)
	n, err := d.GetReport(ctx, usbdev.Feature, id, buf)
	return buf[:n], err
}

func (b bench) talk() {
	d, ctx := b.device(), b.Context()
	i := d.Info()
	if i.Vendor != "American Power Conversion" || i.Serial != "4B1234P56789" || i.Release != 0x106 || i.Bus != "001" || i.Port != "1" || i.BusPort() != "001" {
		b.Errorf("info: %+v", i)
	}
	b.Log(i)
	if descriptor, err := d.ReportDescriptor(ctx); err != nil || len(descriptor) < 100 || descriptor[0] != 0x05 {
		b.Errorf("descriptor: % x, %v", descriptor, err)
	}
	if got, err := b.get(d, patience, charge); err != nil || len(got) != 4 || got[0] != charge || got[1] != 90 {
		b.Errorf("charge: % x, %v", got, err)
	}
	if err := d.SetReport(ctx, usbdev.Feature, []byte{lowCharge, 42}); err != nil {
		b.Errorf("set: %v", err)
	}
	if got, err := b.get(d, patience, lowCharge); err != nil || len(got) != 2 || got[1] != 42 {
		b.Errorf("what was set: % x, %v", got, err)
	}
	if _, err := b.get(d, patience, noReport); !errors.Is(err, usbdev.ErrStall) {
		b.Errorf("a report that there is not: %v", err)
	}
	if text, err := d.String(ctx, chemistry); text != "PbAc" || err != nil {
		b.Errorf("string: %q, %v", text, err)
	}
	buf := make([]byte, 18)
	if n, err := d.Control(ctx, usbdev.FromDevice, usbdev.GetDescriptor, 0x0100, 0, buf); n != 18 || buf[8] != 0x1d || err != nil {
		b.Errorf("device descriptor: % x, %v", buf[:n], err)
	}
}

// record: what was exchanged is exchanged again by its recording.
func (b bench) record() {
	var tape bytes.Buffer
	d, err := b.open(b.Context(), apc, usbdev.Options{Record: usbdev.NewRecorder(&tape)})
	if err != nil {
		b.Fatal(err)
	}
	live := b.exchange(d)
	if err := d.Close(); err != nil {
		b.Error(err)
	}
	p, err := usbdev.NewPlayback(bytes.NewReader(tape.Bytes()))
	if err != nil {
		b.Fatalf("%v: %s", err, tape.String())
	}
	if again := b.exchange(p); !slices.Equal(again, live) {
		b.Errorf("live:  %q\nagain: %q\nof %s", live, again, tape.String())
	}
}

// exchange is a little of everything.
func (b bench) exchange(d Device) []string {
	descriptor, err := d.ReportDescriptor(b.Context())
	said := []string{fmt.Sprint(d.Info()), fmt.Sprintf("%x %v", descriptor, err)}
	for _, id := range []byte{charge, noReport, lowCharge} {
		report, err := b.get(d, patience, id)
		said = append(said, fmt.Sprintf("%x %v", report, errors.Is(err, usbdev.ErrStall)))
	}
	said = append(said, fmt.Sprint(d.SetReport(b.Context(), usbdev.Feature, []byte{lowCharge, 21})))
	text, err := d.String(b.Context(), chemistry)
	return append(said, fmt.Sprint(text, err))
}

func (b bench) busy() {
	d := b.device()
	if _, err := b.open(b.Context(), apc, usbdev.Options{}); !errors.Is(err, usbdev.ErrBusy) {
		b.Errorf("a second: %v", err)
	}
	if err := d.Close(); err != nil {
		b.Error(err)
	}
	b.device()
}

func (b bench) interrupt() {
	d := b.device()
	b.tell("mains off")
	defer b.tell("mains on")
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	const status, online = 0x16, 1 << 2
	for buf := make([]byte, 64); ; {
		n, err := d.ReadInterrupt(ctx, buf)
		if err != nil {
			b.Fatalf("no word of the mains: %v", err)
		}
		if n == 2 && buf[0] == status && buf[1]&online == 0 {
			break
		}
	}
	ctx, cancel = context.WithTimeout(b.Context(), impatience)
	defer cancel()
	for {
		if _, err := d.ReadInterrupt(ctx, make([]byte, 64)); err != nil {
			if !errors.Is(err, usbdev.ErrTimeout) {
				b.Errorf("silence: %v", err)
			}
			return
		}
	}
}

// packets: a command goes through the interrupt OUT endpoint of another device, which
// numbers no reports, and its answer comes through the other.
func (b bench) packets() {
	d, err := b.open(b.Context(), func(i usbdev.Info) bool { return i.ID() == "0665:5161" }, usbdev.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	if n, err := d.(writer).WriteInterrupt(ctx, []byte("Q1\r\x00\x00\x00\x00\x00")); err != nil || n != 8 {
		b.Fatalf("write: %d, %v", n, err)
	}
	var answer []byte
	for buf := make([]byte, 8); !bytes.ContainsRune(answer, '\r'); {
		n, err := d.ReadInterrupt(ctx, buf)
		if err != nil {
			b.Fatalf("read %q, then %v", answer, err)
		}
		answer = append(answer, bytes.TrimRight(buf[:n], "\x00")...)
	}
	if !bytes.HasPrefix(answer, []byte("(227.2 ")) {
		b.Errorf("answer: %q", answer)
	}
}

// reset: a device is as before after a reset, and after its endpoint was halted.
func (b bench) reset() {
	d := b.device()
	r, ok := d.(resetter)
	if !ok {
		b.Skip("this transport has no such thing")
	}
	if err := r.ClearHalt(b.Context(), 0x81); err != nil {
		b.Errorf("clear halt: %v", err)
	}
	if err := r.Reset(b.Context()); err != nil {
		b.Errorf("reset: %v", err)
	}
	if got, err := b.get(d, patience, charge); err != nil || len(got) != 4 {
		b.Errorf("after the reset: % x, %v", got, err)
	}
}

// faults: whatever a device does, a call returns in its time, and once the device is
// well again it is as before.
func (b bench) faults() {
	d := b.device()
	for _, tt := range []struct {
		fault string
		want  error // nil for any
	}{{"stall", usbdev.ErrStall}, {"babble", nil}, {"silent", usbdev.ErrTimeout}} {
		b.tell("break " + tt.fault)
		began := time.Now()
		_, err := b.get(d, impatience, charge)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			b.Errorf("%s: %v", tt.fault, err)
		}
		if took := time.Since(began); took > patience/2 {
			b.Errorf("%s: returned after %v", tt.fault, took)
		}
		b.Logf("%s: %v", tt.fault, err)
		b.tell("break well")
		if got, err := b.get(d, kernelGrace, charge); err != nil || len(got) != 4 {
			b.Errorf("well after %s: % x, %v", tt.fault, got, err)
		}
	}
	b.tell("break garbage")
	got, err := b.get(d, patience, charge)
	b.tell("break well")
	if err != nil || len(got) != 4 || got[1] != 0xa5 {
		b.Errorf("garbage: % x, %v", got, err)
	}
}

// gone: a device that is unplugged is gone for who reads and who asks, and one that
// comes back is found, though it has another number.
func (b bench) gone() {
	d := b.device()
	number := d.Info().Device
	read := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(b.Context(), patience)
		defer cancel()
		for {
			if _, err := d.ReadInterrupt(ctx, make([]byte, 64)); err != nil {
				read <- err
				return
			}
		}
	}()
	b.tell("unplug")
	if err := <-read; !errors.Is(err, usbdev.ErrGone) {
		b.Errorf("read: %v", err)
	}
	if _, err := b.get(d, patience, charge); !errors.Is(err, usbdev.ErrGone) {
		b.Errorf("get: %v", err)
	}
	_ = d.Close()
	if _, err := b.open(b.Context(), apc, usbdev.Options{}); !errors.Is(err, usbdev.ErrGone) {
		b.Errorf("open: %v", err)
	}
	time.AfterFunc(impatience, func() { b.tell("plug") })
	again := b.device()
	if again.Info().Device == number {
		b.Errorf("it is number %s again", number)
	}
	if got, err := b.get(again, patience, charge); err != nil || len(got) != 4 {
		b.Errorf("get again: % x, %v", got, err)
	}
}

// sleeping: a device that the kernel may suspend is awake for who has it open.
func (b bench) sleeping() {
	const power = "/sys/bus/usb/devices/1-1/power/"
	for file, value := range map[string]string{"autosuspend_delay_ms": "0", "control": "auto"} {
		if err := os.WriteFile(power+file, []byte(value), 0); err != nil {
			b.Fatal(err)
		}
	}
	<-time.After(impatience) // it has the time to fall asleep
	state, _ := os.ReadFile(power + "runtime_status")
	b.Logf("nobody has it open: %s", state)
	d := b.device()
	if got, err := b.get(d, patience, charge); err != nil || len(got) != 4 {
		b.Errorf("get: % x, %v", got, err)
	}
	state, _ = os.ReadFile(power + "runtime_status")
	b.Logf("somebody has: %s", state)
}
