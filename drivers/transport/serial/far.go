package serial

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// Far makes a pseudo-terminal, for those who play a device: near is the path of
// the port, which a driver opens, and far is the other end of its cable. The
// port vanishes when far is closed; it can be opened any number of times before.
func Far() (far io.ReadWriteCloser, near string, err error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, "", fmt.Errorf("pseudo-terminal: %w", err)
	}
	// Nothing is echoed to the device before somebody opens the port.
	if _, err := term.MakeRaw(int(slave.Fd())); err != nil {
		return nil, "", errors.Join(fmt.Errorf("pseudo-terminal: %w", err), master.Close(), slave.Close())
	}
	return &cable{File: master, slave: slave}, slave.Name(), nil
}

// cable keeps the port in being while nobody has it open.
type cable struct {
	*os.File
	slave *os.File
}

// Close pulls the cable out.
func (c *cable) Close() error { return errors.Join(c.File.Close(), c.slave.Close()) }
