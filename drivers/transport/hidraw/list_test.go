//go:build linux

package hidraw

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// tree makes a system of files as the kernel shows them; those that end with / are
// folders, and content that begins with -> is a link.
func tree(t *testing.T, files map[string]string) system {
	t.Helper()
	root := t.TempDir()
	for path, content := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(content, "->"); ok {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return system{sys: filepath.Join(root, "sys"), dev: filepath.Join(root, "dev")}
}

// ups is a UPS behind two hubs as sysfs shows it.
func ups(node, port, device, serial string) map[string]string {
	usb := "sys/devices/pci0000:00/usb1/1-" + port
	hid := usb + "/1-" + port + ":1.0/0003:051D:0002.0001"
	return map[string]string{
		usb + "/manufacturer":                   "American Power Conversion\n",
		usb + "/product":                        "Back-UPS RS 1500G FW:865.L6 .D \n",
		usb + "/serial":                         serial + "\n",
		usb + "/bcdDevice":                      "0106\n",
		usb + "/busnum":                         "1\n",
		usb + "/devnum":                         device + "\n",
		usb + "/devpath":                        port + "\n",
		filepath.Dir(hid) + "/bInterfaceNumber": "00\n",
		hid + "/uevent":                         "DRIVER=hid-generic\nHID_ID=0003:0000051D:00000002\nHID_NAME=American Power Conversion Back-UPS\nHID_UNIQ=" + serial + "\n",
		hid + "/report_descriptor":              "\x05\x84\x85\x01",
		"sys/class/hidraw/" + node + "/device":  "->" + "../../../" + strings.TrimPrefix(hid, "sys/"),
		"dev/" + node:                           "",
	}
}

func merge(all ...map[string]string) map[string]string {
	merged := make(map[string]string)
	for _, files := range all {
		maps.Copy(merged, files)
	}
	return merged
}

func TestList(t *testing.T) {
	emulated := "sys/devices/virtual/misc/uhid/0003:0764:0501.0003"
	s := tree(t, merge(
		ups("hidraw10", "1.4", "12", "3B1519X19994"), ups("hidraw2", "2", "7", ""),
		map[string]string{
			emulated + "/uevent":                            "HID_ID=0003:00000764:00000501\nHID_NAME= CPS CP1500 \nHID_UNIQ=\n",
			"sys/class/hidraw/hidraw3/device":               "->../../../devices/virtual/misc/uhid/0003:0764:0501.0003",
			"sys/devices/i2c/0018:04F3:0001.0004/uevent":    "HID_ID=0018:000004F3:00000001\n",
			"sys/class/hidraw/hidraw4/device":               "->../../../devices/i2c/0018:04F3:0001.0004",
			"sys/class/hidraw/hidraw5/device":               "->../../../devices/gone",
			"sys/devices/broken/0003:0000:0000.0005/uevent": "HID_ID=0003\n",
			"sys/class/hidraw/hidraw6/device":               "->../../../devices/broken/0003:0000:0000.0005",
		},
	))
	got, err := s.list()
	if err != nil {
		t.Fatal(err)
	}
	apc := usbdev.Info{
		VendorID: 0x51d, ProductID: 2, Release: 0x106, Vendor: "American Power Conversion", Product: "Back-UPS RS 1500G FW:865.L6 .D",
		Bus: "001", Device: "007", Port: "2", Node: filepath.Join(s.dev, "hidraw2"),
	}
	far := apc
	far.Device, far.Port, far.Serial, far.Node = "012", "1.4", "3B1519X19994", filepath.Join(s.dev, "hidraw10")
	want := []usbdev.Info{apc, {VendorID: 0x764, ProductID: 0x501, Product: "CPS CP1500", Node: filepath.Join(s.dev, "hidraw3")}, far}
	if len(got) != len(want) {
		t.Fatalf("%d devices: %v", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got  %+v\nwant %+v", got[i], want[i])
		}
	}
}

func TestListNothing(t *testing.T) {
	if got, err := tree(t, nil).list(); len(got) != 0 || err != nil {
		t.Errorf("no hidraw: %v, %v", got, err)
	}
	if _, err := List(); err != nil {
		t.Errorf("this machine: %v", err)
	}
}

func TestSysfsNumbers(t *testing.T) {
	for digits, want := range map[string]uint16{"0000051D": 0x51d, " 01\n": 1, "": 0, "x": 0, "ffffffffff": 0} {
		if got := hexadecimal(digits); got != want {
			t.Errorf("%q: %x", digits, got)
		}
	}
	for number, want := range map[string]string{"": "", "7": "007", "1234": "1234"} {
		if got := threeDigits(number); got != want {
			t.Errorf("%q: %q", number, got)
		}
	}
}
