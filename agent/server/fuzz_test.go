package server

import (
	"bytes"
	"net"
	"testing"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// FuzzSession gives a session any bytes. It must not panic, and all it answers
// is whole lines that NUT's clients can read.
func FuzzSession(f *testing.F) {
	for _, seed := range []string{
		"VER\n", "GET VAR u ups.status\nLIST VAR u\n", "USERNAME admin\nPASSWORD sekret\nSET VAR u ups.id \"a\\\"b\"\n",
		"INSTCMD u load.off 10\n", "SET TRACKING ON\nGET TRACKING x\n", "LOGIN u\nLIST CLIENT u\nLOGOUT\nVER\n", "\"\n#\n=\n\\\n\x00\xff\n",
		"LIST ENUM u mode\nLIST RANGE u level\nGET TYPE u level\nGET DESC u x\nFSD u\nGET VAR u ups.status\n", "STARTTLS\nVER\n",
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		s := &Server{
			Users: accounts(), LoginDelay: -1, MaxLine: 2000,
			Store: storeOf(newUPS("u", new(orders), nut.Live, orderable), newUPS("waiting", nil, nut.Waiting, nil)),
		}
		s.setUp()
		ours, theirs := net.Pipe()
		defer theirs.Close()
		c := newSession(s, ours, Policy{})
		defer c.close()
		var sink bytes.Buffer
		c.conn = sinkConn{ours, &sink}
		for len(data) > 0 && !c.ending {
			n := min(len(data), int(cut)+1)
			if err := c.answer(data[:n]); err != nil {
				t.Fatal(err)
			}
			data = data[n:]
		}
		checkLines(t, sink.Bytes())
	})
}

// sinkConn keeps what is written.
type sinkConn struct {
	net.Conn
	sink *bytes.Buffer
}

func (c sinkConn) Write(p []byte) (int, error) { return c.sink.Write(p) }

func checkLines(t *testing.T, all []byte) {
	t.Helper()
	for line := range bytes.Lines(all) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			t.Fatalf("%q has no LF", line)
		}
		if len(line) > wire.MaxLine {
			t.Fatalf("%q has %d bytes", line, len(line))
		}
		for _, b := range line[:len(line)-1] {
			if b < ' ' || b > 0x7f {
				t.Fatalf("%q holds the byte %#x", line, b)
			}
		}
	}
}
