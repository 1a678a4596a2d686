//go:build linux

package onkernel_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/internal/usbip/onkernel"
	"github.com/wattnut/wattnut/internal/vm"
)

// compile compiles the tests of a package into a program.
func compile(t *testing.T, pkg string, words ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), filepath.Base(pkg)+".test")
	words = append(append([]string{"test", "-c", "-o", program}, words...), pkg)
	build := exec.Command("go", words...)
	build.Dir = testenv.Root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", words, err, out)
	}
	return program
}

// TestVMTransports runs the tests of the transports, in a machine with an emulated UPS.
func TestVMTransports(t *testing.T) {
	for _, tt := range []struct {
		name    string
		cgo     string
		compile []string
		modules []string
	}{
		{"hidraw", "0", nil, []string{"vhci_hcd", "usbhid", "hid_generic"}},
		{"usb", "1", []string{"-tags", "libusb"}, []string{"vhci_hcd", "usbhid", "hid_generic"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "usb" && exec.Command("pkg-config", "--exists", "libusb-1.0").Run() != nil {
				t.Skip("no libusb-1.0-0-dev")
			}
			t.Setenv("CGO_ENABLED", tt.cgo)
			program := compile(t, "./drivers/transport/"+tt.name, tt.compile...)
			files := map[string]vm.File{"/bin/transport.test": vm.Program(program)}
			if tt.name == "usb" {
				files = vm.Programs(t, program)
				files["/bin/transport.test"] = vm.Link(program)
			}
			files["/bin/plug"] = vm.Program(vm.Build(t, "./internal/usbip/plug"))
			m := vm.Start(t, vm.Config{Files: files, Modules: tt.modules, Boot: "plug /run/plug vhci apc >/dev/console 2>&1 &\nuntil [ -e /dev/hidraw0 ]; do sleep 0.1; done\nplug /run/other vhci cypress:megatec >/dev/console 2>&1 &\n"})
			m.Run("until [ -e /dev/hidraw1 ]; do sleep 0.1; done")
			said, code := m.Try(onkernel.Socket + "=/run/plug transport.test -test.v -test.run TestOnKernel")
			t.Log(said)
			if code != 0 || !strings.Contains(said, "--- PASS: TestOnKernel") {
				t.Errorf("exit code %d", code)
			}
		})
	}
}
