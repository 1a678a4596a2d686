package snmp

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
)

// TestReopened: a hundred contacts leave no goroutine and no descriptor behind.
func TestReopened(t *testing.T) {
	a := serve(t, played(t, "ietf").Recording, snmpagent.Config{})
	open, err := Driver.Bind(settings("port", a.Addr().String(), "snmp_version", "v2c", "traps", freeUDP(t)))
	if err != nil {
		t.Fatal(err)
	}
	used := func() int {
		files, _ := os.ReadDir("/proc/self/fd") // nothing on other systems
		return len(files) + runtime.NumGoroutine()
	}
	before := used()
	for range 100 {
		d, err := open(t.Context(), testEnv())
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), new(nut.Draft)); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	nuttest.Await(t, func() error {
		if now := used(); now > before {
			return fmt.Errorf("%d goroutines and descriptors, %d after 100 contacts", before, now)
		}
		return nil
	})
}
