//go:build unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a file the owner and group of the one that it takes the place
// of; nil where there was none.
func keepOwner(file *os.File, was fs.FileInfo) error {
	if was == nil {
		return nil
	}
	s, ok := was.Sys().(*syscall.Stat_t)
	if !ok || int(s.Uid) == os.Geteuid() && int(s.Gid) == os.Getegid() {
		return nil
	}
	return file.Chown(int(s.Uid), int(s.Gid))
}
