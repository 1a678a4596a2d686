package shut

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// setup is a request of USB's control endpoint (USB 2.0, 9.3).
type setup struct {
	requestType, request byte
	value, index, length uint16
}

func (s setup) bytes() []byte {
	b := []byte{s.requestType, s.request}
	b = binary.LittleEndian.AppendUint16(b, s.value)
	b = binary.LittleEndian.AppendUint16(b, s.index)
	return binary.LittleEndian.AppendUint16(b, s.length)
}

// Port is a UPS on a serial line, with the calls of an open USB device: those that
// package usbdev lists, but for the interrupt endpoints.
type Port struct {
	link

	info   usbdev.Info
	layout []byte
}

// open greets a UPS, and learns who it is and what it declares.
func open(ctx context.Context, path string) (*Port, error) {
	p, err := meet(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := p.describe(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("port %s: %w", path, err), p.Close())
	}
	return p, nil
}

// meet greets a UPS and learns who it is.
func meet(ctx context.Context, path string) (*Port, error) {
	port, err := serial.Open(ctx, path, serial.Settings{Speed: 2400, Power: &serial.Lines{RTS: true}})
	if err != nil {
		return nil, err
	}
	p := &Port{link: link{port}}
	if err := p.identify(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("port %s: %w", path, err), p.Close())
	}
	p.info.Node = path
	return p, nil
}

// Descriptors, by their types and lengths.
const (
	deviceDescriptor   = 0x0100
	deviceLength       = 18
	hidDescriptorBytes = 9
)

// old is a release of the interface whose descriptors have another number.
const old = 0x0202

func (p *Port) identify(ctx context.Context) error {
	if err := p.greet(ctx); err != nil {
		return err
	}
	d, err := p.get(ctx, setup{usbdev.FromDevice, usbdev.GetDescriptor, deviceDescriptor, 0, deviceLength})
	if err != nil || len(d) < deviceLength {
		return fmt.Errorf("device descriptor %x: %w", d, errors.Join(err, errShort))
	}
	p.info = usbdev.Info{
		VendorID: binary.LittleEndian.Uint16(d[8:]), ProductID: binary.LittleEndian.Uint16(d[10:]), Release: binary.LittleEndian.Uint16(d[12:]),
		Vendor: p.text(ctx, d[14], "Eaton"), Product: p.text(ctx, d[15], "unknown"), Serial: p.text(ctx, d[16], "unknown"),
	}
	return nil
}

// describe reads what the UPS declares.
func (p *Port) describe(ctx context.Context) error {
	var number uint16
	if p.info.VendorID == mge && p.info.Release == old {
		number = 1
	}
	h, err := p.get(ctx, setup{usbdev.FromInterface, usbdev.GetDescriptor, usbdev.HIDDescriptor<<8 | number, 0, hidDescriptorBytes})
	if err != nil || len(h) < hidDescriptorBytes {
		return fmt.Errorf("HID descriptor %x: %w", h, errors.Join(err, errShort))
	}
	length := binary.LittleEndian.Uint16(h[7:])
	if length == 0 || length > usbdev.MaxDescriptor {
		return fmt.Errorf("a report descriptor of %d bytes", length)
	}
	p.layout, err = p.get(ctx, setup{usbdev.FromInterface, usbdev.GetDescriptor, usbdev.ReportDescriptor<<8 | number, 0, length})
	if err != nil {
		return fmt.Errorf("report descriptor: %w", err)
	}
	return nil
}

var errShort = errors.New("too short")

// text is a string descriptor, or what stands for it.
func (p *Port) text(ctx context.Context, index byte, or string) string {
	if index == 0 {
		return or
	}
	text, err := p.String(ctx, int(index))
	if text = strings.TrimSpace(text); err != nil || text == "" {
		return or
	}
	return text
}

// get has one transfer from the UPS.
func (p *Port) get(ctx context.Context, s setup) ([]byte, error) {
	if err := p.send(ctx, frame{kindRequest, true, s.bytes()}); err != nil {
		return nil, err
	}
	return p.receive(ctx, int(s.length)+maxPayload)
}

// Info is who the UPS is.
func (p *Port) Info() usbdev.Info { return p.info }

// ReportDescriptor is what the UPS declares. It was read at opening: that takes
// seconds on such a line.
func (p *Port) ReportDescriptor(context.Context) ([]byte, error) { return p.layout, nil }

// String reads a string descriptor.
func (p *Port) String(ctx context.Context, index int) (string, error) {
	b, err := p.get(ctx, setup{usbdev.FromDevice, usbdev.GetDescriptor, usbdev.StringDescriptor<<8 | uint16(index&0xff), usbdev.English, 255})
	if err != nil {
		return "", err
	}
	return usbdev.DecodeString(b)
}

// GetReport reads a report; buf[0] is its id.
func (p *Port) GetReport(ctx context.Context, kind usbdev.ReportKind, id byte, buf []byte) (int, error) {
	b, err := p.get(ctx, setup{usbdev.ClassFromInterface, usbdev.GetReportRequest, uint16(kind)<<8 | uint16(id), 0, uint16(len(buf))})
	return copy(buf, b), err
}

// SetReport writes a report; report[0] is its id.
func (p *Port) SetReport(ctx context.Context, kind usbdev.ReportKind, report []byte) error {
	s := setup{usbdev.ClassToInterface, usbdev.SetReportRequest, uint16(kind)<<8 | uint16(report[0]), 0, uint16(len(report))}
	return p.send(ctx, append([]frame{{kindRequest, false, s.bytes()}}, frames(kindRequest, report)...)...)
}

// Close ends the contact.
func (p *Port) Close() error { return p.port.Close() }
