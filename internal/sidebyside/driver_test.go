package sidebyside

import (
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wattnut/wattnut/nut/wire"
)

// driver plays a NUT driver on its local socket.
type driver struct {
	tb   testing.TB
	path string
	all  sync.WaitGroup

	mu    sync.Mutex
	l     net.Listener // nil while it is gone
	conns []net.Conn
	vars  map[string]string
	stale bool
	silly bool // never gets ready: has nothing to say
}

// play plays a driver until the test ends.
func play(tb testing.TB, path string) *driver {
	tb.Helper()
	d := &driver{tb: tb, path: path, vars: map[string]string{"ups.status": "OL", "battery.charge": "90"}}
	d.comes()
	tb.Cleanup(func() {
		d.goes()
		d.all.Wait()
	})
	return d
}

// comes has the driver start.
func (d *driver) comes() {
	d.tb.Helper()
	l, err := net.Listen("unix", d.path)
	if err != nil {
		d.tb.Fatal(err)
	}
	if err := os.Chmod(d.path, 0o666); err != nil {
		d.tb.Fatal(err)
	}
	d.mu.Lock()
	d.l = l
	d.mu.Unlock()
	d.all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			d.all.Go(func() { d.serve(conn) })
		}
	})
}

// goes has the driver end, and its socket with it.
func (d *driver) goes() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.l != nil {
		d.l.Close()
	}
	for _, c := range d.conns {
		c.Close()
	}
	d.l, d.conns = nil, nil
}

func (d *driver) serve(conn net.Conn) {
	defer conn.Close()
	var scan wire.Scanner
	data := make([]byte, 4096)
	for {
		n, err := conn.Read(data)
		for rest := data[:n]; len(rest) > 0; {
			taken, result := scan.Scan(rest)
			rest = rest[taken:]
			if words := scan.Words(); result == wire.Line && len(words) > 0 {
				d.answer(conn, string(words[0]))
			}
		}
		if err != nil {
			return
		}
	}
}

func (d *driver) answer(conn net.Conn, word string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch word {
	case "PING":
		io.WriteString(conn, "PONG\n") // a server that is gone needs none
	case "DUMPALL":
		d.conns = append(d.conns, conn)
		io.WriteString(conn, d.dump())
	}
}

// dump is all that the driver knows; d.mu is held.
func (d *driver) dump() string {
	if d.silly {
		return ""
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(d.vars)) {
		fmt.Fprintf(&b, "SETINFO %s %q\n", name, d.vars[name])
	}
	return b.String() + freshness(d.stale) + "DUMPDONE\n"
}

func freshness(stale bool) string {
	if stale {
		return "DATASTALE\n"
	}
	return "DATAOK\n"
}

// says sets a variable.
func (d *driver) says(name, value string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.vars[name] = value
	d.tell(fmt.Sprintf("SETINFO %s %q\n", name, value))
}

// losesDevice tells whether the driver hears its device.
func (d *driver) losesDevice(stale bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stale = stale
	d.tell(freshness(stale))
}

// neverReady has the driver, when it starts, never get ready.
func (d *driver) neverReady(silly bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silly = silly
}

// tell tells all servers; d.mu is held.
func (d *driver) tell(lines string) {
	for _, c := range d.conns {
		io.WriteString(c, lines) // a server that is gone needs none
	}
}
