package shut

import (
	"encoding/hex"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/hid"
	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// TestServe is a dialogue as NUT's mge-shut has it: > is sent to the UPS, < has to
// come.
func TestServe(t *testing.T) {
	d, err := hid.New("mge", model.New(model.Spec{
		Power: 1550, RealPower: 1100, Battery: model.Battery{Capacity: 216, Voltage: 24, Health: 1, Charge: 1},
		Mains: model.Mains{Voltage: 230, Frequency: 50}, Load: model.Load{Level: 0.5},
	}))
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	near.SetDeadline(time.Now().Add(10 * time.Second))
	done := make(chan error, 1)
	go func() { done <- (&UPS{Device: d, Layout: []byte{1, 2, 3}}).Serve(far) }()
	for _, step := range []string{
		">18", "<18",
		">8188 8006000100001200 95", "<06", "<0488 1201100100000008 0a", ">06", "<0488 6304ffff00010102 65", ">06", "<8422 0301 02", ">06",
		">8188 8006010300008000 04", "<06", "<0488 0c03450041005400 5f", ">15", "<0488 0c03450041005400 5f", ">06", "<8444 4f004e00 01", ">06", // repeated
		">8188 8006630300008000 66", "<15", // no such text
		">8188 8106002100000900 af", "<06", "<0488 0921100121012203 38", ">06", "<8411 00 00", ">06",
		">8188 8106002200000300 a6", "<06", "<8433 010203 00", ">06",
		">8188 a1010f0300000200 ae", "<06", "<8422 0f02 0d", ">06", // the beeper is on
		">0188 21090f0300000200 26", "<06", ">8122 0f01 0e", "<06", // and is turned off
		">8188 a1010f0300000200 ae", "<06", "<8422 0f01 0e", ">06",
		">8188 a101630300000200 c2", "<15", // no such report
		">8188 a1010f0300000200 00", "<15", // a wrong checksum
		">8122 0000 00", "<15", // too short for a request
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(step[1:], " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if step[0] == '>' {
			_, err = near.Write(b)
		} else {
			got := make([]byte, len(b))
			if _, err = io.ReadFull(near, got); err == nil && string(got) != string(b) {
				t.Fatalf("%x came, want %s", got, step)
			}
		}
		if err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	near.Close()
	if err := <-done; err == nil {
		t.Error("the end of the line is no error")
	}
}
