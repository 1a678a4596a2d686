package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/internal/getopt"
	"github.com/wattnut/wattnut/internal/iprange"
	"github.com/wattnut/wattnut/internal/manual"
)

// nutScanner is nut-scanner: what it was asked for.
type nutScanner struct {
	call

	buses    []drivers.Bus
	where    drivers.Search
	ranges   []iprange.Range
	first    string // -s without its -e
	auto     bool   // one -m auto is enough
	usb      int    // how often -U was given
	format   byte   // N, P, Q
	quiet    bool
	settings []drivers.Setting
}

// scannerBuses are the options that choose a bus by themselves.
var scannerBuses = map[byte]drivers.Bus{
	'U': drivers.BusUSB, 'S': drivers.BusSNMP, 'O': drivers.BusOldNUT, 'A': drivers.BusAvahi, 'n': drivers.BusSimulation,
}

// scannerAbsent are those that no driver of ours has a use for.
var scannerAbsent = map[byte]string{'M': "XML/HTTP", 'I': "IPMI", 'J': "UPower"}

// scannerSettings are the options that are settings of snmp-ups.
var scannerSettings = map[byte]string{
	'c': "community", 'l': "secLevel", 'u': "secName", 'w': "authProtocol", 'W': "authPassword", 'x': "privProtocol", 'X': "privPassword",
}

func runNutScanner(ctx context.Context, c call) int {
	s := &nutScanner{call: c, format: 'Q', where: drivers.Search{Parallel: 512, Timeout: 5 * time.Second, Dir: config.Dir("")}}
	m := nutScannerManual()
	options := getopt.New(c.name, c.args, m.Letters()).Long(m.Long())
	for opt, arg := range options.All() {
		switch opt {
		case 'a':
			s.available()
			return 0
		case 'h':
			c.help(m)
			return 0
		case 'V':
			banner(c.stdout, c.name)
			return 0
		}
		if err := s.take(opt, arg); err != nil {
			fmt.Fprintf(c.stderr, "%s: -%c: %v\n", c.name, opt, err)
			return 1
		}
	}
	err := options.Err()
	if err == nil {
		err = s.finish()
	}
	if err != nil {
		fmt.Fprintln(c.stderr, err)
		m.Show(c.stderr, called(c.name))
		return 1
	}
	return s.run(ctx)
}

// take remembers one option.
func (s *nutScanner) take(opt byte, arg string) (err error) {
	if bus, ok := scannerBuses[opt]; ok {
		s.buses = append(s.buses, bus)
		if opt == 'U' {
			s.usb++
		}
		return nil
	}
	if name, ok := scannerSettings[opt]; ok {
		s.settings = append(s.settings, drivers.Setting{Name: name, Value: arg})
		return nil
	}
	if bus, ok := scannerAbsent[opt]; ok {
		fmt.Fprintf(s.stderr, "%s: wattnut does not scan for %s devices\n", s.name, bus)
		return nil
	}
	switch opt {
	case 'C':
		s.buses = append(s.buses, drivers.BusUSB, drivers.BusSNMP, drivers.BusOldNUT, drivers.BusSimulation, drivers.BusAvahi)
		s.usb++
	case 'E':
		s.buses = append(s.buses, drivers.BusSerial)
		s.where.Ports, err = serialPorts(arg)
	case 'T':
		s.where.Parallel, err = positive(arg)
	case 'p':
		s.where.Port, err = positive(arg)
	case 't':
		var seconds int
		seconds, err = positive(arg)
		s.where.Timeout = time.Duration(seconds) * time.Second
	case 's', 'e', 'm':
		err = s.addresses(opt, arg)
	case 'N', 'P', 'Q':
		s.format = opt
	case 'q':
		s.quiet = true
	}
	return err
}

func positive(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1<<16 {
		return 0, fmt.Errorf("%q is not a number from 1 to 65536", text)
	}
	return n, nil
}

// addresses takes -s, -e and -m. -s waits for its -e.
func (s *nutScanner) addresses(opt byte, arg string) error {
	if opt == 's' {
		first := s.first
		s.first = arg
		if first == "" {
			return nil
		}
		return s.addRange(iprange.Between(first, ""))
	}
	if opt == 'e' {
		first := s.first
		s.first = ""
		return s.addRange(iprange.Between(first, arg))
	}
	if !strings.HasPrefix(arg, "auto") {
		return s.addRange(iprange.CIDR(arg))
	}
	if s.auto {
		return nil
	}
	s.auto = true
	networks, err := iprange.Networks()
	if err != nil {
		return err
	}
	ranges, err := iprange.Auto(arg, networks)
	s.ranges = append(s.ranges, ranges...)
	return err
}

func (s *nutScanner) addRange(r iprange.Range, err error) error {
	if err == nil {
		s.ranges = append(s.ranges, r)
	}
	return err
}

// finish settles what depends on all options together.
func (s *nutScanner) finish() error {
	if s.first != "" {
		if err := s.addRange(iprange.Between(s.first, "")); err != nil {
			return fmt.Errorf("%s: -s: %w", s.name, err)
		}
	}
	if len(s.buses) == 0 {
		s.buses = []drivers.Bus{drivers.BusUSB, drivers.BusSNMP, drivers.BusOldNUT, drivers.BusSimulation, drivers.BusAvahi}
	}
	if len(s.ranges) > 0 {
		s.where.Addresses = iprange.All(s.ranges)
	}
	s.where.Settings = s.settings
	return nil
}

// serialPorts reads the list of -E: "auto", numbers and ranges of them for the
// ports of those numbers, and devices by name, with commas between.
func serialPorts(list string) ([]string, error) {
	var ports []string
	for word := range strings.SplitSeq(list, ",") {
		word = strings.TrimSpace(word)
		switch first, last, ranged := strings.Cut(word, "-"); {
		case word == "auto":
			for _, pattern := range []string{"/dev/ttyS[0-9]*", "/dev/ttyUSB*", "/dev/ttyACM*"} {
				found, _ := filepath.Glob(pattern) // the pattern is sound
				ports = append(ports, found...)
			}
		case strings.HasPrefix(word, "/"):
			ports = append(ports, word)
		case !ranged:
			last = first
			fallthrough
		default:
			a, err1 := strconv.ParseUint(first, 10, 8)
			b, err2 := strconv.ParseUint(last, 10, 8)
			if errors.Join(err1, err2) != nil || a > b {
				return nil, fmt.Errorf("%q is no port: write auto, /dev/ttyS0, 0, or 0-3", word)
			}
			for n := a; n <= b; n++ {
				ports = append(ports, fmt.Sprintf("/dev/ttyS%d", n), fmt.Sprintf("/dev/ttyUSB%d", n))
			}
		}
	}
	return slices.Compact(ports), nil
}

// available lists the buses that can be scanned, in NUT's order.
func (s *nutScanner) available() {
	list := all.Drivers()
	for _, bus := range []drivers.Bus{
		drivers.BusOldNUT, drivers.BusUSB, drivers.BusSNMP, drivers.BusAvahi, drivers.BusSimulation, drivers.BusSerial,
	} {
		if len(scanners(list, bus)) > 0 {
			fmt.Fprintln(s.stdout, bus)
		}
	}
}

func (s *nutScanner) run(ctx context.Context) int {
	if !s.quiet {
		for _, b := range scanBuses {
			if !slices.Contains(s.buses, b.bus) {
				continue
			}
			if (b.bus == drivers.BusSNMP || b.bus == drivers.BusOldNUT) && s.where.Addresses == nil {
				fmt.Fprintf(s.stderr, "No start IP, skipping %s bus\n", b.about)
				continue
			}
			fmt.Fprintf(s.stderr, "Scanning %s bus.\n", b.about)
		}
	}
	for _, r := range scan(ctx, all.Drivers(), s.where, s.buses...) {
		s.show(r)
	}
	return 0
}

func (s *nutScanner) show(r scanned) {
	if r.err != nil && !s.quiet {
		fmt.Fprintf(s.stderr, "%s: %v\n", r.about, r.err)
	}
	for i, f := range r.found {
		f = s.detailed(f)
		if s.format == 'P' {
			showParsable(s.stdout, r.label, f)
			continue
		}
		writeSection(s.stdout, fmt.Sprintf("nutdev-%s%d", r.section, i+1), f)
	}
	if s.format == 'Q' {
		for _, doubt := range doubts(r.found) {
			fmt.Fprintf(s.stdout, "# %s\n", doubt)
		}
	}
}

// detailed makes settings of hints, the more the more often -U was given, and
// leaves the remarks out where other programs read what is written.
func (s *nutScanner) detailed(f drivers.Found) drivers.Found {
	firm := min(max(s.usb-1, 0), len(f.Hints))
	f.Settings = slices.Concat(f.Settings, f.Hints[:firm])
	f.Hints = f.Hints[firm:]
	if s.format != 'Q' {
		f.Remarks = nil
	}
	return f
}

// showParsable writes a device on one line.
func showParsable(w io.Writer, label string, f drivers.Found) {
	words := []string{"driver=" + quoteSetting(f.Driver)}
	for _, s := range slices.Concat(f.Settings, f.Hints) {
		if s.Flag {
			words = append(words, s.Name)
		} else {
			words = append(words, s.Name+"="+quoteSetting(s.Value))
		}
	}
	fmt.Fprintf(w, "%s:%s\n", label, strings.Join(words, ","))
}

// doubts tells of serial numbers that cannot tell one device from another.
func doubts(found []drivers.Found) []string {
	var all []string
	seen := make(map[string]int)
	for i, f := range found {
		at := slices.IndexFunc(f.Settings, func(s drivers.Setting) bool { return s.Name == "serial" })
		if at < 0 {
			if slices.ContainsFunc(f.Settings, func(s drivers.Setting) bool { return s.Name == "vendorid" }) {
				all = append(all, fmt.Sprintf("device %d tells no serial number: where there are two of its kind, use busport", i+1))
			}
			continue
		}
		serial := f.Settings[at].Value
		switch {
		case strings.TrimSpace(serial) != serial:
			all = append(all, fmt.Sprintf("device %d: its serial number has blanks around it", i+1))
		case strings.Trim(serial, serial[:min(1, len(serial))]) == "":
			all = append(all, fmt.Sprintf("device %d: its serial number %q is one character over and over, others of its kind may have the same", i+1, serial))
		}
		if first, ok := seen[serial]; ok {
			all = append(all, fmt.Sprintf("devices %d and %d have the same serial number %q", first, i+1, serial))
		}
		seen[serial] = i + 1
	}
	return all
}

func nutScannerManual() manual.Manual {
	return manual.Manual{About: "Looks for UPSes and other power devices, and writes them as sections of ups.conf.", Forms: []string{"[OPTIONS]"}, Options: []manual.Option{
		{"-C, --complete_scan", "all buses but the serial one (this is what it does without options)"},
		{"-U, --usb_scan", "USB; given twice or more often it also tells firmly where the device is plugged in"},
		{"-S, --snmp_scan", "SNMP, at the addresses of -s, -e, -m"},
		{"-O, --oldnut_scan", "UPSes of other NUT servers, at the addresses of -s, -e, -m"},
		{"-A, --avahi_scan", "UPSes of NUT servers that announce themselves by mDNS"},
		{"-n, --nut_simulation_scan", "*.dev and *.seq files in the configuration folder"},
		{"-E, --eaton_serial PORTS", "serial ports: auto, 0-3, /dev/ttyS0,/dev/ttyUSB0"},
		{"-T, --thread N", "how many hosts are asked at once (512)"},
		{"-t, --timeout SECONDS", "longest wait for an answer (5)"},
		{"-s, --start_ip ADDRESS", "first address to ask"},
		{"-e, --end_ip ADDRESS", "last one; -s and -e can be given again for further ranges"},
		{"-m, --mask_cidr NETWORK", "192.0.2.0/24; or auto, auto4, auto6 for the networks of this host, /BITS to narrow them"},
		{"-p, --port PORT", "port of the NUT servers (3493)"},
		{"-c, --community NAME", "SNMP v1: community (public)"},
		{"-l, --secLevel LEVEL", "SNMP v3: noAuthNoPriv, authNoPriv or authPriv"},
		{"-u, --secName NAME", "SNMP v3: user"},
		{"-w, --authProtocol NAME", "SNMP v3: MD5, SHA, SHA256, SHA384 or SHA512"},
		{"-W, --authPassword WORD", "SNMP v3: password of the user"},
		{"-x, --privProtocol NAME", "SNMP v3: DES, AES, AES192 or AES256"},
		{"-X, --privPassword WORD", "SNMP v3: password to encrypt by"},
		{"-Q, --disp_nut_conf_with_sanity_check", "write sections of ups.conf, with remarks (this is what it does without options)"},
		{"-N, --disp_nut_conf", "write sections of ups.conf"},
		{"-P, --disp_parsable", "write a line for each device"},
		{"-M, --xml_scan", "accepted: wattnut does not scan for XML/HTTP devices"},
		{"-I, --ipmi_scan", "the same of IPMI"},
		{"-J, --upower_scan", "the same of UPower"},
		{"-b, --username NAME", "accepted without effect, as the further options of IPMI"},
		{"-B, --password WORD", "the same"},
		{"-d, --authType NAME", "the same"},
		{"-L, --cipher_suite_id N", "the same"},
		{"-a, --available", "list the buses that can be scanned"},
		{"-q, --quiet", "write what was found and nothing else"},
		{"-D, --nut_debug_level", "accepted without effect"},
		{"-h, --help", "this text"},
		{"-V, --version", "the version of this program"},
	}}
}
