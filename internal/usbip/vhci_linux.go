package usbip

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// vhci is where vhci_hcd takes devices.
const vhci = "/sys/devices/platform/vhci_hcd.0/"

// Plug plugs the device into this machine's kernel, and serves it until unplug is
// called or ctx ends.
func (g *Gadget) Plug(ctx context.Context) (unplug func() error, err error) {
	status, err := os.ReadFile(vhci + "status")
	if err != nil {
		return nil, fmt.Errorf("%w; is vhci_hcd loaded?", err)
	}
	number, err := freePort(string(status))
	if err != nil {
		return nil, err
	}
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "device"), os.NewFile(uintptr(fds[1]), "kernel")
	defer theirs.Close() // the kernel has its own
	const fullSpeed = 2
	order := fmt.Sprintf("%s %d %d %d", number, fds[1], 1, fullSpeed)
	if err := os.WriteFile(vhci+"attach", []byte(order), 0); err != nil {
		return nil, errors.Join(fmt.Errorf("attach %q: %w", order, err), ours.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- g.Serve(ctx, ours) }()
	return func() error {
		detached := os.WriteFile(vhci+"detach", []byte(number), 0)
		cancel()
		return errors.Join(detached, syscall.Shutdown(fds[0], syscall.SHUT_RDWR), <-ended, ours.Close())
	}, nil
}

// freePort finds a free port in the table that vhci_hcd shows:
//
//	hub port sta spd dev      sockfd local_busid
//	hs  0000 004 000 00000000 000000 0-0
func freePort(status string) (string, error) {
	const highSpeed, free = "hs", "004"
	for line := range strings.Lines(status) {
		if f := strings.Fields(line); len(f) > 2 && f[0] == highSpeed && f[2] == free {
			number := strings.TrimLeft(f[1], "0")
			if number == "" {
				number = "0"
			}
			return number, nil
		}
	}
	return "", errors.New("vhci_hcd has no free port")
}
