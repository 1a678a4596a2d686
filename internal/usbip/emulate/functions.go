package emulate

import (
	"bytes"

	"github.com/wattnut/wattnut/drivers/simulator/hid"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/internal/usbip"
)

// Requests of the HID class (HID specification 1.11, 7.2).
const (
	getReport = 0x01
	getIdle   = 0x02
	setReport = 0x09
	setIdle   = 0x0a

	fromInterface, toInterface = 0xa1, 0x21
)

// power is a HID power device.
type power struct{ device *hid.Device }

func (p power) Control(s usbip.Setup, data []byte) ([]byte, error) {
	kind, id := usbdev.ReportKind(s.Value>>8), byte(s.Value)
	switch {
	case s.Type == fromInterface && s.Request == getReport:
		return p.device.GetReport(kind, id)
	case s.Type == toInterface && s.Request == setReport:
		return nil, p.device.SetReport(kind, data)
	}
	if text, ok := textAsked(s); ok {
		if said, ok := p.device.String(int(text)); ok {
			return usbip.Text(said), nil
		}
		return nil, usbip.ErrStall
	}
	return idle(s)
}

func (power) Out([]byte) error { return usbip.ErrStall }

// textAsked is which string descriptor is asked for.
func textAsked(s usbip.Setup) (index byte, ok bool) {
	return byte(s.Value), s.Type == usbdev.FromDevice && s.Request == usbdev.GetDescriptor && s.Value>>8 == usbdev.StringDescriptor
}

// idle answers what the kernel wants of every HID device.
func idle(s usbip.Setup) ([]byte, error) {
	switch {
	case s.Type == toInterface && s.Request == setIdle:
		return nil, nil
	case s.Type == fromInterface && s.Request == getIdle:
		return []byte{0}, nil
	}
	return nil, usbip.ErrStall
}

// cypress is a serial line behind a bridge: commands come as output reports of eight
// bytes, answers go through the interrupt endpoint.
type cypress struct {
	*line
	command []byte
}

func (c *cypress) Control(s usbip.Setup, data []byte) ([]byte, error) {
	if s.Type != toInterface || s.Request != setReport {
		if s.Type == fromInterface && s.Request == getReport {
			return make([]byte, 8), nil
		}
		return idle(s)
	}
	return nil, c.Out(data)
}

// Out takes a part of a command, filled up with NUL.
func (c *cypress) Out(packet []byte) error {
	c.command = append(c.command, bytes.TrimRight(packet, "\x00")...)
	for {
		command, rest, ended := bytes.Cut(c.command, []byte("\r"))
		if !ended {
			return nil
		}
		c.command = bytes.Clone(rest)
		if said, ok := c.answer(string(command)); ok {
			c.send(said + "\r")
		}
	}
}

func (c *cypress) send(text string) {
	for len(text) > 0 {
		packet := make([]byte, 8)
		text = text[copy(packet, text):]
		select {
		case c.packets <- packet:
		default: // nobody reads
		}
	}
}

// texts answers commands that are the numbers of string descriptors.
type texts struct {
	*line
	commands map[byte]string
}

func (t texts) Control(s usbip.Setup, _ []byte) ([]byte, error) {
	index, ok := textAsked(s)
	if !ok {
		return idle(s)
	}
	command, ok := t.commands[index]
	if !ok {
		return nil, usbip.ErrStall
	}
	said, ok := t.answer(command)
	if !ok {
		said = "(ACK"
	}
	return usbip.Text(said + "\r"), nil
}

func (texts) Out([]byte) error { return usbip.ErrStall }
