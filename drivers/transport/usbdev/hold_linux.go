package usbdev

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Hold takes a device for one user of ours, whichever transport it goes by, as
// flock(2) does: neither another section of ups.conf nor another agent gets it until
// release is called. The error is ErrBusy. A device that has no file below folder
// ("/dev/bus/usb"), or one that may not be opened, is not held.
func Hold(folder string, i Info) (release func(), err error) {
	if i.Bus == "" {
		return func() {}, nil
	}
	file, err := os.Open(filepath.Join(folder, i.Bus, i.Device))
	if err != nil {
		return func() {}, nil //nolint:nilerr // it cannot be held, and may be opened all the same
	}
	if err := Flock(file, unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		file.Close()
		return nil, ErrBusy
	}
	return func() { file.Close() }, nil
}

// Flock is flock(2). What File.Fd returns would do, but have the file block.
func Flock(file *os.File, how int) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	if failed := conn.Control(func(fd uintptr) { err = unix.Flock(int(fd), how) }); failed != nil {
		return failed
	}
	return err
}
