//go:build unix

package guard

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// roomFor tells whether a small file could be made in dir, without making one.
func roomFor(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("folder %s: %w", dir, err)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("folder %s: %w", dir, err)
	}
	if fs.Bfree == 0 && fs.Blocks > 0 || fs.Ffree == 0 && fs.Files > 0 {
		return fmt.Errorf("folder %s: %w", dir, unix.ENOSPC)
	}
	return nil
}
