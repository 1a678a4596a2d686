//go:build linux

package hidraw

import (
	"context"
	"testing"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/internal/usbip/onkernel"
)

func TestOnKernel(t *testing.T) {
	onkernel.Test(t, func(ctx context.Context, match func(usbdev.Info) bool, o usbdev.Options) (onkernel.Device, error) {
		return Open(ctx, match, o)
	})
}
