//go:build unix

package guard

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Adopt returns the client of a process that a guard started; nil in any other.
// It works once; programs started from here find nothing.
func Adopt() (*Client, error) {
	if os.Getenv(childVar) == "" {
		return nil, nil
	}
	if err := os.Unsetenv(childVar); err != nil {
		return nil, err
	}
	words, err := adoptPipe(wordsFD, "words")
	if err != nil {
		return nil, err
	}
	checks, err := adoptPipe(checksFD, "checks")
	if err != nil {
		return nil, err
	}
	return &Client{words: words, checks: checks}, nil
}

func adoptPipe(fd int, name string) (*os.File, error) {
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return nil, fmt.Errorf("the guard's pipe for %s: %w", name, err)
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFIFO {
		return nil, fmt.Errorf("the guard's pipe for %s: descriptor %d is something else", name, fd)
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, fmt.Errorf("the guard's pipe for %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

func isClosedPipe(err error) bool { return errors.Is(err, unix.EPIPE) }
