package usbip

import (
	"encoding/binary"
	"unicode/utf16"
)

// Standard requests and descriptor types (USB 2.0, 9.4; HID 1.11, 7.1).
const (
	getStatus, clearFeature, setFeature     = 0, 1, 3
	setAddress, getDescriptor               = 5, 6
	getConfiguration, setConfiguration      = 8, 9
	getInterface, setInterface              = 10, 11
	typeDevice, typeConfiguration, typeText = 1, 2, 3
	typeHID, typeReport                     = 0x21, 0x22
	toHost                                  = 0x80
)

// standard answers what every device answers. ok is false for what it does not know.
func (g *Gadget) standard(s Setup) (answer []byte, ok bool) {
	if s.Type&0x60 != 0 { // of a class or a vendor
		return nil, false
	}
	switch s.Request {
	case getDescriptor:
		return g.descriptor(byte(s.Value>>8), byte(s.Value))
	case getStatus:
		return []byte{1, 0}, true // has power of its own
	case getConfiguration:
		return []byte{1}, true
	case getInterface:
		return []byte{0}, true
	case setConfiguration, setInterface, setAddress, clearFeature, setFeature:
		return nil, true
	}
	return nil, false
}

func (g *Gadget) descriptor(kind, index byte) (descriptor []byte, ok bool) {
	switch {
	case kind == typeDevice:
		return g.device(), true
	case kind == typeConfiguration && index == 0:
		return g.configuration(), true
	case kind == typeText && index == 0:
		return []byte{4, typeText, 0x09, 0x04}, true
	case kind == typeText && index <= 3 && g.Texts[index] != "":
		return Text(g.Texts[index]), true
	case kind == typeHID:
		return g.hid(), true
	case kind == typeReport:
		return g.Report, true
	}
	return nil, false
}

func (g *Gadget) device() []byte {
	d := []byte{18, typeDevice, 0x10, 0x01, 0, 0, 0, 8}
	for _, n := range []uint16{g.VendorID, g.ProductID, g.Release} {
		d = binary.LittleEndian.AppendUint16(d, n)
	}
	for i := byte(1); i <= 3; i++ {
		if g.Texts[i] == "" {
			d = append(d, 0)
		} else {
			d = append(d, i)
		}
	}
	return append(d, 1)
}

func (g *Gadget) hid() []byte {
	return binary.LittleEndian.AppendUint16([]byte{9, typeHID, 0x10, 0x01, 0, 1, typeReport}, uint16(len(g.Report)))
}

func (g *Gadget) configuration() []byte {
	const interruptIn, interruptOut, interrupt, every10ms = 0x81, 0x02, 3, 10
	size := g.packetSize()
	endpoint := func(address byte) []byte {
		return []byte{7, 5, address, interrupt, byte(size), byte(size >> 8), every10ms}
	}
	endpoints := endpoint(interruptIn)
	if !g.NoOut {
		endpoints = append(endpoints, endpoint(interruptOut)...)
	}
	const hidClass = 3
	c := append([]byte{9, 4, 0, 0, byte(len(endpoints) / 7), hidClass, 0, 0, 0}, g.hid()...)
	c = append(c, endpoints...)
	const selfPowered = 0xc0
	head := binary.LittleEndian.AppendUint16([]byte{9, typeConfiguration}, uint16(9+len(c)))
	return append(append(head, 1, 1, 0, selfPowered, 50), c...)
}

// Text is a string descriptor.
func Text(s string) []byte {
	units := utf16.Encode([]rune(s))
	d := []byte{byte(2 + 2*len(units)), typeText}
	for _, u := range units {
		d = binary.LittleEndian.AppendUint16(d, u)
	}
	return d
}
