//go:build linux

package usbip_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/internal/vm"
)

// TestVMCost has three drivers poll three UPSes of one kind for a minute, side by side,
// and tells what each took; docs/performance.md has the table.
func TestVMCost(t *testing.T) {
	m := start(t, map[string]vm.File{
		// cost NAME: ticks of 10 ms that a process took, KiB it has, transfers and bytes.
		"/bin/cost": vm.Script("pid=$(cat /run/$1.driver)\n" +
			"echo $(cut -d ' ' -f 14,15 /proc/$pid/stat) $(awk '/VmRSS/ { print $2 }' /proc/$pid/status) $(plug /run/$1 tell count)\n"),
	})
	programs := []struct{ name, program string }{{"theirs", testenv.Need(t, "usbhid-ups")}, {"hidraw", "wattnut usbhid-ups"}}
	if m.libusb {
		programs = append(programs, struct{ name, program string }{"libusb", "wattnut-libusb usbhid-ups -x usb_transport=libusb"})
	}
	for _, p := range programs {
		m.plug(p.name, "vhci", "apc "+p.name)
		m.tell(p.name, "run")
	}
	for _, p := range programs {
		m.Run(fmt.Sprintf("%s -s %s -F -u root -x port=auto -x serial=%[2]s -i 2 >/run/%[2]s.said 2>&1 & echo $! >/run/%[2]s.driver", p.program, p.name))
	}
	m.Run("sleep 10") // until all is in contact, and what is read once was read
	before := make(map[string][]int)
	for _, p := range programs {
		before[p.name] = m.cost(p.name)
	}
	m.Run("sleep 60")
	for _, p := range programs {
		after := m.cost(p.name)
		ticks := after[0] + after[1] - before[p.name][0] - before[p.name][1]
		t.Logf("%-7s %4d ms of CPU, %6d KiB resident, %4d transfers, %5d bytes in a minute", p.name, 10*ticks, after[2], after[3], after[4])
		if after[3] < 10 {
			t.Errorf("%s does not poll: %s", p.name, m.Run("cat /run/"+p.name+".said"))
		}
	}
}

// cost is user and system time in ticks, resident KiB, transfers and bytes since it was
// last asked for.
func (m machine) cost(name string) []int {
	m.t.Helper()
	var all []int
	for word := range strings.FieldsSeq(m.Run("cost " + name)) {
		if n, err := strconv.Atoi(word); err == nil {
			all = append(all, n)
		}
	}
	if len(all) != 5 {
		m.t.Fatalf("cost of %s: %v: %s", name, all, m.Run("cat /run/"+name+".said"))
	}
	return all
}
