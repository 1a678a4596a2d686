//go:build libusb && linux

package usb

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/internal/testenv"
)

// inside is set in the process that umockdev shows a device to.
const inside = "WATTNUT_UMOCKDEV"

// TestUmockdev has libusb find and open a device that umockdev stands for, without a
// kernel that knows of it. What the device answers is a recording of USB traffic.
// umockdev is between a program and the C library: what Go does by system call does
// not get there, so that only libusb sees the device.
func TestUmockdev(t *testing.T) {
	if os.Getenv(inside) != "" {
		ask(t)
		return
	}
	run := testenv.Need(t, "umockdev-run")
	dir := t.TempDir()
	device, traffic := filepath.Join(dir, "device"), filepath.Join(dir, "pcap")
	const place = "/devices/pci0000:00/0000:00:1d.0/usb1/1-1"
	for path, content := range map[string]string{device: description(place), traffic: recording()} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(run, "--device", device, "--pcap", "/sys"+place+"="+traffic, "--",
		os.Args[0], "-test.v", "-test.run", "^TestUmockdev$", "-test.timeout", "60s")
	cmd.Env = append(os.Environ(), inside+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestUmockdev") {
		t.Errorf("%v\n%s", err, out)
	}
}

// ask is the test, with the device.
func ask(t *testing.T) {
	t.Helper()
	match, err := usbdev.Selector{VendorID: "051d", Product: "back-ups"}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), match, usbdev.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := usbdev.Info{
		VendorID: 0x51d, ProductID: 2, Release: 0x106, Vendor: "American Power Conversion", Product: "Back-UPS RS 1500G",
		Serial: "4B1234P56789", Bus: "001", Device: "004", Port: "1",
	}
	if d.Info() != want {
		t.Errorf("got  %+v\nwant %+v", d.Info(), want)
	}
	buf := make([]byte, 8)
	if n, err := d.GetReport(t.Context(), usbdev.Feature, 0x0c, buf); err != nil || n != 2 || buf[1] != 90 {
		t.Errorf("charge: % x, %v", buf[:n], err)
	}
	if text, err := d.String(t.Context(), 4); text != "PbAc" || err != nil {
		t.Errorf("string: %q, %v", text, err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// description is a HID device of one interface, in umockdev's format.
func description(place string) string {
	descriptors := strings.ToUpper(hex.EncodeToString([]byte("\x12\x01\x10\x01\x00\x00\x00\x08\x1d\x05\x02\x00\x06\x01\x01\x02\x03\x01" +
		"\x09\x02\x22\x00\x01\x01\x00\xc0\x32" + "\x09\x04\x00\x00\x01\x03\x00\x00\x00" + "\x09\x21\x10\x01\x00\x01\x22\x17\x00" + "\x07\x05\x81\x03\x08\x00\x0a")))
	lines := []string{
		"P: " + place, "N: bus/usb/001/004=" + descriptors, "E: DEVNAME=/dev/bus/usb/001/004", "E: DEVTYPE=usb_device", "E: SUBSYSTEM=usb",
		"E: BUSNUM=001", "E: DEVNUM=004", `A: busnum=1\n`, `A: devnum=4\n`, `A: devpath=1\n`, `A: speed=12\n`, `A: bConfigurationValue=1\n`,
		`A: idVendor=051d\n`, `A: idProduct=0002\n`, "H: descriptors=" + descriptors, "",
	}
	return strings.Join(lines, "\n") + "\n"
}

// recording is what goes over the wire, as usbmon writes it: a pcap file of link type
// 220, with headers of Linux' Documentation/usb/usbmon.rst.
func recording() string {
	var out bytes.Buffer
	put := func(fields ...any) {
		for _, f := range fields {
			_ = binary.Write(&out, binary.LittleEndian, f) // into memory
		}
	}
	put(uint32(0xa1b2c3d4), uint16(2), uint16(4), uint64(0), uint32(65535), uint32(220))
	var number uint32
	packet := func(kind byte, setup [8]byte, noSetup, noData byte, status int32, length int, data []byte) {
		at := time.Duration(number) * time.Millisecond
		number++
		size := uint32(64 + len(data))
		put(uint32(0), uint32(at.Microseconds()), size, size)
		const control, in, device, bus = byte(2), byte(0x80), byte(4), uint16(1)
		put(uint64((number+1)/2), kind, control, in, device, bus, noSetup, noData, uint64(0), uint32(at.Microseconds()),
			status, uint32(length), uint32(len(data)), setup, [4]uint32{}, data)
	}
	ask := func(setup [8]byte, answer []byte) {
		const inProgress = -115
		packet('S', setup, 0, '<', inProgress, int(setup[6]), nil)
		packet('C', [8]byte{}, '-', 0, 0, len(answer), answer)
	}
	text := func(index byte, s string) {
		ask([8]byte{0x80, 6, 0, 3, 0, 0, 4}, []byte{4, 3, 9, 4})
		d := []byte{byte(2 + 2*len(s)), 3}
		for _, u := range utf16.Encode([]rune(s)) {
			d = binary.LittleEndian.AppendUint16(d, u)
		}
		ask([8]byte{0x80, 6, index, 3, 9, 4, 255}, d)
	}
	for i, s := range []string{"American Power Conversion", "Back-UPS RS 1500G", "4B1234P56789"} {
		text(byte(i+1), s)
	}
	ask([8]byte{0xa1, 1, 0x0c, 3, 0, 0, 8}, []byte{0x0c, 90})
	text(4, "PbAc")
	return out.String()
}
