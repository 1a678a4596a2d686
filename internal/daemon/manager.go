package daemon

import (
	"cmp"
	"net"
	"os"
	"strconv"
	"time"
)

// Manager is a service manager, such as systemd, that wants to be told how a
// program is: see sd_notify(3). The zero Manager is none, and hears nothing.
type Manager struct {
	socket string
	// Every is how often it wants to hear that the program is well, at least; 0
	// for never.
	Every time.Duration
}

// AdoptManager finds the manager of this process, and keeps it from the programs
// that are started from here: NUT's drivers would tell it of themselves. It
// works once.
func AdoptManager() Manager {
	m := Manager{socket: os.Getenv("NOTIFY_SOCKET")}
	usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	own := cmp.Or(os.Getenv("WATCHDOG_PID"), strconv.Itoa(os.Getpid())) == strconv.Itoa(os.Getpid())
	if err == nil && usec > 0 && own && m.socket != "" {
		m.Every = time.Duration(usec) * time.Microsecond
	}
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		os.Unsetenv(name) //nolint:errcheck // it only fails for names that cannot be
	}
	return m
}

// What a Manager can be told.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
	Well     = "WATCHDOG=1"
)

// Tell tells the manager.
func (m Manager) Tell(state string) error {
	if m.socket == "" {
		return nil
	}
	c, err := net.Dial("unixgram", m.socket)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte(state))
	return err
}
