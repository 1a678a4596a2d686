package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut/conf"
)

// settings makes settings of "name=value" words; a word alone is a flag.
func settings(words ...string) []drivers.Setting {
	var all []drivers.Setting
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		all = append(all, drivers.Setting{Name: name, Value: value, Flag: !ok})
	}
	return all
}

// finder is a driver that finds those devices.
func finder(name string, bus drivers.Bus, err error, found ...drivers.Found) drivers.Driver {
	return drivers.Driver{Name: name, Scanners: []drivers.Scanner{{
		Bus: bus,
		Scan: func(_ context.Context, _ drivers.Search, add func(drivers.Found)) error {
			for _, f := range found {
				f.Driver = name
				add(f)
			}
			return err
		},
	}}}
}

func TestScanJoinsDrivers(t *testing.T) {
	device := drivers.Found{Settings: settings("port=auto", "vendorid=0665"), Hints: settings("bus=001")}
	other := drivers.Found{Settings: settings("port=auto", "vendorid=0665"), Hints: settings("bus=002")}
	got := scan(t.Context(), []drivers.Driver{
		finder("nutdrv_qx", drivers.BusUSB, errors.New("one port is broken"), device, other),
		finder("blazer_usb", drivers.BusUSB, nil, device),
		finder("snmp-ups", drivers.BusSNMP, nil, device),
	}, drivers.Search{}, drivers.BusUSB, drivers.BusAvahi)
	if len(got) != 1 || got[0].bus != drivers.BusUSB || fmt.Sprint(got[0].err) != "one port is broken" {
		t.Fatalf("got %+v", got)
	}
	if found := got[0].found; len(found) != 2 || !slices.Equal(found[0].Others, []string{"blazer_usb"}) || found[1].Others != nil {
		t.Errorf("got %+v", found)
	}
}

// TestScanPort: a port that is asked for is that of NUT servers, and of nobody else.
func TestScanPort(t *testing.T) {
	var snmp, servers int
	look := func(bus drivers.Bus, port *int) drivers.Driver {
		return drivers.Driver{Scanners: []drivers.Scanner{{Bus: bus, Scan: func(_ context.Context, where drivers.Search, _ func(drivers.Found)) error {
			*port = where.Port
			return nil
		}}}}
	}
	list := []drivers.Driver{look(drivers.BusSNMP, &snmp), look(drivers.BusOldNUT, &servers)}
	scan(t.Context(), list, drivers.Search{Port: 3494}, drivers.BusSNMP, drivers.BusOldNUT)
	if snmp != 0 || servers != 3494 {
		t.Errorf("asked by SNMP at %d, NUT servers at %d", snmp, servers)
	}
}

func TestWriteSection(t *testing.T) {
	var b bytes.Buffer
	writeSection(&b, "nutdev-usb1", drivers.Found{
		Driver: "nutdrv_qx", Others: []string{"blazer_usb", "x"},
		Settings: settings("port=auto", `product=An "odd" \ one`+"\n[evil]\tdriver=x", "novendor"),
		Hints:    settings("bus=001"),
		Remarks:  []string{"not\nto be read by you: join the group nut"},
	})
	want := `[nutdev-usb1]
	driver = "nutdrv_qx"	# alternately: blazer_usb, x
	port = "auto"
	product = "An \"odd\" \\ one [evil] driver=x"
	novendor
	# bus = "001"
	# not to be read by you: join the group nut
`
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
	file, err := conf.Parse(conf.Lookup("ups.conf"), &b)
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := file.Named()[0].Last("product"); len(file.Named()) != 1 || d.Value() != `An "odd" \ one [evil] driver=x` {
		t.Errorf("it is read as %+v", file.Named()[0])
	}
}

func TestParsable(t *testing.T) {
	var b bytes.Buffer
	showParsable(&b, "USB", drivers.Found{Driver: "usbhid-ups", Settings: settings("port=auto", "vendorid=0463", "x"), Hints: settings("bus=001")})
	if want := `USB:driver="usbhid-ups",port="auto",vendorid="0463",x,bus="001"` + "\n"; b.String() != want {
		t.Errorf("got %s", b.String())
	}
}

func TestDetailOfUSB(t *testing.T) {
	f := drivers.Found{Settings: settings("port=auto"), Hints: settings("busport=1-2", "bus=001", "device=004"), Remarks: []string{"x"}}
	for n, firm := range []int{0, 0, 1, 2, 3, 3} {
		s := nutScanner{usb: n, format: 'N'}
		if got := s.detailed(f); len(got.Settings) != 1+firm || len(got.Hints) != 3-firm || got.Remarks != nil {
			t.Errorf("-U %d times: %+v", n, got)
		}
	}
}

func TestDoubts(t *testing.T) {
	of := func(words ...string) drivers.Found {
		return drivers.Found{Settings: settings(append([]string{"vendorid=0463"}, words...)...)}
	}
	got := doubts([]drivers.Found{
		of("serial=ABC1"), of(), of("serial=0000"), of("serial=ABC1"), of("serial= X1"), of("serial=D2"),
		{Settings: settings("port=ups@host")},
		of("serial="),
	})
	want := []string{
		"device 2 tells no serial number", `device 3: its serial number "0000" is one character`,
		`devices 1 and 4 have the same serial number "ABC1"`, "device 5: its serial number has blanks", `device 8: its serial number ""`,
	}
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}

func TestSerialPorts(t *testing.T) {
	for list, want := range map[string]string{
		"0-1":                    "/dev/ttyS0 /dev/ttyUSB0 /dev/ttyS1 /dev/ttyUSB1",
		"3":                      "/dev/ttyS3 /dev/ttyUSB3",
		"/dev/ttyX, 1":           "/dev/ttyX /dev/ttyS1 /dev/ttyUSB1",
		"2-1":                    `"2-1" is no port: write auto, /dev/ttyS0, 0, or 0-3`,
		"":                       `"" is no port: write auto, /dev/ttyS0, 0, or 0-3`,
		"1-99999999999999999999": `"1-99999999999999999999" is no port: write auto, /dev/ttyS0, 0, or 0-3`,
	} {
		ports, err := serialPorts(list)
		got := strings.Join(ports, " ")
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", list, got, want)
		}
	}
}

// TestScanWrites walks the road of "wattnut scan --write": what is found gets
// into the file, keeps what was there, and is not written again.
func TestScanWrites(t *testing.T) {
	dir := t.TempDir()
	old := "# mine\n[desk]\n\tdriver = dummy-ups\n\tport = desk.dev" // without an end of line
	if err := os.WriteFile(filepath.Join(dir, "ups.conf"), []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	found := []drivers.Found{
		{Driver: "dummy-ups", Settings: settings("port=desk.dev")},
		{Driver: "dummy-ups", Settings: settings("port=Desk@nas.example")},
		{Driver: "usbhid-ups", Settings: settings("port=auto", "vendorid=0463", "product=Eaton 5P/(1550)", "serial=A1")},
		{Driver: "usbhid-ups", Settings: settings("port=auto", "vendorid=0463", "product=Eaton 5P/(1550)", "serial=A2")},
		{Driver: "snmp-ups", Settings: settings("port=192.0.2.7", "mibs=ietf")},
	}
	add := func() (names []string) {
		cfg, report := config.Load(config.Options{Dir: dir})
		if err := report.Err(conf.Error); err != nil {
			t.Fatal(err)
		}
		var sections strings.Builder
		all := newSectionNames(cfg)
		for _, f := range found {
			if configured(cfg, f) == "" {
				names = append(names, all.next(f))
				writeSection(&sections, names[len(names)-1], f)
			}
		}
		if _, err := addSections(dir, sections.String()); err != nil {
			t.Fatal(err)
		}
		return names
	}
	if got, want := add(), []string{"Desk-2", "eaton-5p-1550", "eaton-5p-1550-2", "192-0-2-7"}; !slices.EqualFunc(got, want, strings.EqualFold) {
		t.Errorf("got %q, want %q", got, want)
	}
	if again := add(); again != nil {
		t.Errorf("written again: %q", again)
	}
	data, err := os.ReadFile(filepath.Join(dir, "ups.conf"))
	if err != nil || !strings.HasPrefix(string(data), old+"\n[") {
		t.Errorf("%v\n%s", err, data)
	}
	if info, _ := os.Stat(filepath.Join(dir, "ups.conf")); info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v", info.Mode())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".ups*")); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestConfigured(t *testing.T) {
	device := drivers.Found{
		Driver: "nutdrv_qx", Others: []string{"blazer_usb"},
		Settings: settings("port=auto", "vendorid=0665", "product=USB to Serial"), Hints: settings("bus=001"),
	}
	for section, want := range map[string]bool{
		"driver=nutdrv_qx port=auto":               true,
		"driver=blazer_usb port=auto":              true,
		"driver=usbhid-ups port=auto":              false,
		"driver=nutdrv_qx port=/dev/ttyS0":         false,
		"driver=nutdrv_qx port=auto product=usb.*": true,
		"driver=nutdrv_qx port=auto product=usb":   false,
		"driver=nutdrv_qx port=auto vendorid=0001": false,
		"driver=nutdrv_qx port=auto bus=002":       false,
		"driver=nutdrv_qx port=auto vendorid=(":    false,
		"driver=nutdrv_qx port=auto offdelay=20":   true,
	} {
		u := config.Bare("x", "test").With(settings(strings.Fields(section)...)...)
		u.Driver = strings.TrimPrefix(strings.Fields(section)[0], "driver=")
		if got := configured(&config.Config{UPSes: []config.UPS{u}}, device) == "x"; got != want {
			t.Errorf("%s: %v", section, got)
		}
	}
}

func TestTame(t *testing.T) {
	for text, want := range map[string]string{
		"Back-UPS ES 700G": "back-ups-es-700g", "": "ups", "---": "ups", "Ünï": "n", strings.Repeat("x", 99): strings.Repeat("x", 40),
	} {
		if got := tame(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
