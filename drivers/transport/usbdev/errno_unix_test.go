//go:build unix

package usbdev

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFromErrno(t *testing.T) {
	other := errors.New("other")
	for _, tt := range []struct{ err, want error }{
		{unix.ENODEV, ErrGone},
		{&os.PathError{Op: "open", Path: "/dev/hidraw0", Err: unix.ENOENT}, ErrGone},
		{unix.EPIPE, ErrStall},
		{unix.ETIMEDOUT, ErrTimeout},
		{unix.EACCES, ErrPermission},
		{unix.EPERM, ErrPermission},
		{unix.EAGAIN, ErrBusy},
		{unix.ENOTTY, ErrUnsupported},
		{unix.EOVERFLOW, unix.EOVERFLOW},
		{other, other},
		{nil, nil},
	} {
		if got := FromErrno(tt.err); !errors.Is(got, tt.want) {
			t.Errorf("%v: %v, not %v", tt.err, got, tt.want)
		}
	}
}
