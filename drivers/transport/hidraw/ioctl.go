//go:build linux

package hidraw

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The requests of linux/hidraw.h, whose number has the size of the buffer in it.
const (
	setFeature = 0x06
	getFeature = 0x07
	getInput   = 0x0a
	setOutput  = 0x0b // since Linux 5.11
	getOutput  = 0x0c // since Linux 5.11
)

// request is the number of a hidraw request that reads and writes a buffer:
// _IOC(_IOC_READ|_IOC_WRITE, 'H', number, size).
func request(number uint, size int) uint {
	const readWrite, maxSize = 3, 1<<14 - 1
	return readWrite<<30 | uint(min(size, maxSize))<<16 | 'H'<<8 | number
}

// control is struct usbdevfs_ctrltransfer of linux/usbdevice_fs.h.
type control struct {
	requestType, request uint8
	value, index, length uint16
	timeout              uint32 // ms
	data                 *byte
}

// usbControl is USBDEVFS_CONTROL, _IOWR('U', 0, struct usbdevfs_ctrltransfer).
const usbControl = 3<<30 | uint(unsafe.Sizeof(control{}))<<16 | 'U'<<8

// ioctl makes a request of an open file, which may take as long as the device does.
func ioctl(f *os.File, number uint, arg unsafe.Pointer) (n int, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := conn.Control(func(fd uintptr) {
		r, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, uintptr(number), uintptr(arg))
		if n = int(r); errno != 0 {
			n, err = 0, errno
		}
	})
	if failed != nil {
		return 0, failed
	}
	return n, err
}
