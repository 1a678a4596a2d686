//go:build linux

package vm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/internal/vm"
)

func TestVMBoot(t *testing.T) {
	begin := time.Now()
	m := vm.Start(t, vm.Config{
		Files:   map[string]vm.File{"/bin/wattnut": vm.Program(vm.Build(t, "./cmd/wattnut"))},
		Modules: []string{"uhid"},
		Boot:    "echo booted as $(id -un)",
	})
	m.Await("booted as root")
	for _, tt := range []struct{ command, want string }{
		{"wattnut version", "wattnut "},
		{"wattnut upsc -V", "Network UPS Tools upsc"},
		{"cat /proc/mounts", "proc /proc proc"},
		{"cat /proc/mounts", "sysfs /sys sysfs"},
		{"cat /proc/mounts", "devtmpfs"},
		{"ifconfig lo", "127.0.0.1"},
		{"ls -l /dev/uhid", "/dev/uhid"},
		{"id -u nobody", "65534"},
		{"echo one; echo two >&2", "one\ntwo\n"},
	} {
		if got := m.Run(tt.command); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, not %q", tt.command, got, tt.want)
		}
	}
	if said, code := m.Try("echo no; exit 3"); said != "no\n" || code != 3 {
		t.Errorf("exit 3: %q, exit code %d", said, code)
	}
	t.Logf("up after %.1f s", time.Since(begin).Seconds())
}

// A machine ends in different ways, and each is told from the others.
func TestVMEnds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config vm.Config
		tell   string
		want   vm.End
	}{
		{"power off", vm.Config{Shutdown: "echo the late step"}, "poweroff", vm.PoweredOff},
		{"reboot", vm.Config{}, "reboot -f", vm.Rebooted},
		{"panic", vm.Config{}, "echo c >/proc/sysrq-trigger", vm.Panicked},
		{"failed boot", vm.Config{Boot: "false\necho unreachable"}, "", vm.PoweredOff},
		{"timeout", vm.Config{Timeout: time.Second}, "", vm.TimedOut},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := vm.Start(t, tt.config)
			if tt.tell != "" {
				m.Tell(tt.tell)
			}
			if tt.config.Shutdown != "" {
				m.Await("the late step")
			}
			if got := m.Wait(); got != tt.want {
				t.Errorf("the machine %v, not: %v", got, tt.want)
			}
		})
	}
}

// TestVMAgent asks the agent in a machine, with its own and the distribution's upsc.
func TestVMAgent(t *testing.T) {
	files := vm.Programs(t, testenv.Need(t, "upsc"))
	files["/bin/wattnut"] = vm.Program(vm.Build(t, "./cmd/wattnut"))
	files["/etc/nut/ups.conf"] = vm.Text("[home]\n driver = simulator\n port = auto\n preset = home\n")
	m := vm.Start(t, vm.Config{Files: files, Boot: "wattnut agent >/dev/console 2>&1 &"})
	m.Run("until wattnut upsc home ups.status; do sleep 0.1; done")
	for _, upsc := range []string{"wattnut upsc", testenv.Need(t, "upsc")} {
		if got := m.Run(upsc + " home@localhost 2>/dev/null"); !strings.Contains(got, "ups.status: OL") || !strings.Contains(got, "device.model: Home 600\n") {
			t.Errorf("%s: %q", upsc, got)
		}
	}
	m.Tell("poweroff -f")
	if end := m.Wait(); end != vm.PoweredOff {
		t.Errorf("the machine %v", end)
	}
}
