package usbdev

import (
	"sync"
	"time"
)

// Owners remembers which device each section of ups.conf had. Where two lose contact at
// once, as by a hub, the first to come back must not be taken by the other section:
// orders would reach the wrong UPS. Two are told apart by their serials or, without, by
// their ports. The zero Owners knows nobody, and nil never anybody. Any goroutine may use it.
type Owners struct {
	mu sync.Mutex
	by map[string]owned
}

type owned struct {
	info Info
	lost time.Time // zero while there is contact
}

// faith is for how long a device is kept for the section that lost it.
const faith = 10 * time.Minute

// Free tells whether a section may take a device: one that may be its own, or that no
// other section has, or has lost a while ago.
func (o *Owners) Free(section string, i Info) bool {
	if o == nil {
		return true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if had, ok := o.by[section]; ok && i.same(had.info) {
		return true
	}
	for other, had := range o.by {
		switch {
		case other == section:
		case had.lost.IsZero() && i.at(had.info), // it is in contact with that very device
			!had.lost.IsZero() && time.Since(had.lost) < faith && i.same(had.info):
			return false
		}
	}
	return true
}

// Took notes that a section has contact with a device.
func (o *Owners) Took(section string, i Info) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.by == nil {
		o.by = make(map[string]owned)
	}
	o.by[section] = owned{info: i}
}

// Left notes that a section has no contact any more: whether it was lost, or is not
// wanted any more.
func (o *Owners) Left(section string, lost bool) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	had, ok := o.by[section]
	if !lost {
		delete(o.by, section)
	} else if ok {
		had.lost = time.Now()
		o.by[section] = had
	}
}

// same tells whether two finds are one device, as far as that can be known. Its number
// on the bus is another after each plugging in.
func (i Info) same(other Info) bool {
	if i.ID() != other.ID() || i.Vendor != other.Vendor || i.Product != other.Product || i.Serial != other.Serial {
		return false
	}
	return i.Serial != "" || i.Port != "" && i.Bus == other.Bus && i.Port == other.Port
}

// at tells whether two finds of now are one: they are in the same place.
func (i Info) at(other Info) bool {
	return i.Bus != "" && i.Bus == other.Bus && i.Device == other.Device || i.Node != "" && i.Node == other.Node
}
