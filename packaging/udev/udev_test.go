package udev

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the files")

// TestFiles keeps the files as the tables have it.
func TestFiles(t *testing.T) {
	for name, write := range map[string]func() (string, error){"62-wattnut.rules": Rules, "62-wattnut.hwdb": Hwdb} {
		want, err := write()
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil { //nolint:gosec // a file to install
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is not what the tables say: go generate ./packaging/udev (%v)", name, err)
		}
	}
}

func TestDevices(t *testing.T) {
	all, err := devices()
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, d := range all {
		if id := d.vendor + ":" + d.product; found[id] != "" {
			t.Errorf("%s is there twice", id)
		} else {
			found[id] = d.driver
		}
	}
	for id, want := range map[string]string{"051d:0002": "usbhid-ups", "0764:0501": "usbhid-ups", "0665:5161": "nutdrv_qx", "0001:0000": "nutdrv_qx", "1a86:7523": ""} {
		if found[id] != want {
			t.Errorf("%s is for %q", id, found[id])
		}
	}
	t.Logf("%d ids", len(all))
}

// others are NUT's drivers that there is no driver for here: their devices are no
// business of ours.
var others = regexp.MustCompile(`bcmxcp_usb|richcomm_usb|riello_usb|tripplite_usb|nutdrv_atcl_usb`)

// TestRulesOfDebian wants each device of the distribution's own rules that one of our
// drivers is for.
func TestRulesOfDebian(t *testing.T) {
	files, err := filepath.Glob("/lib/udev/rules.d/*nut-usbups.rules")
	if err != nil || len(files) == 0 {
		t.Skip("no udev rules of nut-server here")
	}
	theirs, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	ours, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`ATTR\{idVendor\}=="(\w+)", ATTR\{idProduct\}=="(\w+)"`)
	var drivers string
	known := 0
	for line := range strings.Lines(string(theirs)) {
		if strings.HasPrefix(line, "#") {
			drivers = line
			continue
		}
		m := id.FindStringSubmatch(line)
		switch {
		case m == nil:
		case strings.Contains(strings.ToLower(ours), strings.ToLower(m[0])):
			known++
		case !others.MatchString(drivers):
			t.Errorf("%s is not in our rules; theirs: %s", m[0], drivers)
		}
	}
	t.Logf("%d of theirs are in ours", known)
}

// TestHwdbCompiles has systemd compile the hardware database.
func TestHwdbCompiles(t *testing.T) {
	program, err := exec.LookPath("systemd-hwdb")
	if err != nil {
		t.Skip("no systemd-hwdb here")
	}
	root := t.TempDir()
	text, err := Hwdb()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "etc/udev/hwdb.d")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "62-wattnut.hwdb"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "--strict", "--root", root, "update").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	out, err := exec.Command(program, "--root", root, "query", "usb:v051Dp0002d0106").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "UPS_DRIVER=usbhid-ups" {
		t.Errorf("an APC: %q, %v", out, err)
	}
}
