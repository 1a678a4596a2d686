//go:build unix

package usbdev

import (
	"errors"
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

// FromErrno returns which of this package's errors a system call's error means;
// another error as it is.
func FromErrno(err error) error {
	for _, e := range errnos {
		if errors.Is(err, e.errno) {
			return e.means
		}
	}
	return err
}
