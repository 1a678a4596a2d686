//go:build unix

package guard

import (
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownSession keeps a command from the terminal, and from the signals, of this
// process.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// maxSockets is how many sockets of systemd's a guard passes on.
const maxSockets = 16

// sockets are those that systemd has opened for this process, to pass on to the
// agent.
func sockets() ([]*os.File, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	n, err := strconv.Atoi(os.Getenv(socketsVar))
	if err != nil || n < 0 || n > maxSockets {
		return nil, fmt.Errorf("sockets of systemd: %s is %q", socketsVar, os.Getenv(socketsVar))
	}
	var all []*os.File
	for i := range n {
		all = append(all, os.NewFile(uintptr(firstFD+i), fmt.Sprintf("socket %d", i)))
	}
	return all, nil
}

// keepDescriptors keeps what this process was given open by its starter from the
// programs that it starts.
func keepDescriptors() error {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return fmt.Errorf("open descriptors: %w", err)
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
	return nil
}
