package apcsmart

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/smart"
	"github.com/wattnut/wattnut/internal/nutdriver"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// outage has a driver read a UPS, before and after its mains fails.
func outage(u simulated, d *nutdriver.Device) (before, after *nut.Snapshot) {
	before = d.Facts()
	u.mains(false)
	after = d.Await("on battery", func(s *nut.Snapshot) bool { return s.Status().Has("OB") })
	d.End()
	return before, after
}

// TestBesideNUT: the distribution's apcsmart and ours say the same of one UPS.
func TestBesideNUT(t *testing.T) {
	u := simulate(t, smart.Identity{})
	theirs, theirsOut := outage(u, nutdriver.Theirs(t, "apcsmart", "port", u.port))
	u = simulate(t, smart.Identity{})
	ours, oursOut := outage(u, nutdriver.Ours(t, Driver, "port", u.port))
	nutdriver.Check(t, "differences-serial.md", "apcsmart", nutdriver.Differences(ours, theirs))
	if a, b := oursOut.Status().String(), theirsOut.Status().String(); a != b {
		t.Errorf("on battery: %s, and NUT's says %s", a, b)
	}
}

// TestLockBesideNUT: where one of the two has the port, the other is kept out.
func TestLockBesideNUT(t *testing.T) {
	u := simulate(t, smart.Identity{})
	theirs := nutdriver.Theirs(t, "apcsmart", "port", u.port)
	theirs.Facts()
	if _, err := open(t.Context(), drivers.Env{}, Config{Port: u.port}); err == nil || !strings.Contains(err.Error(), "in use by another program") {
		t.Errorf("beside NUT's: %v", err)
	}
	theirs.End()
	opened(t, u.port)
	program := testenv.Need(t, "apcsmart")
	cmd := exec.CommandContext(t.Context(), program, "-s", "ups", "-u", "root", "-x", "port="+u.port, "-d", "1")
	cmd.Env = append(os.Environ(), "NUT_STATEPATH="+t.TempDir(), "NUT_CONFPATH="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "lock") {
		t.Errorf("NUT's beside ours: %v: %s", err, out)
	}
}

// TestSetBesideNUT: what the one sets, the other reads, and the other way round.
func TestSetBesideNUT(t *testing.T) {
	u := simulate(t, smart.Identity{})
	theirs := nutdriver.Theirs(t, "apcsmart", "port", u.port)
	theirs.Facts()
	for name, value := range map[nut.Name]string{"battery.runtime.low": "420", "input.transfer.low": "208", "ups.id": "hall"} {
		outcome := make(chan error, 1)
		o := nut.Order{Set: true, Name: name, Value: value, Tracked: true}
		if err := theirs.Device.(drivers.Relay).Relay(t.Context(), o, func(err error) { outcome <- err }); err != nil {
			t.Fatal(err)
		}
		if err := <-outcome; err != nil {
			t.Errorf("NUT's sets %s: %v", name, err)
		}
	}
	theirs.End()

	d := opened(t, u.port)
	for name, value := range map[nut.Name]string{"battery.runtime.low": "420", "input.transfer.low": "208", "ups.id": "hall"} {
		if got := d.facts[name]; got != value {
			t.Errorf("%s is %q, and NUT's set %q", name, got, value)
		}
	}
	set := map[nut.Name]string{"battery.runtime.low": "300", "input.transfer.low": "188", "ups.id": "cellar01", "battery.charge.restart": "50"}
	for name, value := range set {
		if err := d.Set(t.Context(), name, value); err != nil {
			t.Errorf("set %s: %v", name, err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	facts := nutdriver.Theirs(t, "apcsmart", "port", u.port).Facts()
	for name, value := range set {
		if got := facts.Value(name); got != value {
			t.Errorf("NUT's reads %s as %q, and ours set %q", name, got, value)
		}
	}
}
