//go:build !libusb

package usb

import (
	"errors"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// A build without libusb says so, and what to do.
func TestNotBuilt(t *testing.T) {
	_, listing := List()
	d, opening := Open(t.Context(), func(usbdev.Info) bool { return true }, usbdev.Options{})
	if d != nil || Built {
		t.Errorf("a device: %v", d)
	}
	for _, err := range []error{listing, opening} {
		if !errors.Is(err, usbdev.ErrUnsupported) || !strings.Contains(err.Error(), "make build-libusb") {
			t.Errorf("got %v", err)
		}
	}
}
