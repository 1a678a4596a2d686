package usbip

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// Commands of the protocol (Documentation/usb/usbip_protocol.rst of Linux), which a
// kernel speaks once it has been given the connection.
const (
	cmdSubmit, cmdUnlink = 1, 2
	retSubmit, retUnlink = 3, 4
	headerSize           = 48
	maxTransfer          = 1 << 20
)

// What a transfer ends with, as Linux' errno.
const (
	epipe      = -32
	eoverflow  = -75
	econnreset = -104
)

// submit is a request of the kernel's.
type submit struct {
	seq, endpoint uint32
	in            bool
	length        uint32
	setup         Setup
	data          []byte // of OUT transfers
}

// port serves one connection.
type port struct {
	gadget  *Gadget
	conn    io.ReadWriter
	writing sync.Mutex
	mu      sync.Mutex
	waiting map[uint32]context.CancelFunc // transfers that are not answered yet
}

// Serve answers for a device on a connection from a kernel, until the connection ends
// or ctx does; whoever calls closes the connection then.
func (g *Gadget) Serve(ctx context.Context, conn io.ReadWriter) error {
	ctx, cancel := context.WithCancel(ctx)
	var transfers sync.WaitGroup
	defer transfers.Wait()
	defer cancel()
	p := &port{gadget: g, conn: conn, waiting: make(map[uint32]context.CancelFunc)}
	for {
		header := make([]byte, headerSize)
		if _, err := io.ReadFull(conn, header); err != nil {
			if ctx.Err() != nil || errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		command, s, err := parse(header, conn)
		if err != nil {
			return err
		}
		if command == cmdUnlink {
			if err := p.unlink(s.seq, binary.BigEndian.Uint32(header[20:])); err != nil {
				return err
			}
			continue
		}
		transfer, done := p.begin(ctx, s.seq)
		transfers.Go(func() {
			defer done()
			p.answer(transfer, s)
		})
	}
}

// parse reads a request, of which the header was read.
func parse(header []byte, rest io.Reader) (command uint32, s submit, err error) {
	word := func(i int) uint32 { return binary.BigEndian.Uint32(header[4*i:]) }
	command = word(0)
	s = submit{seq: word(1), in: word(3) != 0, endpoint: word(4), length: word(6)}
	switch {
	case command == cmdUnlink:
		return command, s, nil
	case command != cmdSubmit:
		return command, s, fmt.Errorf("command %d of the kernel is not known", command)
	case s.length > maxTransfer:
		return command, s, fmt.Errorf("a transfer of %d bytes", s.length)
	}
	setup := header[40:]
	s.setup = Setup{
		Type: setup[0], Request: setup[1], Value: binary.LittleEndian.Uint16(setup[2:]),
		Index: binary.LittleEndian.Uint16(setup[4:]), Length: binary.LittleEndian.Uint16(setup[6:]),
	}
	if !s.in {
		s.data = make([]byte, s.length)
		_, err = io.ReadFull(rest, s.data)
	}
	return command, s, err
}

func (p *port) begin(ctx context.Context, seq uint32) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[seq] = cancel
	return ctx, cancel
}

// claim tells whether a transfer is still to be answered, and by nobody else then.
func (p *port) claim(seq uint32) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	cancel, ok := p.waiting[seq]
	if ok {
		delete(p.waiting, seq)
		cancel()
	}
	return ok
}

// unlink takes a transfer back that the kernel wants no more.
func (p *port) unlink(seq, victim uint32) error {
	status := int32(0) // it was answered already
	if p.claim(victim) {
		status = econnreset
	}
	return p.write(retUnlink, seq, status, 0, nil)
}

// answer carries a transfer out and tells the kernel its end.
func (p *port) answer(ctx context.Context, s submit) {
	var received []byte
	var err error
	switch {
	case s.endpoint != 0 && s.in:
		received, err = p.gadget.packet(ctx)
	case s.endpoint != 0:
		err = p.gadget.out(ctx, s.data)
	default:
		received, err = p.gadget.control(ctx, s.setup, s.data)
	}
	if ctx.Err() != nil || !p.claim(s.seq) {
		return
	}
	status := int32(0)
	sent := len(s.data)
	switch {
	case errors.Is(err, errBabble):
		status, received, sent = eoverflow, nil, 0
	case err != nil:
		status, received, sent = epipe, nil, 0
	case s.in:
		received = received[:min(len(received), int(s.length))]
		sent = len(received)
	}
	p.gadget.transfers.Add(1)
	p.gadget.moved.Add(int64(sent))
	_ = p.write(retSubmit, s.seq, status, sent, received) // whoever reads has the error too
}

func (p *port) write(command, seq uint32, status int32, length int, data []byte) error {
	words := []uint32{command, seq, 0, 0, 0, uint32(status), uint32(length), 0, 0xffffffff, 0, 0, 0}
	var out bytes.Buffer
	for _, w := range words {
		out.Write(binary.BigEndian.AppendUint32(nil, w))
	}
	out.Write(data)
	p.writing.Lock()
	defer p.writing.Unlock()
	_, err := p.conn.Write(out.Bytes())
	return err
}

var errBabble = errors.New("more than was asked for")

// packet waits for the next packet of the IN endpoint.
func (g *Gadget) packet(ctx context.Context) ([]byte, error) {
	select {
	case packet := <-g.In:
		return g.spoil(ctx, packet)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *Gadget) out(ctx context.Context, packet []byte) error {
	if _, err := g.spoil(ctx, nil); err != nil {
		return err
	}
	return g.Function.Out(packet)
}

func (g *Gadget) control(ctx context.Context, s Setup, data []byte) ([]byte, error) {
	if answer, ok := g.standard(s); ok {
		return answer, nil
	}
	answer, err := g.Function.Control(s, data)
	if err != nil {
		return nil, err
	}
	return g.spoil(ctx, answer)
}

// spoil does to an answer what is broken about the device.
func (g *Gadget) spoil(ctx context.Context, answer []byte) ([]byte, error) {
	switch g.broken() {
	case Stalls:
		return nil, ErrStall
	case Babbles:
		return nil, errBabble
	case Silent:
		<-ctx.Done()
		return nil, ctx.Err()
	case Garbage:
		return slices.Repeat([]byte{0xa5}, max(1, len(answer))), nil
	case Well:
	}
	return answer, nil
}
