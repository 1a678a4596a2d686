// Package killflag is the file by which a shutdown for want of power tells its
// own last moments that the UPS is to be switched off: upsmon's POWERDOWNFLAG.
// It is raised just before the host goes down, looked at when nothing runs any
// more (upsmon -K), and taken down at the next start.
package killflag

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// magic is what the file begins with, as NUT's upsmon writes it.
const magic = "upsmon-shutdown-file"

// ErrForeign means that a file lies where the flag would, and is not one.
var ErrForeign = errors.New("not a power-down flag")

// File is the path of a flag. "" is a flag that is never raised, and raising it
// does nothing.
type File string

// Check returns nil if the flag is raised. The error wraps fs.ErrNotExist where
// there is no file, and [ErrForeign] where there is another.
func (f File) Check() error {
	if f == "" {
		return fmt.Errorf("power-down flag: %w", fs.ErrNotExist)
	}
	// Without blocking: whoever can write to the folder could have put a pipe there.
	file, err := os.OpenFile(string(f), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w", f, ErrForeign)
	}
	begin, err := io.ReadAll(io.LimitReader(file, int64(len(magic))))
	if err != nil {
		return err
	}
	if !bytes.Equal(begin, []byte(magic)) {
		return fmt.Errorf("%s: %w", f, ErrForeign)
	}
	return nil
}

// Raised tells whether the UPS is to be switched off.
func (f File) Raised() bool { return f.Check() == nil }

// Raise makes the file, for its owner only. One that is there already stays,
// whatever it is: nothing is written through a link, or into a file that is not
// ours. What could not be written whole is taken away again.
func (f File) Raise() error {
	if f == "" || f.Raised() {
		return nil
	}
	file, err := os.OpenFile(string(f), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, magic)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(string(f)))
	}
	return nil
}

// Lower takes the flag down. One that is not raised is no error; a file that is
// something else stays, with an error that wraps [ErrForeign].
func (f File) Lower() error {
	switch err := f.Check(); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return os.Remove(string(f))
}
