package snmp

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
)

// oneAnswer is a connection on which one datagram comes in, whatever is asked.
type oneAnswer struct {
	net.Conn

	data []byte
}

func (c *oneAnswer) Write(p []byte) (int, error)      { return len(p), nil }
func (c *oneAnswer) SetDeadline(time.Time) error      { return nil }
func (c *oneAnswer) SetReadDeadline(time.Time) error  { return nil }
func (c *oneAnswer) SetWriteDeadline(time.Time) error { return nil }
func (c *oneAnswer) Read(p []byte) (int, error) {
	if c.data == nil {
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(p, c.data)
	c.data = nil
	return n, nil
}

// FuzzAnswer: whatever an agent answers, it is values for what was asked, or an
// error.
func FuzzAnswer(f *testing.F) {
	oids := []string{"1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.2.0"}
	for _, version := range []gosnmp.SnmpVersion{gosnmp.Version1, gosnmp.Version2c} {
		p := gosnmp.SnmpPacket{Version: version, Community: "public", PDUType: gosnmp.GetResponse}
		for _, v := range []Value{
			{OID: oids[0], Kind: Octets, Text: "a card"}, {OID: oids[1], Kind: Ticks, Number: 9}, {OID: oids[2], Kind: Object, Text: "1.3.6.1.4.1.318"},
		} {
			p.Variables = append(p.Variables, v.PDU())
		}
		for _, status := range []gosnmp.SNMPError{gosnmp.NoError, gosnmp.NoSuchName, gosnmp.TooBig, gosnmp.GenErr} {
			p.Error, p.ErrorIndex = status, 2
			data, err := p.MarshalMsg()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	s, err := Open(f.Context(), Config{Address: "127.0.0.1:9", Version: "v2c", Community: "public"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	socket := s.library.Conn
	f.Fuzz(func(t *testing.T, data []byte) {
		s.library.Conn = &oneAnswer{Conn: socket, data: data}
		defer func() { s.library.Conn = socket }()
		values, err := s.Get(t.Context(), oids)
		if err == nil && (len(values) != len(oids) || values[0].OID != oids[0] || values[2].OID != oids[2]) {
			t.Errorf("%x is taken for %+v", data, values)
		}
		s.library.Conn = &oneAnswer{Conn: socket, data: data}
		if values, err := s.Walk(t.Context(), "1.3.6.1.2.1.1", 10); err == nil && len(values) > 10 {
			t.Errorf("%x is taken for %d objects", data, len(values))
		}
	})
}
