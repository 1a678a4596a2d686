package apcsmart

import (
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/serial"
)

// TestScan finds a UPS among ports at which there is none, somebody else, and that
// are not there.
func TestScan(t *testing.T) {
	u := simulate(t, identity)
	mute, empty, err := serial.Far()
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	modem, other, err := serial.Far()
	if err != nil {
		t.Fatal(err)
	}
	defer modem.Close()
	go func() {
		b := make([]byte, 1)
		for {
			if _, err := modem.Read(b); err != nil {
				return
			}
			_, _ = io.WriteString(modem, "ERROR\r\n")
		}
	}()
	var all []drivers.Found
	ports := []string{empty, u.port, other, filepath.Join(t.TempDir(), "none")}
	err = Driver.Scanners[0].Scan(t.Context(), drivers.Search{Ports: ports, Timeout: 2 * time.Second}, func(f drivers.Found) { all = append(all, f) })
	if err == nil {
		t.Error("a port that is not there is no error")
	}
	if len(all) != 1 || all[0].Driver != "apcsmart" || all[0].Settings[0].Value != u.port || len(all[0].Hints) != 2 || all[0].Hints[0].Value != "SMART-UPS 1500" {
		t.Errorf("found %+v", all)
	}
}
