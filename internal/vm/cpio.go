package vm

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Types of files in a cpio archive, over the bits of the permissions.
const (
	typeDir  = 0o040000
	typeFile = 0o100000
	typeLink = 0o120000
)

// archive writes a cpio archive of the format that the kernel takes its first
// file system from: "newc", as in the kernel's
// Documentation/driver-api/early-userspace/buffer-format.rst.
type archive struct {
	w     io.Writer
	inode uint32
}

// add appends an entry whose content is the next size bytes of r; a link's is
// where it leads to. What is in a folder comes after the folder.
func (a *archive) add(name string, mode uint32, size int64, r io.Reader) error {
	switch {
	case name == "" || strings.HasPrefix(name, "/") || strings.ContainsRune(name, 0):
		return fmt.Errorf("archive entry %q: no such name can be", name)
	case size > math.MaxUint32:
		return fmt.Errorf("archive entry %s: %d bytes are too many", name, size)
	}
	a.inode++
	return a.entry(name, mode, size, r)
}

// close writes the mark of the archive's end, and does not close the writer.
func (a *archive) close() error {
	a.inode = 0
	return a.entry("TRAILER!!!", 0, 0, strings.NewReader(""))
}

func (a *archive) entry(name string, mode uint32, size int64, r io.Reader) error {
	const headerSize = 6 + 13*8
	header := append(make([]byte, 0, headerSize), "070701"...)
	for _, field := range []uint32{
		a.inode, mode, 0, 0, 1, 0, // inode, mode, user, group, links, time
		uint32(size), 0, 0, 0, 0, // size, device and special device, major and minor
		uint32(len(name) + 1), 0, // with its NUL; no checksum
	} {
		header = fmt.Appendf(header, "%08X", field)
	}
	if _, err := fmt.Fprintf(a.w, "%s%s\x00%s", header, name, padding(headerSize+int64(len(name))+1)); err != nil {
		return err
	}
	if _, err := io.CopyN(a.w, r, size); err != nil {
		return fmt.Errorf("archive entry %s: %w", name, err)
	}
	_, err := io.WriteString(a.w, padding(size))
	return err
}

// padding fills what has n bytes up to a multiple of four.
func padding(n int64) string { return "\x00\x00\x00"[:-n&3] }
