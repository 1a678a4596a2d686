//go:build linux

package udev

import (
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/internal/vm"
)

// TestVMRules has systemd's udev go by the rules, on a kernel with an emulated UPS that
// is plugged in: what is wattnut's to open is the group's, and nothing else.
func TestVMRules(t *testing.T) {
	udevadm := testenv.Need(t, "udevadm")
	files := vm.Programs(t, udevadm)
	files["/lib/systemd/systemd-udevd"] = vm.Link(udevadm)
	files["/lib/udev/rules.d/62-wattnut.rules"] = vm.Program(testenv.Root(t) + "/packaging/udev/62-wattnut.rules")
	files["/etc/group"] = vm.Text("root:x:0:\nnut:x:123:\n")
	files["/bin/plug"] = vm.Program(vm.Build(t, "./internal/usbip/plug"))
	m := vm.Start(t, vm.Config{
		Files: files, Modules: []string{"vhci_hcd", "usbhid", "hid_generic"},
		Boot: "/lib/systemd/systemd-udevd --daemon\n",
	})
	m.Run("plug /run/plug vhci apc >/run/plug.log 2>&1 &")
	m.Run("until [ -e /dev/hidraw0 ]; do sleep 0.1; done; udevadm settle")
	for file, want := range map[string]string{
		"/dev/hidraw0":         "crw-rw---- 123",
		"/dev/bus/usb/001/002": "crw-rw---- 123",
		"/dev/bus/usb/001/001": "crw------- 0", // a hub
	} {
		if got := m.Run("stat -c '%A %g' " + file); strings.TrimSpace(got) != want {
			t.Errorf("%s is %q, not %q", file, got, want)
		}
	}
}
