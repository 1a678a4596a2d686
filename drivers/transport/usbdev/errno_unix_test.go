//go:build unix

package usbdev

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestExplain(t *testing.T) {
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
		got := Explain(cyberPower, "open", tt.err)
		if !errors.Is(got, tt.want) {
			t.Errorf("%v: %v, not %v", tt.err, got, tt.want)
		}
		if got != nil && !strings.HasPrefix(got.Error(), "0764:0501 CPS UPS CP1500 serial CX42 at bus 001 device 004 port 1.4: open: ") {
			t.Errorf("which device? %v", got)
		}
	}
	if got := Explain(cyberPower, "open", unix.EACCES); !strings.Contains(got.Error(), "udev rules") {
		t.Errorf("what to do? %v", got)
	}
}
