//go:build linux

package genericups

import (
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/vm"
)

// TestVMLines reads and sets the lines of a serial port of the kernel's: an emulated
// 16550 whose outputs lead to its inputs.
func TestVMLines(t *testing.T) {
	m := vm.Start(t, vm.Config{
		Files: map[string]vm.File{
			"/bin/wattnut": vm.Program(vm.Build(t, "./cmd/wattnut")),
			"/bin/loop":    vm.Program(vm.Build(t, "./drivers/genericups/testdata/loop")),
			"/run/conf":    vm.Dir(),
		},
		Boot: "loop /dev/ttyS2 >/run/lines 2>&1 &\n",
	})
	const driver = "NUT_CONFPATH=/run/conf NUT_STATEPATH=/run wattnut genericups -s ups -u root -x port=/dev/ttyS2 -x upstype=1 "
	for _, tt := range []struct{ set, status, lines string }{ // on line is RI low, battery low is DCD
		{"-OUT1 -OUT2", "OL", "DTR DSR"},
		{"-OUT1 OUT2", "LB OL", "DTR DCD DSR"},
		{"OUT1 -OUT2", "OB", "DTR DSR RI"},
		{"OUT1 OUT2", "LB OB", "DTR DCD DSR RI"},
	} {
		m.Run("loop /dev/ttyS2 " + tt.set + "; : >/run/lines")
		if says := m.Run(driver + "-d 1"); !strings.Contains(says, "ups.status: "+tt.status+"\n") {
			t.Errorf("%s: want %s: %s", tt.set, tt.status, says)
		}
		// DTR powers the cable, and leads to DSR.
		if all := m.Run("cat /run/lines"); !strings.Contains("\n"+strings.Trim(all, "\x00"), "\n"+tt.lines+"\n") {
			t.Errorf("%s: the lines were never %q: %q", tt.set, tt.lines, all)
		}
	}
	// RTS cuts the power.
	m.Run(": >/run/lines; " + driver + "-k -x sdtime=1")
	if all := m.Run("cat /run/lines"); !strings.Contains(all, "\nRTS CTS DCD RI\n") {
		t.Errorf("the power was not cut: %q", all)
	}
}
