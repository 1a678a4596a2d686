package usbip

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// Events of linux/uhid.h.
const (
	uhidDestroy, uhidOutput, uhidGetReport       = 1, 6, 9
	uhidGetReply, uhidCreate, uhidInput          = 10, 11, 12
	uhidSetReport, uhidSetReply                  = 13, 14
	uhidDataMax, uhidEventSize                   = 4096, 4380
	uhidFeature, uhidOutputReport, uhidInputKind = 0, 1, 2
	busUSB                                       = 3
)

// PlugHID makes a HID device of the gadget's through /dev/uhid, without USB, and serves
// it until unplug is called or ctx ends.
func (g *Gadget) PlugHID(ctx context.Context) (unplug func() error, err error) {
	file, err := os.OpenFile("/dev/uhid", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(g.createEvent()); err != nil {
		return nil, errors.Join(fmt.Errorf("create: %w", err), file.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	reading, writing := make(chan error, 1), make(chan struct{})
	go func() { reading <- g.hear(ctx, file) }()
	go func() {
		defer close(writing)
		g.speak(ctx, file)
	}()
	return func() error {
		cancel()
		_, destroyed := file.Write(event(uhidDestroy, nil))
		closed := file.Close()
		ended := <-reading
		<-writing
		if errors.Is(ended, os.ErrClosed) {
			ended = nil
		}
		return errors.Join(destroyed, closed, ended)
	}, nil
}

func event(kind uint32, payload []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, kind), payload...)
}

// createEvent is struct uhid_create2_req.
func (g *Gadget) createEvent() []byte {
	var b bytes.Buffer
	text := func(s string, size int) {
		b.Write(append([]byte(s), make([]byte, size)...)[:size])
	}
	text(g.Texts[1]+" "+g.Texts[2], 128)
	text("", 64)
	text(g.Texts[3], 64)
	for _, n := range []uint16{uint16(len(g.Report)), busUSB} {
		b.Write(binary.LittleEndian.AppendUint16(nil, n))
	}
	for _, n := range []uint32{uint32(g.VendorID), uint32(g.ProductID), uint32(g.Release), 0} {
		b.Write(binary.LittleEndian.AppendUint32(nil, n))
	}
	b.Write(append(bytes.Clone(g.Report), make([]byte, uhidDataMax)...)[:uhidDataMax])
	return event(uhidCreate, b.Bytes())
}

// speak sends the packets of the IN endpoint.
func (g *Gadget) speak(ctx context.Context, file *os.File) {
	for {
		packet, err := g.packet(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			continue
		}
		payload := append(binary.LittleEndian.AppendUint16(nil, uint16(len(packet))), packet...)
		if _, err := file.Write(event(uhidInput, payload)); err != nil {
			return
		}
	}
}

// hear answers what the kernel asks.
func (g *Gadget) hear(ctx context.Context, file *os.File) error {
	for buf := make([]byte, uhidEventSize); ; {
		n, err := file.Read(buf)
		if err != nil {
			return err
		}
		if n < uhidEventSize {
			clear(buf[n:])
		}
		answer := g.heard(ctx, binary.LittleEndian.Uint32(buf), buf[4:])
		if answer == nil {
			continue
		}
		if _, err := file.Write(answer); err != nil {
			return err
		}
	}
}

// heard answers one event; nil if it wants none.
func (g *Gadget) heard(ctx context.Context, kind uint32, payload []byte) []byte {
	kinds := map[byte]uint16{uhidFeature: 3, uhidOutputReport: 2, uhidInputKind: 1}
	const toInterface, fromInterface, get, set = 0x21, 0xa1, 1, 9
	id := payload[:4]
	value := kinds[payload[5]]<<8 | uint16(payload[4])
	switch kind {
	case uhidGetReport:
		report, err := g.control(ctx, Setup{Type: fromInterface, Request: get, Value: value, Length: uhidDataMax}, nil)
		if payload[4] == 0 {
			report = append([]byte{0}, report...)
		}
		reply := append(bytes.Clone(id), failed(err), 0)
		reply = binary.LittleEndian.AppendUint16(reply, uint16(len(report)))
		return event(uhidGetReply, append(reply, report...))
	case uhidSetReport:
		size := min(int(binary.LittleEndian.Uint16(payload[6:])), uhidDataMax)
		data := bytes.Clone(payload[8 : 8+size])
		if payload[4] == 0 && size > 0 {
			data = data[1:]
		}
		_, err := g.control(ctx, Setup{Type: toInterface, Request: set, Value: value, Length: uint16(len(data))}, data)
		return event(uhidSetReply, append(bytes.Clone(id), failed(err), 0))
	case uhidOutput:
		size := min(int(binary.LittleEndian.Uint16(payload[uhidDataMax:])), uhidDataMax)
		_ = g.out(ctx, bytes.Clone(payload[:size])) // nobody is told
	}
	return nil
}

func failed(err error) byte {
	const eio = 5
	if err != nil {
		return eio
	}
	return 0
}
