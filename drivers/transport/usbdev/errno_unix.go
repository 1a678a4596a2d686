//go:build unix

package usbdev

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// errnos are the words of a Unix kernel for what can go wrong with a device, as
// Linux' Documentation/driver-api/usb/error-codes.rst explains them.
var errnos = []struct {
	errno, means error
}{
	{unix.ENODEV, ErrGone},
	{unix.ENXIO, ErrGone},
	{unix.ENOENT, ErrGone},
	{unix.ESHUTDOWN, ErrGone},
	{unix.EPIPE, ErrStall},
	{unix.ETIMEDOUT, ErrTimeout},
	{fs.ErrPermission, ErrPermission},
	{unix.EBUSY, ErrBusy},
	{unix.EWOULDBLOCK, ErrBusy},
	{unix.ENOTTY, ErrUnsupported},
}
