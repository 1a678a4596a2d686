package megatec

import (
	"io"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	simulated "github.com/wattnut/wattnut/drivers/simulator/megatec"
	"github.com/wattnut/wattnut/drivers/transport/serial"
)

// TestScanSerial looks at ports with UPSes, with silence, and with somebody who says
// every line again.
func TestScanSerial(t *testing.T) {
	const q1 = "(230.0 230.0 230.0 040 50.0 27.3 24.0 00001001"
	answers := map[string]func(string) (string, bool){
		"q1":     func(c string) (string, bool) { return q1, c == "Q1" },
		"qs":     func(c string) (string, bool) { return q1, c == "QS" },
		"silent": func(string) (string, bool) { return "", false },
		"echo":   func(c string) (string, bool) { return c, true },
		"modem":  func(string) (string, bool) { return "ERROR", true },
	}
	var where drivers.Search
	names := make(map[string]string)
	for name, answer := range answers {
		far, near, err := serial.Far()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { far.Close() })
		go simulated.Serve(far.(io.ReadWriter), answer)
		names[near] = name
		where.Ports = append(where.Ports, near)
	}
	where.Timeout = 8 * time.Second
	got := make(map[string]bool)
	if err := scanSerial(t.Context(), where, func(f drivers.Found) {
		if _, err := QX.Bind(f.Settings); err != nil {
			t.Error(err)
		}
		got[names[f.Settings[0].Value]] = true
	}); err != nil {
		t.Error(err)
	}
	if len(got) != 2 || !got["q1"] || !got["qs"] {
		t.Errorf("found %v", got)
	}
}

func TestScanSerialTellsOfBrokenPorts(t *testing.T) {
	if err := scanSerial(t.Context(), drivers.Search{Ports: []string{"/dev/nosuchport"}}, nil); err == nil {
		t.Error("a port that is not there was looked at")
	}
}
