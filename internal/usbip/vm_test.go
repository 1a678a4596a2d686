//go:build linux

package usbip_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/internal/vm"
)

// machine is one to plug emulated UPSes into.
type machine struct {
	*vm.Machine
	t      *testing.T
	libusb bool // wattnut-libusb is there
}

// start boots a machine with wattnut, built with libusb too if that is here, and with
// the distribution's drivers of USB UPSes.
func start(t *testing.T, more map[string]vm.File) machine {
	t.Helper()
	files := vm.Programs(t, testenv.Need(t, "usbhid-ups"), testenv.Need(t, "nutdrv_qx"), testenv.Need(t, "nut-scanner"))
	files["/bin/wattnut"] = vm.Program(vm.Build(t, "./cmd/wattnut"))
	files["/bin/plug"] = vm.Program(vm.Build(t, "./internal/usbip/plug"))
	files["/etc/nut/ups.conf"] = vm.Text("")
	libusb := withLibusb(t)
	maps.Copy(files, libusb)
	maps.Copy(files, more)
	return machine{vm.Start(t, vm.Config{
		Files:   files,
		Modules: []string{"uhid", "vhci_hcd", "usbhid", "hid_generic"},
		Boot:    "mkdir -p /run/nut\n",
		Timeout: 8 * time.Minute,
	}), t, libusb != nil}
}

// withLibusb is wattnut with libusb; nothing where that cannot be built.
func withLibusb(t *testing.T) map[string]vm.File {
	t.Helper()
	if exec.Command("pkg-config", "--exists", "libusb-1.0").Run() != nil {
		t.Log("no libusb-1.0-0-dev: nothing is shown of wattnut with libusb")
		return nil
	}
	program := filepath.Join(t.TempDir(), "wattnut-libusb")
	build := exec.Command("go", "build", "-tags", "libusb", "-ldflags", "-s -w", "-o", program, "./cmd/wattnut")
	build.Dir, build.Env = testenv.Root(t), append(build.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	files := vm.Programs(t, program)
	files["/bin/wattnut-libusb"] = vm.Link(program)
	return files
}

// plug plugs a device in, which takes orders at /run/NAME.
func (m machine) plug(name, via, kind string) {
	m.t.Helper()
	m.Run("before=$(ls /sys/class/hidraw | wc -l); plug /run/" + name + " " + via + " " + kind + " >/run/" + name + ".log 2>&1 & echo $! >/run/" + name + ".pid\n" +
		"i=0; until [ $(ls /sys/class/hidraw | wc -l) -gt $before ] && [ -e /run/" + name + " ]; do\n" +
		"sleep 0.1; i=$((i+1)); [ $i -lt 200 ] || { cat /run/" + name + ".log; exit 1; }; done")
}

// tell gives a device an order.
func (m machine) tell(name, order string) string {
	m.t.Helper()
	return m.Run("plug /run/" + name + " tell " + order)
}

// unplug takes a device away for good.
func (m machine) unplug(name string) {
	m.t.Helper()
	m.tell(name, "unplug")
	m.Run("kill $(cat /run/" + name + ".pid); rm /run/" + name)
}

// ask has a driver read a device once, and returns what it shows. An error of the
// driver is in the log, and it shows nothing.
func (m machine) ask(driver string, settings ...string) map[string]string {
	m.t.Helper()
	words := driver + " -s ups -u root -d 1 -x port=auto"
	for _, s := range settings {
		words += " -x " + s
	}
	said, code := m.Try(words + " 2>/run/ask.log")
	if code != 0 {
		m.t.Logf("%s: exit code %d: %s", words, code, m.Run("tail -n 20 /run/ask.log"))
	}
	facts := make(map[string]string)
	for line := range strings.Lines(said) {
		if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": "); ok && !strings.HasPrefix(name, "driver.") && !strings.Contains(name, " ") {
			facts[name] = value
		}
	}
	return facts
}

// difference is one that is known, and why it is: docs tells more.
type difference struct{ kind, name, ours, theirs string }

// compare reports each variable that two show differently, or that only one shows,
// unless the difference is known.
func (m machine) compare(kind string, ours, theirs map[string]string, known []difference) {
	m.t.Helper()
	var names []string
	for name := range ours {
		names = append(names, name)
	}
	for name := range theirs {
		names = append(names, name)
	}
	slices.Sort(names)
	same := 0
	for _, name := range slices.Compact(names) {
		o, has := ours[name]
		n, had := theirs[name]
		if has && had && o == n {
			same++
			continue
		}
		if !has {
			o = "-"
		}
		if !had {
			n = "-"
		}
		if !slices.ContainsFunc(known, func(d difference) bool {
			return (d.kind == "" || d.kind == kind) && d.name == name && (d.ours == "" || d.ours == o) && (d.theirs == "" || d.theirs == n)
		}) {
			m.t.Errorf("%s: %s is %q, and %q by NUT's driver", kind, name, o, n)
		}
	}
	m.t.Logf("%s: %d variables agree", kind, same)
	if same < 8 {
		m.t.Errorf("%s: only %d variables agree", kind, same)
	}
}

// settingPattern is a setting in a line of nut-scanner -P.
var settingPattern = regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)

// scanned is what a nut-scanner says of the one device that there is, but for where it
// is plugged in, which 2.8.0 tells less of.
func (m machine) scanned(program string) map[string]string {
	m.t.Helper()
	said := m.Run(program + " -q -U -P 2>/dev/null")
	if strings.Count(said, "USB:") != 1 {
		m.t.Errorf("%s finds %q", program, said)
	}
	found := make(map[string]string)
	for _, pair := range settingPattern.FindAllStringSubmatch(said, -1) {
		switch name, value := pair[1], pair[2]; name {
		case "bus", "device", "busport":
		default:
			// Ours are the regular expressions that the settings are, quoted.
			found[name] = strings.TrimSpace(strings.ReplaceAll(value, `\`, ""))
		}
	}
	return found
}

// compareScans has both programs look for the device.
func (m machine) compareScans(kind string) {
	m.t.Helper()
	ours, theirs := m.scanned("wattnut nut-scanner"), m.scanned(testenv.Need(m.t, "nut-scanner"))
	if !maps.Equal(ours, theirs) {
		m.t.Errorf("%s: nut-scanner finds %v, NUT's %v", kind, ours, theirs)
	}
}

// since280 are the differences from the distribution's usbhid-ups, which is of NUT
// 2.8.0; each is on the page docs/differences-usbhid.md.
var since280 = []difference{
	{"cps", "battery.status", "100%", "-"},
	{"cps", "input.sensitivity", "normal", "-"},
	{"cps", "ups.delay.shutdown", "60", "20"},
	{"cps", "ups.delay.start", "120", "30"},
	{"cps", "ups.firmware", "CRMM7L6-1", "-"},
	{"mge", "ups.status", "OL CHRG", "OL"},
	{"powercom", "battery.date", "-", "2021/02/07"},
	{"powercom", "battery.mfr.date", "2021/02/07", "-"},
	{"tripplite", "device.model", "TRIPP LITE UPS", "TRIPP LITE UPS    "},
	{"tripplite", "ups.model", "TRIPP LITE UPS", "TRIPP LITE UPS    "},
}

// sinceQX280 are those from nutdrv_qx, on docs/differences-megatec.md.
var sinceQX280 = []difference{
	{"cypress:voltronic-qs", "battery.charge", "90", "100"},
	{"cypress:voltronic-qs", "battery.runtime", "2013", "-"},
	{"cypress:voltronic-qs", "battery.voltage.high", "-", "26.00"},
	{"cypress:voltronic-qs", "battery.voltage.low", "-", "20.80"},
	{"cypress:voltronic-qs", "input.frequency", "50.0", "-"},
	{"cypress:voltronic-qs", "input.transfer.high", "267", "-"},
	{"cypress:voltronic-qs", "input.transfer.low", "184", "-"},
	{"cypress:voltronic-qs", "output.current", "2.0", "-"},
}

// Each known difference is explained.
func TestDifferencesAreExplained(t *testing.T) {
	for file, known := range map[string][]difference{"docs/differences-usbhid.md": since280, "docs/differences-megatec.md": sinceQX280} {
		page, err := os.ReadFile(filepath.Join(testenv.Root(t), file))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range known {
			if !strings.Contains(string(page), "`"+d.kind+"`") || !strings.Contains(string(page), "`"+d.name+"`") {
				t.Errorf("%s does not explain %s of %s", file, d.name, d.kind)
			}
		}
	}
}

// withoutUSB is what a device of /dev/uhid cannot say, which has a name in place of the
// strings of USB; Eaton's scale of the battery goes by the model.
var withoutUSB = []difference{
	{name: "device.mfr"},
	{name: "ups.mfr"},
	{name: "device.model"},
	{name: "ups.model"},
	{name: "ups.firmware", ours: "-"},
	{name: "battery.type", ours: "-"},
	{name: "battery.mfr.date", ours: "-"},
	{"mge through /dev/uhid", "battery.voltage", "-", ""},
	{"mge through /dev/uhid", "battery.voltage.nominal", "-", ""},
}

// TestVMUsbhid reads each emulated HID UPS by hidraw, by libusb and with the
// distribution's usbhid-ups, on one kernel, one after the other.
func TestVMUsbhid(t *testing.T) {
	m := start(t, nil)
	theirs := testenv.Need(t, "usbhid-ups")
	for _, kind := range []string{"apc", "cps", "mge", "tripplite", "powercom"} {
		m.plug("ups", "vhci", kind)
		ours := m.ask("wattnut usbhid-ups")
		if m.libusb {
			m.compare(kind+" by libusb", m.ask("wattnut-libusb usbhid-ups", "usb_transport=libusb"), ours, nil)
		}
		m.compareScans(kind)
		m.compare(kind, ours, m.ask(theirs), since280)
		m.unplug("ups")
		m.plug("ups", "uhid", kind)
		m.compare(kind+" through /dev/uhid", m.ask("wattnut usbhid-ups"), ours, withoutUSB)
		m.unplug("ups")
	}
}

// TestVMMegatec does so with UPSes that speak Megatec in three ways over USB.
func TestVMMegatec(t *testing.T) {
	m := start(t, nil)
	theirs := testenv.Need(t, "nutdrv_qx")
	for _, kind := range []string{"cypress:megatec", "cypress:voltronic-qs", "krauler:megatec", "fabula:megatec"} {
		m.plug("ups", "vhci", kind)
		ours := m.ask("wattnut nutdrv_qx")
		if m.libusb {
			m.compare(kind+" by libusb", m.ask("wattnut-libusb nutdrv_qx"), ours, nil)
		}
		m.compareScans(kind)
		m.compare(kind, ours, m.ask(theirs), sinceQX280)
		m.unplug("ups")
	}
}
