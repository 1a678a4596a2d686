//go:build unix

package guard

import (
	"errors"
	"fmt"
	"os"
	"strconv"

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
	sockets, err := adoptSockets()
	if err != nil {
		return nil, err
	}
	words, err := adoptPipe(firstFD+sockets, "words")
	if err != nil {
		return nil, err
	}
	checks, err := adoptPipe(firstFD+sockets+1, "checks")
	if err != nil {
		return nil, err
	}
	return &Client{words: words, checks: checks}, nil
}

// adoptSockets takes the sockets that systemd gave to the guard for this
// process', as the variables have it, and returns how many there are.
func adoptSockets() (int, error) {
	text := os.Getenv(socketsVar)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxSockets {
		return 0, fmt.Errorf("the guard's sockets: %s is %q", socketsVar, text)
	}
	return n, os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
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
