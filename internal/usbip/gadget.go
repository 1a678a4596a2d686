package usbip

import (
	"errors"
	"sync/atomic"
)

// Identity is what a device says of itself when it is plugged in.
type Identity struct {
	VendorID, ProductID, Release uint16
	Texts                        [4]string // string descriptors 1 to 3: maker, product, serial number; [0] is not used
}

// Setup is the request of a control transfer (USB 2.0, 9.3).
type Setup struct {
	Type, Request byte
	Value, Index  uint16
	Length        uint16
}

// Function is what a device does beyond what all devices do. Its methods are called
// from several goroutines.
type Function interface {
	// Control answers a request that is not answered for every device alike, and
	// string descriptors above 3. data is what came with it. An error that wraps a
	// Fault fails so; another is a stall.
	Control(s Setup, data []byte) ([]byte, error)
	// Out takes a packet of the interrupt OUT endpoint.
	Out(packet []byte) error
}

// ErrStall refuses a request.
var ErrStall = errors.New("stall")

// Gadget is a device in software.
type Gadget struct {
	Identity
	Report   []byte        // HID report descriptor
	Endpoint uint16        // size of a packet of the interrupt endpoints; 0 for 8
	NoOut    bool          // there is no interrupt OUT endpoint
	In       <-chan []byte // packets for the interrupt IN endpoint; nil for none ever
	Function Function
	fault    atomic.Int32

	transfers, moved atomic.Int64
}

// Traffic returns how many transfers were answered, and how many bytes of data went
// over the wire with them, since it was last called.
func (g *Gadget) Traffic() (transfers, bytes int64) {
	return g.transfers.Swap(0), g.moved.Swap(0)
}

// Fault is how a device is broken. The zero Fault is none.
type Fault int32

// The faults.
const (
	Well    Fault = iota
	Stalls        // every request but those of enumeration
	Babbles       // it sends more than it was asked for
	Garbage       // it answers with noise
	Silent        // it does not answer at all
)

// Break makes the device have a fault from now on.
func (g *Gadget) Break(f Fault) { g.fault.Store(int32(f)) }

func (g *Gadget) broken() Fault { return Fault(g.fault.Load()) }

func (g *Gadget) packetSize() uint16 {
	if g.Endpoint == 0 {
		return 8
	}
	return g.Endpoint
}
