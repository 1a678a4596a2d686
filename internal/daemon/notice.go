package daemon

import (
	"fmt"
	"os"
	"strconv"
)

// readyVar holds the number of the descriptor by which a detached program says
// that it is ready.
const readyVar = "WATTNUT_READY_FD"

// Notice is how a detached program tells its starter that it is ready. nil, in
// a program that was not detached, does nothing.
type Notice struct {
	pipe *os.File
	null *os.File // opened at the start, as another root folder may have no such device; nil if it could not be
}

// Adopt tells whether this process was started by [Detach], and returns its
// Notice. It works once; later calls, and programs started from here, find
// nothing.
func Adopt() (notice *Notice, child bool) {
	fd, err := strconv.Atoi(os.Getenv(readyVar))
	if err != nil || fd < 3 {
		return nil, false
	}
	os.Unsetenv(readyVar) //nolint:errcheck // it was there
	pipe := os.NewFile(uintptr(fd), "ready")
	keepToSelf(pipe)
	null, err := openNull()
	if err != nil {
		null = nil // Ready tries again, and tells
	}
	return &Notice{pipe, null}, true
}

// Ready lets the starter end with exit code 0, and leaves the terminal: from
// here on, standard output and error go nowhere.
func (n *Notice) Ready() error {
	if n == nil || n.pipe == nil {
		return nil
	}
	defer func() { n.pipe.Close(); n.pipe = nil }()
	if err := silence(n.null); err != nil {
		return err
	}
	if _, err := n.pipe.WriteString("ready"); err != nil {
		return fmt.Errorf("tell the starter: %w", err)
	}
	return nil
}

// Silence leaves the terminal as [Notice.Ready] does, for a process that the
// detached one has started.
func Silence() error { return silence(nil) }

// silence puts null, which it closes, in the place of standard input, output
// and error. A null that is nil it opens.
func silence(null *os.File) (err error) {
	if null == nil {
		if null, err = openNull(); err != nil {
			return fmt.Errorf("leave the terminal: %w", err)
		}
	}
	defer null.Close()
	if err := redirect(null); err != nil {
		return fmt.Errorf("leave the terminal: %w", err)
	}
	return nil
}

func openNull() (*os.File, error) { return os.OpenFile(os.DevNull, os.O_RDWR, 0) }
