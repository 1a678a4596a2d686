package drivers

import (
	"context"
	"iter"
	"net/netip"
	"sync"
	"time"
)

// Bus is what a scan goes over. The names are those of NUT's nut-scanner.
type Bus string

// The buses that families of this project look for devices on.
const (
	BusUSB        Bus = "USB"
	BusSNMP       Bus = "SNMP"
	BusOldNUT     Bus = "OLDNUT" // upsd servers, asked one by one
	BusAvahi      Bus = "AVAHI"  // upsd servers that announce themselves by mDNS
	BusSerial     Bus = "EATON_SERIAL"
	BusSimulation Bus = "NUT_SIMULATION" // files of dummy-ups
)

// Found is a device that a scan came upon, as a section of ups.conf would say it.
type Found struct {
	Driver   string
	Others   []string  // drivers that would do as well; nil for none
	Settings []Setting // port first, in the order to be written
	Hints    []Setting // true today, but not to be relied on: written as comments
	Remarks  []string  // what somebody has to know, or to do first: a sentence each
}

// Scanner looks for a family's devices on one bus.
type Scanner struct {
	Bus Bus
	// Scan calls found for each device that it comes upon, from one
	// goroutine at a time, and returns within ctx. An error means that it
	// could not look everywhere it should have; what was found stands.
	// Nothing is changed at a device.
	Scan func(ctx context.Context, where Search, found func(Found)) error
}

// Search says where to look, and how hard. A Scanner takes what its bus has a
// use for.
type Search struct {
	Addresses iter.Seq[netip.Addr] // hosts to ask; nil for none
	Port      int                  // to ask them at; 0 for the bus' own
	Parallel  int                  // hosts asked at once, at the most; 0 for 1
	Timeout   time.Duration        // longest wait for one answer; 0 for 5 s
	Settings  []Setting            // how to ask, by the driver's own settings: community, secName …
	Ports     []string             // serial ports to try
	Dir       string               // folder with the files of dummy-ups
}

// Settings are pairs of a name and a value as settings.
func Settings(pairs ...[2]string) []Setting {
	all := make([]Setting, len(pairs))
	for i, p := range pairs {
		all[i] = Setting{Name: p[0], Value: p[1]}
	}
	return all
}

// Wait is how long to wait for one answer.
func (s Search) Wait() time.Duration {
	if s.Timeout <= 0 {
		return 5 * time.Second
	}
	return s.Timeout
}

// Each calls ask for each address, Parallel of them at once, and returns when
// all have returned. Once ctx has ended it starts no more.
func (s Search) Each(ctx context.Context, ask func(context.Context, netip.Addr)) {
	if s.Addresses == nil {
		return
	}
	var all sync.WaitGroup
	defer all.Wait()
	places := make(chan struct{}, max(s.Parallel, 1))
	for address := range s.Addresses {
		select {
		case <-ctx.Done():
			return
		case places <- struct{}{}:
		}
		all.Go(func() {
			defer func() { <-places }()
			ask(ctx, address)
		})
	}
}
