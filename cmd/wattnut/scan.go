package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut/wire"
)

// scanBus is a bus as nut-scanner names it in its different places.
type scanBus struct {
	bus     drivers.Bus
	about   string // "Scanning … bus."
	label   string // begins a parsable line
	section string // in the names of sections
}

// scanBuses are in the order in which nut-scanner goes over them.
var scanBuses = []scanBus{
	{drivers.BusUSB, "USB", "USB", "usb"},
	{drivers.BusSNMP, "SNMP", "SNMP", "snmp"},
	{drivers.BusOldNUT, "NUT (old)", "NUT", "nut"},
	{drivers.BusSimulation, "NUT simulation devices", "NUT_SIMULATION", "nut_simulation"},
	{drivers.BusAvahi, "NUT (avahi)", "Avahi", "avahi"},
	{drivers.BusSerial, "serial", "EATON_SERIAL", "eaton_serial"},
}

// scanned is what was found on one bus.
type scanned struct {
	scanBus
	found []drivers.Found
	err   error
}

// scan goes over the buses at the same time, and returns them in their order.
// Those that no driver of this build looks at are not among them.
func scan(ctx context.Context, all []drivers.Driver, where drivers.Search, buses ...drivers.Bus) []scanned {
	var results []scanned
	for _, b := range scanBuses {
		if slices.Contains(buses, b.bus) && len(scanners(all, b.bus)) > 0 {
			results = append(results, scanned{scanBus: b})
		}
	}
	var busy sync.WaitGroup
	for i := range results {
		r := &results[i]
		where := where
		if r.bus != drivers.BusOldNUT {
			where.Port = 0 // a port is that of NUT servers
		}
		busy.Go(func() {
			for _, s := range scanners(all, r.bus) {
				r.err = errors.Join(r.err, s.Scan(ctx, where, r.add))
			}
		})
	}
	busy.Wait()
	return results
}

func scanners(all []drivers.Driver, bus drivers.Bus) []drivers.Scanner {
	var matching []drivers.Scanner
	for _, d := range all {
		for _, s := range d.Scanners {
			if s.Bus == bus {
				matching = append(matching, s)
			}
		}
	}
	return matching
}

// add takes a device in; one that another driver has found already becomes a
// choice between the two.
func (r *scanned) add(f drivers.Found) {
	for i := range r.found {
		old := &r.found[i]
		if slices.Equal(old.Settings, f.Settings) && slices.Equal(old.Hints, f.Hints) {
			for _, name := range append([]string{f.Driver}, f.Others...) {
				if name != old.Driver && !slices.Contains(old.Others, name) {
					old.Others = append(old.Others, name)
				}
			}
			return
		}
	}
	r.found = append(r.found, f)
}

// writeSection writes a device as a section of ups.conf. Remarks are comments.
func writeSection(w io.Writer, name string, f drivers.Found) {
	var b strings.Builder
	fmt.Fprintf(&b, "[%s]\n\tdriver = %s", name, quoteSetting(f.Driver))
	if len(f.Others) > 0 {
		fmt.Fprintf(&b, "\t# alternately: %s", strings.Join(f.Others, ", "))
	}
	b.WriteByte('\n')
	for _, s := range f.Settings {
		writeSetting(&b, "\t", s)
	}
	for _, s := range f.Hints {
		writeSetting(&b, "\t# ", s)
	}
	for _, r := range f.Remarks {
		fmt.Fprintf(&b, "\t# %s\n", oneLine(r))
	}
	io.WriteString(w, b.String()) //nolint:errcheck // as for any output
}

func writeSetting(b *strings.Builder, indent string, s drivers.Setting) {
	if s.Flag {
		fmt.Fprintf(b, "%s%s\n", indent, s.Name)
		return
	}
	fmt.Fprintf(b, "%s%s = %s\n", indent, s.Name, quoteSetting(s.Value))
}

// quoteSetting writes a value as the files have it, whatever a device says of
// itself: within quotes, and on one line.
func quoteSetting(value string) string { return string(wire.AppendQuoted(nil, oneLine(value))) }

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
