// Package shut puts a simulated HID device on a serial line, as MGE's UPSes have it: a
// face of drivers/simulator/hid.
package shut

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"

	"github.com/wattnut/wattnut/drivers/simulator/hid"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// Bytes that stand alone.
const (
	accepted = 0x06
	repeat   = 0x15
)

// The kinds of frame, and the flag on the last of a transfer.
const (
	kindRequest  = 0x01
	kindResponse = 0x04
	flagLast     = 0x80
)

// UPS is a device at a line.
type UPS struct {
	Device *hid.Device
	Layout []byte // the report descriptor, where it is not to be that of Device

	in  *bufio.Reader
	out io.Writer
	got []byte // of a transfer under way
}

// Serve speaks until the line ends, which it returns.
func (u *UPS) Serve(line io.ReadWriter) error {
	u.in, u.out = bufio.NewReader(line), line
	if u.Layout == nil {
		u.Layout = u.Device.ReportDescriptor()
	}
	for {
		b, err := u.in.ReadByte()
		if err != nil {
			return fmt.Errorf("line: %w", err)
		}
		switch b {
		case 0x16, 0x17, 0x18: // which notifications are wanted; none are sent
			u.got = nil
			err = u.say(b)
		case kindRequest, kindRequest | flagLast:
			err = u.frame(b&flagLast != 0)
		}
		if err != nil {
			return fmt.Errorf("line: %w", err)
		}
	}
}

func (u *UPS) say(b ...byte) error {
	_, err := u.out.Write(b)
	return err
}

// frame takes the rest of a frame, and answers a transfer that is whole.
func (u *UPS) frame(last bool) error {
	length, err := u.in.ReadByte()
	if err != nil {
		return err
	}
	n := int(length & 0x0f)
	b := make([]byte, n+1)
	if _, err := io.ReadFull(u.in, b); err != nil {
		return err
	}
	var sum byte
	for _, c := range b {
		sum ^= c
	}
	if length>>4 != length&0x0f || sum != 0 {
		return u.say(repeat)
	}
	u.got = append(u.got, b[:n]...)
	if !last {
		return u.say(accepted)
	}
	request := u.got
	u.got = nil
	if len(request) < 8 || len(request) > 256 {
		return u.say(repeat)
	}
	answer, err := u.answer(request)
	if err != nil {
		return u.say(repeat) // refused
	}
	if err := u.say(accepted); err != nil {
		return err
	}
	return u.send(answer)
}

// send sends an answer, frame by frame, each until it is accepted.
func (u *UPS) send(data []byte) error {
	for len(data) > 0 {
		n := min(8, len(data))
		kind := byte(kindResponse)
		if n == len(data) {
			kind |= flagLast
		}
		var sum byte
		for _, c := range data[:n] {
			sum ^= c
		}
		f := append([]byte{kind, byte(n<<4 | n)}, data[:n]...)
		if err := u.say(append(f, sum)...); err != nil {
			return err
		}
		b, err := u.in.ReadByte()
		switch {
		case err != nil:
			return err
		case b == accepted:
			data = data[n:]
		case b != repeat: // the host has begun anew
			return u.in.UnreadByte()
		}
	}
	return nil
}

// answer makes the answer to a request, empty for one that has none.
func (u *UPS) answer(b []byte) ([]byte, error) {
	value := binary.LittleEndian.Uint16(b[2:])
	length := int(binary.LittleEndian.Uint16(b[6:]))
	var data []byte
	var err error
	switch {
	case b[0] == usbdev.ClassToInterface && b[1] == usbdev.SetReportRequest && len(b) > 8:
		return nil, u.Device.SetReport(usbdev.ReportKind(value>>8), b[8:])
	case b[0] == usbdev.ClassFromInterface && b[1] == usbdev.GetReportRequest:
		data, err = u.Device.GetReport(usbdev.ReportKind(value>>8), byte(value))
	case b[1] == usbdev.GetDescriptor:
		data, err = u.descriptor(b[0], byte(value>>8), int(value&0xff))
	default:
		err = errUnknown
	}
	return data[:min(len(data), length)], err
}

var errUnknown = errors.New("no such request")

// descriptor is one of the device's descriptors (USB 2.0, 9.6; HID 1.11, 6.2.1).
func (u *UPS) descriptor(requestType, kind byte, index int) ([]byte, error) {
	switch {
	case requestType == usbdev.FromDevice && kind == 1:
		id := u.Device.Identity()
		d := []byte{18, 1, 0x10, 0x01, 0, 0, 0, 8}
		for _, n := range []uint16{id.VendorID, id.ProductID, id.Release} {
			d = binary.LittleEndian.AppendUint16(d, n)
		}
		return append(d, 1, 2, 3, 1), nil
	case requestType == usbdev.FromDevice && kind == usbdev.StringDescriptor:
		text, ok := u.Device.String(index)
		if !ok {
			return nil, errUnknown
		}
		d := []byte{0, usbdev.StringDescriptor}
		for _, c := range utf16.Encode([]rune(text)) {
			d = binary.LittleEndian.AppendUint16(d, c)
		}
		d[0] = byte(len(d))
		return d, nil
	case requestType == usbdev.FromInterface && kind == usbdev.HIDDescriptor:
		d := []byte{9, usbdev.HIDDescriptor, 0x10, 0x01, 33, 1, usbdev.ReportDescriptor}
		return binary.LittleEndian.AppendUint16(d, uint16(len(u.Layout))), nil
	case requestType == usbdev.FromInterface && kind == usbdev.ReportDescriptor:
		return u.Layout, nil
	}
	return nil, errUnknown
}
