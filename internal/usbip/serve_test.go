package usbip

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
)

// echo answers a request with what it was, and takes packets.
type echo struct{ packets [][]byte }

func (e *echo) Control(s Setup, data []byte) ([]byte, error) {
	if s.Request == 0x77 {
		return nil, errors.New("no")
	}
	return fmt.Appendf(nil, "%02x %02x %x", s.Type, s.Request, data), nil
}

func (e *echo) Out(packet []byte) error {
	e.packets = append(e.packets, packet)
	return nil
}

func gadget(in <-chan []byte) *Gadget {
	return &Gadget{
		Identity: Identity{VendorID: 0x51d, ProductID: 2, Release: 0x106, Texts: [4]string{1: "APC", 2: "Back-UPS é"}},
		Report:   []byte{5, 0x84}, In: in, Function: &echo{},
	}
}

// kernel is the other end of a device's connection.
type kernel struct {
	t    *testing.T
	conn net.Conn
	seq  uint32
}

func plug(t *testing.T, g *Gadget) *kernel {
	t.Helper()
	ours, theirs := net.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Serve(ctx, theirs) }()
	t.Cleanup(func() {
		cancel()
		ours.Close()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return &kernel{t: t, conn: ours}
}

func (k *kernel) write(words []uint32, setup Setup, data []byte) {
	k.t.Helper()
	var out bytes.Buffer
	for _, w := range words {
		out.Write(binary.BigEndian.AppendUint32(nil, w))
	}
	out.Write([]byte{setup.Type, setup.Request})
	for _, n := range []uint16{setup.Value, setup.Index, setup.Length} {
		out.Write(binary.LittleEndian.AppendUint16(nil, n))
	}
	out.Write(data)
	if _, err := k.conn.Write(out.Bytes()); err != nil {
		k.t.Fatal(err)
	}
}

// submit begins a transfer and returns its number.
func (k *kernel) submit(endpoint uint32, in bool, length int, s Setup, data []byte) uint32 {
	k.seq++
	direction := uint32(0)
	if in {
		direction = 1
	}
	k.write([]uint32{cmdSubmit, k.seq, 0, direction, endpoint, 0, uint32(length), 0, 0, 0}, s, data)
	return k.seq
}

func (k *kernel) unlink(victim uint32) uint32 {
	k.seq++
	k.write([]uint32{cmdUnlink, k.seq, 0, 0, 0, victim, 0, 0, 0, 0}, Setup{}, nil)
	return k.seq
}

// answer reads the end of a transfer: its command, number, status, length and, of IN
// transfers, data.
func (k *kernel) answer(in bool) (command, seq uint32, status, length int32, data []byte) {
	k.t.Helper()
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(k.conn, header); err != nil {
		k.t.Fatal(err)
	}
	word := func(i int) uint32 { return binary.BigEndian.Uint32(header[4*i:]) }
	length = int32(word(6))
	if in {
		data = make([]byte, length)
		if _, err := io.ReadFull(k.conn, data); err != nil {
			k.t.Fatal(err)
		}
	}
	return word(0), word(1), int32(word(5)), length, data
}

func TestControl(t *testing.T) {
	g := gadget(nil)
	k := plug(t, g)
	for _, tt := range []struct {
		name   string
		setup  Setup
		data   []byte
		status int32
		want   string
	}{
		{"device", Setup{Type: 0x80, Request: 6, Value: 0x100, Length: 18}, nil, 0, "\x12\x01\x10\x01\x00\x00\x00\x08\x1d\x05\x02\x00\x06\x01\x01\x02\x00\x01"},
		{"device, in part", Setup{Type: 0x80, Request: 6, Value: 0x100, Length: 2}, nil, 0, "\x12\x01"},
		{
			"configuration",
			Setup{Type: 0x80, Request: 6, Value: 0x200, Length: 255},
			nil, 0,
			"\x09\x02\x29\x00\x01\x01\x00\xc0\x32" + "\x09\x04\x00\x00\x02\x03\x00\x00\x00" + "\x09\x21\x10\x01\x00\x01\x22\x02\x00" +
				"\x07\x05\x81\x03\x08\x00\x0a" + "\x07\x05\x02\x03\x08\x00\x0a",
		},
		{"languages", Setup{Type: 0x80, Request: 6, Value: 0x300, Length: 255}, nil, 0, "\x04\x03\x09\x04"},
		{"text", Setup{Type: 0x80, Request: 6, Value: 0x301, Length: 255}, nil, 0, "\x08\x03A\x00P\x00C\x00"},
		{"text that the function has", Setup{Type: 0x80, Request: 6, Value: 0x305, Length: 255}, nil, 0, "80 06 "},
		{"report descriptor", Setup{Type: 0x81, Request: 6, Value: 0x2200, Length: 255}, nil, 0, "\x05\x84"},
		{"status", Setup{Type: 0x80, Length: 2}, nil, 0, "\x01\x00"},
		{"set configuration", Setup{Request: 9, Value: 1}, nil, 0, ""},
		{"get report", Setup{Type: 0xa1, Request: 1, Value: 0x301, Length: 8}, nil, 0, "a1 01 "},
		{"refused", Setup{Type: 0xa1, Request: 0x77, Length: 8}, nil, epipe, ""},
	} {
		seq := k.submit(0, true, int(tt.setup.Length), tt.setup, tt.data)
		command, got, status, _, data := k.answer(true)
		if command != retSubmit || got != seq || status != tt.status || string(data) != tt.want {
			t.Errorf("%s: %d %d %d %q", tt.name, command, got, status, data)
		}
	}
	k.submit(0, false, 2, Setup{Type: 0x21, Request: 9, Length: 2}, []byte{1, 2})
	if _, _, status, length, _ := k.answer(false); status != 0 || length != 2 {
		t.Errorf("set report: %d, %d bytes", status, length)
	}
}

// A read waits for its packet, and can be taken back.
func TestInterrupt(t *testing.T) {
	in := make(chan []byte)
	g := gadget(in)
	k := plug(t, g)
	first := k.submit(1, true, 8, Setup{}, nil)
	taken := k.unlink(first)
	if command, seq, status, _, _ := k.answer(false); command != retUnlink || seq != taken || status != econnreset {
		t.Errorf("taken back: %d %d %d", command, seq, status)
	}
	again := k.unlink(first)
	if command, seq, status, _, _ := k.answer(false); command != retUnlink || seq != again || status != 0 {
		t.Errorf("taken back twice: %d %d %d", command, seq, status)
	}
	second := k.submit(1, true, 4, Setup{}, nil)
	in <- []byte("packet")
	if _, seq, status, _, data := k.answer(true); seq != second || status != 0 || string(data) != "pack" {
		t.Errorf("read: %d %d %q", seq, status, data)
	}
	k.submit(2, false, 3, Setup{}, []byte("Q1\r"))
	if _, _, status, length, _ := k.answer(false); status != 0 || length != 3 || string(g.Function.(*echo).packets[0]) != "Q1\r" {
		t.Errorf("written: %d %d", status, length)
	}
}

func TestFaults(t *testing.T) {
	g := gadget(nil)
	k := plug(t, g)
	ask := Setup{Type: 0xa1, Request: 1, Length: 8}
	for _, tt := range []struct {
		fault  Fault
		status int32
		want   string
	}{{Stalls, epipe, ""}, {Babbles, eoverflow, ""}, {Garbage, 0, "\xa5\xa5\xa5\xa5\xa5\xa5"}, {Well, 0, "a1 01 "}} {
		g.Break(tt.fault)
		k.submit(0, true, 8, ask, nil)
		if _, _, status, _, data := k.answer(true); status != tt.status || string(data) != tt.want {
			t.Errorf("fault %d: %d, %q", tt.fault, status, data)
		}
	}
	g.Break(Silent)
	k.unlink(k.submit(0, true, 8, ask, nil))
	if command, _, status, _, _ := k.answer(false); command != retUnlink || status != econnreset {
		t.Errorf("silent: %d %d", command, status)
	}
}

func TestNonsense(t *testing.T) {
	for name, words := range map[string][]uint32{
		"no command": {9, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"too much":   {cmdSubmit, 1, 0, 1, 0, 0, maxTransfer + 1, 0, 0, 0, 0, 0},
	} {
		var in bytes.Buffer
		for _, w := range words {
			in.Write(binary.BigEndian.AppendUint32(nil, w))
		}
		if err := gadget(nil).Serve(t.Context(), &in); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(make([]byte, headerSize), []byte{1})
	f.Fuzz(func(t *testing.T, header, rest []byte) {
		if len(header) != headerSize {
			return
		}
		if _, s, err := parse(header, bytes.NewReader(rest)); err == nil && len(s.data) > len(rest) {
			t.Errorf("%d bytes of %d", len(s.data), len(rest))
		}
	})
}
