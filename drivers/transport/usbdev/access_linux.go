package usbdev

import (
	"errors"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Access tells whether this user may open a device that was listed: nil, or an error
// that wraps [ErrPermission] and says what to do. Nothing is opened.
func Access(i Info) error {
	node := i.Node
	if node == "" && i.Bus != "" {
		node = filepath.Join("/dev/bus/usb", i.Bus, i.Device)
	}
	return access(i, node)
}

func access(i Info, node string) error {
	err := unix.Access(node, unix.R_OK|unix.W_OK)
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
		return Explain(i, "open "+node, err)
	}
	return nil // it may be gone, or be opened otherwise: that is another matter
}
