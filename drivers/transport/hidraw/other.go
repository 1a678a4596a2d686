//go:build !linux

package hidraw

import (
	"context"
	"fmt"
	"runtime"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// Device is an open device. There is none on this system: the methods are there for
// those who are written for Linux.
type Device struct{ *usbdev.Playback }

// Open fails.
func Open(context.Context, func(usbdev.Info) bool, usbdev.Options) (*Device, error) {
	_, err := List()
	return nil, err
}

// List fails.
func List() ([]usbdev.Info, error) {
	return nil, fmt.Errorf("hidraw on %s: %w: it is Linux' own", runtime.GOOS, usbdev.ErrUnsupported)
}
