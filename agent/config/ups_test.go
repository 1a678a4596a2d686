package config

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut/conf"
)

func TestUPSSettings(t *testing.T) {
	c := sound(t, map[string]string{"ups.conf": `
maxretry = 3
pollinterval = 7
synchronous = yes
driverpath = /opt/nut
chroot = /jail
[a]
	driver = usbhid-ups
	port = auto
	desc = "The \"big\" one"
	pollinterval = 0.5
	maxstartdelay = 1
	retrydelay = 2
	nowait
	sdorder = -1
	sdcommands = load.off
	allow_killpower = 1
	nolock = yes
	ignorelb
	user = nut
	group = nut
	debug_min = 2
	LIBUSB_DEBUG = 3
	reconnect_max_tries = 0
	reconnect_report_freq = 5
	default.battery.charge.low = 20
	override.ups.mfr = "A B"
	vendorid = 051d
	usb_set_altinterface
	vendorid = 0463
[b]
	driver = dummy-ups
	port = b.dev
`})
	if c.DriverPath != "/opt/nut" || c.Chroot != "/jail" || len(c.UPSes) != 2 {
		t.Fatalf("got %+v", c)
	}
	a, b := c.UPSes[0], c.UPSes[1]
	wantA := Common{
		PollInterval: 500 * time.Millisecond, MaxStartDelay: time.Second, MaxRetry: 3, RetryDelay: 2 * time.Second, NoWait: true,
		Synchronous: "yes", SDOrder: -1, SDCommands: "load.off", AllowKillPower: true, NoLock: true, IgnoreLB: true,
		User: "nut", Group: "nut", DebugMin: 2, LibUSBDebug: 3, ReconnectTries: 0, ReconnectLog: 5,
	}
	wantB := defaults()
	wantB.MaxRetry, wantB.PollInterval, wantB.Synchronous = 3, 7*time.Second, "yes"
	if a.Common != wantA || b.Common != wantB {
		t.Errorf("common: got\n%+v\n%+v", a.Common, b.Common)
	}
	if a.Name != "a" || a.Driver != "usbhid-ups" || a.Port != "auto" || a.Desc != `The "big" one` || a.File != "ups.conf" || a.Line != 7 || a.Broken {
		t.Errorf("got %v, %s:%d", a, a.File, a.Line)
	}
	if !maps.Equal(a.Default, map[string]string{"battery.charge.low": "20"}) || !maps.Equal(a.Override, map[string]string{"ups.mfr": "A B"}) {
		t.Errorf("got %v, %v", a.Default, a.Override)
	}
	if n := len(a.Settings); n != 23 || a.Settings[n-1].Line != 30 || a.Settings[n-1].Value != "0463" || !a.Settings[n-2].Flag {
		t.Errorf("%d settings: %v", n, a.Settings)
	}
}

func TestEqual(t *testing.T) {
	ups := func(text string) UPS {
		t.Helper()
		return sound(t, map[string]string{"ups.conf": text}).UPSes[0]
	}
	base := "[a]\ndriver = dummy-ups\nport = a.dev\nmode = dummy-once\ndefault.x = 1\n"
	for text, want := range map[string]bool{
		base:                             true,
		"# comment\n\n" + base:           true,
		base + "[b]\ndriver=x\nport=y\n": true,
		base + "desc = x\n":              false,
		base + "mode = dummy-loop\n":     false,
		base + "default.x = 2\n":         false,
		base + "nolock\n":                false,
		"pollinterval = 3\n" + base:      false,
		"pollinterval = 2\n" + base:      true,
		"[A]\n" + base[4:]:               false,
	} {
		if got := ups(base).Equal(ups(text)); got != want {
			t.Errorf("Equal is %v for\n%s", got, text)
		}
	}
}

func TestEnvironmentUPS(t *testing.T) {
	t.Setenv("WATTNUT_UPS_OFFICE_2", "driver=dummy-ups port=\"b c.dev\"\nnolock desc=x")
	t.Setenv("WATTNUT_UPS_BROKEN", "driver=x")
	c, r := load(t, map[string]string{"ups.conf": "pollinterval = 9\n[Office_2]\ndriver=x\nport=y\n" + oneUPS})
	if len(r.Problems) != 2 || len(c.UPSes) != 3 {
		t.Fatalf("got %v, %v", r.Problems, c.UPSes)
	}
	if a, broken, u := c.UPSes[0], c.UPSes[1], c.UPSes[2]; a.Name != "a" || !broken.Broken || u.Name != "office_2" ||
		u.Port != "b c.dev" || u.Desc != "x" || !u.NoLock || u.PollInterval != 9*time.Second || u.File != "WATTNUT_UPS_OFFICE_2" || u.Broken {
		t.Errorf("got %v, %v, %v", a, broken, u)
	}
}

// The names of a UPS and of its driver become those of a socket and of a PID
// file: they must not lead elsewhere.
func TestNamesWithSlashes(t *testing.T) {
	for _, section := range []string{"[../../etc/a]\ndriver = x\nport = y\n", "[b]\ndriver = ../x\nport = y\n"} {
		c, r := load(t, map[string]string{"ups.conf": section + oneUPS})
		if !c.UPSes[0].Broken || c.UPSes[1].Broken || r.Err(conf.Error) == nil || !strings.Contains(r.Err(conf.Error).Error(), "have a slash") {
			t.Errorf("%s: %v", section, r.Problems)
		}
	}
}
