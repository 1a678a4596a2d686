package snmp

import (
	"context"
	"errors"
	"slices"

	"github.com/wattnut/wattnut/drivers"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
)

// notes are what was read of a device that is looked at for the first time. They
// are kept from one Read to the next, for a card that takes longer than one
// Read may: with v1 each object that it has not costs a packet.
type notes struct {
	agent  agent
	known  map[string]transport.Value
	stride int // how many objects are asked for before they are noted
}

// How many objects are asked for at once, at first and at least.
const (
	firstStride = 64
	leastStride = 4
)

func newNotes(a agent) *notes {
	return &notes{agent: a, known: make(map[string]transport.Value), stride: firstStride}
}

// get reads those objects that were not read before.
func (n *notes) get(ctx context.Context, oids ...string) error {
	ask := newSet()
	for _, oid := range oids {
		if _, ok := n.known[oid]; !ok {
			ask.add(oid)
		}
	}
	for some := range slices.Chunk(ask.oids, n.stride) {
		values, err := n.agent.Get(ctx, some)
		if err != nil {
			return err
		}
		for _, v := range values {
			n.known[v.OID] = v
		}
	}
	return nil
}

func (n *notes) has(oid string) bool { return n.known[oid].Kind != transport.Absent }

// excuse makes an error of a Read's end drivers.ErrWaiting, if the device only
// takes its time: if something was read since there were so many notes, or may
// be with a smaller stride.
func (n *notes) excuse(ctx context.Context, err error, before int) error {
	if ctx.Err() == nil || !errors.Is(err, transport.ErrSilent) {
		return err
	}
	if len(n.known) == before {
		if n.stride == leastStride {
			return err
		}
		n.stride /= 2
	}
	return drivers.ErrWaiting
}
