//go:build !libusb

package usb

import (
	"context"
	"fmt"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// Built tells whether this build has libusb.
const Built = false

var errNotBuilt = fmt.Errorf("libusb: %w in this build: take wattnut from a package, or build it with \"make build-libusb\"", usbdev.ErrUnsupported)

// Device is an open device. There is none in this build: the methods are there for
// those who are written for libusb.
type Device struct{ *usbdev.Playback }

// Open fails.
func Open(context.Context, func(usbdev.Info) bool, usbdev.Options) (*Device, error) {
	return nil, errNotBuilt
}

// List fails.
func List() ([]usbdev.Info, error) { return nil, errNotBuilt }
