package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/wattnut/wattnut/nut/conf"
)

// unreadable says what to do about a file that cannot be opened.
func unreadable(name, path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s does not exist: %s", path, hint(name))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not be read by this user: run as root or as a member of the group that owns it (often nut)", path)
	}
	return readError(path, err)
}

// readError leaves the path out of err, which is said already.
func readError(path string, err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// hint says what a missing file could hold at least.
func hint(name string) string {
	switch name {
	case "ups.conf":
		return "it needs a section for each UPS, such as \"[myups]\" with the lines \"driver = usbhid-ups\" and \"port = auto\""
	case "upsd.conf":
		return "create it, empty for the defaults, which listen on this machine only"
	case "upsd.users":
		return "create it, empty if nobody has to log in"
	}
	return "create it"
}

// permissions warns of a file that others could read passwords in.
func (l *loader) permissions(name string, file *os.File) {
	switch name {
	case "upsd.conf", "upsd.users", "upsmon.conf":
	default:
		return
	}
	if info, err := file.Stat(); err == nil && info.Mode().Perm()&0o004 != 0 {
		l.report.add(conf.Problem{File: name, Text: "everybody on this machine can read it, and it may hold passwords: chmod o-rwx " + file.Name()})
	}
}
