package main

import (
	"strings"
	"testing"
)

// TestUsbhid: what is there depends on the machine; what is wrong does not.
func TestUsbhid(t *testing.T) {
	if r := runProgram(t, "", "wattnut", "usbhid"); r.code != 2 || !strings.Contains(r.stderr, "--explore") {
		t.Errorf("without a word: %+v", r)
	}
	if r := runProgram(t, "", "wattnut", "usbhid", "--explore", "colour=red"); r.code != 1 || !strings.Contains(r.stderr, "colour") {
		t.Errorf("an unknown setting: %+v", r)
	}
	// No device has that serial number, so none is opened.
	if r := runProgram(t, "", "wattnut", "usbhid", "--explore", "serial=no such serial number", "usb_transport=hidraw"); r.code != 0 || !strings.Contains(r.stdout, "devices by hidraw") {
		t.Errorf("nothing: %+v", r)
	}
}
