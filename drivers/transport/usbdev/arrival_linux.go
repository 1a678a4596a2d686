package usbdev

import (
	"bytes"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// watchFor is how long a plugging in is waited for: longer than the longest pause
// between two tries of the agent's.
const watchFor = 15 * time.Second

// Arrival returns a channel that is closed when the kernel tells of a new device of
// a subsystem ("hidraw", "usb"), if it does so within some seconds; nil if the kernel
// cannot be listened to.
func Arrival(subsystem string) <-chan struct{} {
	arrived, _ := arrival(subsystem)
	return arrived
}

// arrival is Arrival, and a function that ends the wait.
func arrival(subsystem string) (told <-chan struct{}, stop func()) {
	socket, err := kernelNotices()
	if err != nil {
		return nil, func() {}
	}
	stop = func() { socket.Close() }
	if socket.SetReadDeadline(time.Now().Add(watchFor)) != nil {
		stop()
		return nil, stop
	}
	arrived := make(chan struct{})
	go func() {
		defer stop()
		// A notice is smaller than that: UEVENT_BUFFER_SIZE of the kernel.
		for buf := make([]byte, 4096); ; {
			n, err := socket.Read(buf)
			if err != nil {
				return
			}
			if isArrival(buf[:n], subsystem) {
				close(arrived)
				return
			}
		}
	}()
	return arrived, stop
}

// kernelNotices listens to the kernel's notices of devices, netlink(7),
// NETLINK_KOBJECT_UEVENT. Anybody may, and only root can write to them.
func kernelNotices() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	const fromKernel = 1 // the multicast group
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: fromKernel}); err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	return os.NewFile(uintptr(fd), "uevents"), nil
}

// isArrival reads a notice: "add@PATH", then NAME=VALUE, each ended by NUL.
func isArrival(notice []byte, subsystem string) bool {
	return bytes.HasPrefix(notice, []byte("add@")) &&
		bytes.Contains(append(notice, 0), []byte("\x00SUBSYSTEM="+subsystem+"\x00"))
}
