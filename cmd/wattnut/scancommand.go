package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/internal/iprange"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut/conf"
)

func scanManual() manual.Manual {
	return manual.Manual{
		About: "Looks for UPSes and other power devices: at USB, by the announcements of NUT servers (mDNS),\nand at each address of the networks that are named, by SNMP and as NUT servers.\nShows sections of ups.conf, and says what is missing before one of them can work.",
		Forms: []string{"[--write] [--config-dir DIR] [--community NAME] [--serial PORTS] [--timeout TIME] [NETWORK …]"},
		Options: []manual.Option{
			{"NETWORK", "192.0.2.0/24, one address, or auto for the networks of this host"},
			{"--write", "add what is new to ups.conf, which is made if it is not there"},
			{"--config-dir DIR", "where ups.conf is; without it in $NUT_CONFPATH, else in /etc/wattnut if there is one, else in /etc/nut"},
			{"--community NAME", "the community that SNMP devices want (public)"},
			{"--serial PORTS", "try these serial ports too: auto, 0-3, /dev/ttyUSB0,/dev/ttyS0; what else listens there gets a few bytes that it does not expect"},
			{"--timeout TIME", "longest wait for one answer (3s)"},
		},
		Notes: "For SNMP v3 and other details there is nut-scanner.",
	}
}

// scanCommand is "wattnut scan".
type scanCommand struct {
	call

	dir   string
	write bool
	where drivers.Search
	buses []drivers.Bus
}

func runScan(ctx context.Context, c call) int {
	s := scanCommand{call: c, buses: []drivers.Bus{drivers.BusUSB, drivers.BusAvahi}}
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&s.write, "write", false, "")
	flags.StringVar(&s.dir, "config-dir", "", "")
	community := flags.String("community", "", "")
	ports := flags.String("serial", "", "")
	flags.DurationVar(&s.where.Timeout, "timeout", 3*time.Second, "")
	switch err := flags.Parse(c.args); {
	case errors.Is(err, flag.ErrHelp):
		c.help(scanManual())
		return 0
	case err != nil:
		fmt.Fprintf(c.stderr, "%s: %v; \"wattnut help scan\" tells the options\n", c.name, err)
		return 2
	}
	s.dir = config.Dir(s.dir)
	s.where.Dir = s.dir // which may have tables of devices
	if err := s.look(*community, *ports, flags.Args()); err != nil {
		fmt.Fprintf(c.stderr, "wattnut scan: %v\n", err)
		return 2
	}
	return s.run(ctx)
}

// look settles where to look.
func (s *scanCommand) look(community, ports string, networks []string) error {
	s.where.Parallel = 64
	if community != "" {
		s.where.Settings = []drivers.Setting{{Name: "community", Value: community}}
	}
	if ports != "" {
		list, err := serialPorts(ports)
		if err != nil {
			return err
		}
		s.where.Ports = list
		s.buses = append(s.buses, drivers.BusSerial)
	}
	var ranges []iprange.Range
	for _, word := range networks {
		more, err := rangesOf(word)
		if err != nil {
			return err
		}
		ranges = append(ranges, more...)
	}
	if len(ranges) > 0 {
		s.where.Addresses = iprange.All(ranges)
		s.buses = append(s.buses, drivers.BusSNMP, drivers.BusOldNUT)
	}
	return nil
}

// rangesOf reads a network as a person writes it.
func rangesOf(word string) ([]iprange.Range, error) {
	if !strings.HasPrefix(word, "auto") {
		r, err := iprange.CIDR(word)
		return []iprange.Range{r}, err
	}
	networks, err := iprange.Networks()
	if err != nil {
		return nil, err
	}
	return iprange.Auto(word, networks)
}

func (s *scanCommand) run(ctx context.Context) int {
	if s.write {
		if err := os.MkdirAll(s.dir, 0o755); err != nil {
			fmt.Fprintf(s.stderr, "wattnut scan: %v\n", err)
			return 1
		}
	}
	cfg, report := config.Load(config.Options{Dir: s.dir})
	names := newSectionNames(cfg)
	var sections strings.Builder
	found, fresh := 0, 0
	var troubles error
	for _, r := range scan(ctx, all.Drivers(), s.where, s.buses...) {
		if r.err != nil {
			troubles = errors.Join(troubles, fmt.Errorf("%s: %w", r.about, r.err))
		}
		for _, f := range r.found {
			found++
			if name := configured(cfg, f); name != "" {
				fmt.Fprintf(s.stdout, "# [%s] is there already\n", name)
				continue
			}
			fresh++
			writeSection(&sections, names.next(f), f)
		}
	}
	fmt.Fprint(s.stdout, sections.String())
	if troubles != nil {
		fmt.Fprintf(s.stderr, "wattnut scan: %v\n", troubles)
	}
	switch {
	case ctx.Err() != nil:
		return 1
	case found == 0:
		fmt.Fprint(s.stderr, "wattnut scan: nothing found. Is the device plugged in and on? Name a network to look there: wattnut scan auto\n")
		return 1
	case !s.write || fresh == 0:
		return 0
	}
	if report.Err(conf.Fatal) != nil {
		tell(s.stderr, report)
		fmt.Fprintln(s.stderr, "wattnut scan: nothing written: the configuration that is there has to be mended first")
		return 1
	}
	path, err := addSections(s.dir, sections.String())
	if err != nil {
		fmt.Fprintf(s.stderr, "wattnut scan: %v\n", err)
		return 1
	}
	fmt.Fprintf(s.stdout, "# %d written to %s; \"wattnut check %s\" tells whether all is well\n", fresh, path, s.dir)
	return 0
}
