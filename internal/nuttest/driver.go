package nuttest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/wattnut/wattnut/nut/wire"
)

// driver plays a NUT driver on its local socket: it says its lines at DUMPALL,
// answers PING, and tells what became of the orders that it knows.
type driver struct {
	says     string
	outcomes map[string]int
}

// listen plays until the test ends.
func (d driver) listen(tb testing.TB, path string) {
	tb.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		tb.Fatal(err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { d.play(conn) })
		}
	})
	tb.Cleanup(func() {
		l.Close()
		conns.Wait() // upsd was started later and is gone by now
	})
}

// play answers one upsd. What goes wrong shows in what upsd says.
func (d driver) play(conn net.Conn) {
	defer conn.Close()
	var scan wire.Scanner
	data := make([]byte, 4096)
	for {
		n, err := conn.Read(data)
		for rest := data[:n]; len(rest) > 0; {
			taken, result := scan.Scan(rest)
			rest = rest[taken:]
			if result == wire.Line {
				_, failed := io.WriteString(conn, d.answer(scan.Words()))
				err = errors.Join(err, failed)
			}
		}
		if err != nil {
			return
		}
	}
}

func (d driver) answer(words [][]byte) string {
	switch {
	case len(words) == 0:
		return ""
	case wire.Is(words[0], "PING"):
		return "PONG\n"
	case wire.Is(words[0], "DUMPALL"):
		return strings.TrimSuffix(d.says, "\n") + "\n"
	}
	if n := len(words); n > 3 && wire.Is(words[n-2], "TRACKING") {
		if code, ok := d.outcomes[string(words[1])]; ok {
			return fmt.Sprintf("TRACKING %s %d\n", words[n-1], code)
		}
	}
	return ""
}
