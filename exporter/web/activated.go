package web

import (
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/coreos/go-systemd/v22/activation"
)

// IsActivated tells whether systemd opened a socket for this process, as long as
// [Activated] was not called.
func IsActivated() bool {
	return os.Getenv("LISTEN_PID") == strconv.Itoa(os.Getpid()) && os.Getenv("LISTEN_FDS") != "0"
}

// Activated returns the socket that systemd opened for this process. There has to
// be just one.
func Activated() (net.Listener, error) {
	all, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("systemd socket: %w", err)
	}
	var sockets []net.Listener
	for _, l := range all {
		if l != nil { // nil is one for datagrams
			sockets = append(sockets, l)
		}
	}
	if len(sockets) != 1 {
		for _, l := range sockets {
			l.Close()
		}
		return nil, fmt.Errorf("systemd socket: there are %d, and the web pages take one: see ListenStream in the socket unit", len(sockets))
	}
	return sockets[0], nil
}
