//go:build unix

package daemon

import (
	"fmt"
	"syscall"
)

// Chroot makes dir the root folder of this process, and goes there.
func Chroot(dir string) error {
	if err := syscall.Chdir(dir); err != nil {
		return fmt.Errorf("root folder %s: %w", dir, err)
	}
	if err := syscall.Chroot("."); err != nil {
		return fmt.Errorf("root folder %s: %w", dir, err)
	}
	return nil
}
