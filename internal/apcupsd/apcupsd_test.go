package apcupsd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/internal/apcupsd"
	"github.com/wattnut/wattnut/nut/conf"
)

const usual = `## apcupsd.conf v1.1 ##
UPSNAME desk top!
UPSCABLE usb
UPSTYPE usb
DEVICE
POLLTIME 10
ONBATTERYDELAY 6
BATTERYLEVEL 20
MINUTES	4   # with a tab
TIMEOUT 0
ANNOY 300
NOLOGON disable
KILLDELAY 30
NETSERVER on
NISIP 127.0.0.1
SCRIPTDIR /etc/apcupsd
STATTIME 0
`

func parse(t *testing.T, text string) apcupsd.Settings {
	t.Helper()
	s, err := apcupsd.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConvert(t *testing.T) {
	c := parse(t, usual).Convert("word")
	for file, want := range map[string][]string{
		"ups.conf":    {"[desktop]\n", "    driver = usbhid-ups\n", "    port = auto\n", "    pollinterval = 10\n"},
		"upsmon.conf": {"MONITOR desktop@localhost 1 monitor word primary\n", "SHUTDOWN_WHEN * CHARGE 20 RUNTIME 240\n", "POWERDOWNFLAG /etc/killpower\n"},
		"upsd.users":  {"[monitor]\n    password = word\n"},
		"nut.conf":    {"POWEROFF_WAIT=90\n"},
		"upsd.conf":   {"LISTEN 127.0.0.1 3493\n"},
	} {
		for _, w := range want {
			if !strings.Contains(c.Files[file], w) {
				t.Errorf("%s: no %q in\n%s", file, w, c.Files[file])
			}
		}
	}
	told := strings.Join(c.Remarks, "\n")
	for word, there := range map[string]bool{"ONBATTERYDELAY 6": true, "ANNOY 300": true, "NETSERVER on": true, "SCRIPTDIR": true, "KILLDELAY": true, "NOLOGON": false, "NISIP": false, "STATTIME": false} {
		if strings.Contains(told, word) != there {
			t.Errorf("%s is told: %t\n%s", word, !there, told)
		}
	}
}

// TestDrivers: each kind of UPS has a driver, and the configuration is one that
// starts, as far as the driver is one of ours.
func TestDrivers(t *testing.T) {
	for _, tt := range []struct{ text, want, told string }{
		{"UPSTYPE usb", "driver = usbhid-ups\n    port = auto\n", ""},
		{"UPSTYPE apcsmart\nDEVICE /dev/ttyS0", "driver = apcsmart\n    port = /dev/ttyS0\n", ""},
		{"UPSTYPE dumb\nUPSCABLE 940-0095C\nDEVICE /dev/ttyS1", "driver = genericups\n    port = /dev/ttyS1\n    upstype = 1\n", ""},
		{"UPSTYPE dumb\nUPSCABLE simple\nDEVICE /dev/ttyS1", "driver = genericups\n", "UPSCABLE simple: choose upstype"},
		{"UPSTYPE snmp\nDEVICE ups.example.org:161:APC:public", "driver = snmp-ups\n    port = ups.example.org\n    community = public\n", "community"},
		{"UPSTYPE snmp\nDEVICE 192.0.2.1:1161", "port = 192.0.2.1:1161\n    community = private\n", ""},
		{"UPSTYPE net\nDEVICE 192.0.2.1:3551", "driver = apcupsd-ups\n    port = 192.0.2.1:3551\n", "secondary"},
		{"UPSTYPE net\nDEVICE nas", "port = nas:3551\n", ""},
		{"UPSTYPE modbus\nDEVICE", "driver = apc_modbus\n    port = auto\n", ""},
		{"UPSTYPE pcnet\nDEVICE 192.0.2.1:apc:secret", "driver = snmp-ups\n    port = 192.0.2.1\n", "pcnet"},
		{"UPSTYPE whatever", "driver = usbhid-ups\n", `"whatever" is not known`},
		{"", "driver = usbhid-ups\n", ""},
	} {
		c := parse(t, tt.text).Convert("word")
		if !strings.Contains(c.Files["ups.conf"], tt.want) || !strings.Contains(strings.Join(c.Remarks, "\n"), tt.told) {
			t.Errorf("%q:\n%s%q", tt.text, c.Files["ups.conf"], c.Remarks)
		}
		starts(t, tt.text, c)
	}
}

func starts(t *testing.T, text string, c apcupsd.Converted) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range c.Files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, report := config.Load(config.Options{Dir: dir, All: true})
	if err := report.Err(conf.Warning); err != nil {
		t.Errorf("%q: %v", text, err)
	}
	for _, u := range cfg.UPSes {
		if _, _, err := config.Bind(u, all.Drivers()); err != nil && !strings.Contains(err.Error(), "no native driver") {
			t.Errorf("%q: %v\n%s", text, err, c.Files["ups.conf"])
		}
	}
	mon, report := config.LoadUPSMon(dir, "")
	if err := report.Err(conf.Warning); err != nil || len(mon.Monitors) != 1 {
		t.Errorf("%q: %v", text, err)
	}
}

func TestLimits(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "SHUTDOWN_WHEN * CHARGE 5 RUNTIME 180\n",
		"BATTERYLEVEL -1\nMINUTES 0":            "MINSUPPLIES 1\nSHUTDOWNCMD",
		"BATTERYLEVEL 0\nMINUTES 0\nTIMEOUT 60": "SHUTDOWN_WHEN * ONBATTERY 60\n",
		"BATTERYLEVEL 500\nMINUTES x":           "SHUTDOWN_WHEN * CHARGE 100 RUNTIME 180\n",
	} {
		c := parse(t, text).Convert("word")
		if !strings.Contains(c.Files["upsmon.conf"], want) {
			t.Errorf("%q: no %q in\n%s", text, want, c.Files["upsmon.conf"])
		}
		starts(t, text, c)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"[ups]\n", "driver = x\n=", strings.Repeat("x", 70_000)} {
		if s, err := apcupsd.Parse(strings.NewReader(text)); err == nil {
			t.Errorf("%.20q: %v", text, s)
		}
	}
}

// FuzzConvert: whatever a file says, what comes of it is a configuration that can
// be read.
func FuzzConvert(f *testing.F) {
	f.Add(usual)
	f.Add("UPSTYPE dumb\nUPSCABLE x\"y\nDEVICE /dev/\\\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := apcupsd.Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		c := s.Convert("word")
		file, err := conf.Parse(conf.UPSConf, strings.NewReader(c.Files["ups.conf"]))
		if err != nil || len(file.Named()) != 1 {
			t.Fatalf("%v\n%s", err, c.Files["ups.conf"])
		}
		if d, ok := file.Named()[0].Last("port"); s["UPSTYPE"] == "apcsmart" && s["DEVICE"] != "" && (!ok || d.Value() != s["DEVICE"]) {
			t.Errorf("port is %q, not %q", d.Value(), s["DEVICE"])
		}
	})
}
