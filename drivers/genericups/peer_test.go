package genericups

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// rig runs the distribution's genericups at a port whose lines are played: no
// pseudo-terminal has any, so a library put before the system's gives it some.
type rig struct {
	program, library, dir, port string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{program: testenv.Need(t, "genericups"), dir: t.TempDir()}
	r.library = filepath.Join(r.dir, "lines.so")
	if out, err := exec.Command(testenv.Need(t, "cc"), "-shared", "-fPIC", "-o", r.library, "testdata/lines.c", "-ldl").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	far, near, err := serial.Far()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	r.port = near
	return r
}

// run runs it once and returns what it says, and the last that it did to its
// lines.
func (r *rig) run(t *testing.T, lines int, settings []string, args ...string) (says, did string) {
	t.Helper()
	out := filepath.Join(r.dir, "out")
	os.Remove(out)
	for i := 0; i < len(settings); i += 2 {
		args = append(args, "-x", settings[i]+"="+settings[i+1])
	}
	cmd := exec.CommandContext(t.Context(), r.program, append([]string{"-s", "ups", "-u", "root", "-x", "port=" + r.port}, args...)...)
	cmd.Env = append(os.Environ(), "LD_PRELOAD="+r.library, "LINES_OUT="+out, "LINES_IN="+strconv.Itoa(lines), "NUT_STATEPATH="+r.dir, "NUT_CONFPATH="+r.dir)
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Logf("%v: %v: %s", settings, err, text)
	}
	done, _ := os.ReadFile(out)
	all := strings.Split(strings.TrimSpace(string(done)), "\n")
	return string(text), all[len(all)-1]
}

// value finds a variable in what a driver says.
func value(says, name string) string {
	for line := range strings.Lines(says) {
		if v, ok := strings.CutPrefix(line, name+": "); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// levels are lines by the bits of the system.
func levels(bits int) serial.Inputs {
	return serial.Inputs{
		CTS: bits&unix.TIOCM_CTS != 0, DCD: bits&unix.TIOCM_CD != 0,
		DSR: bits&unix.TIOCM_DSR != 0, RI: bits&unix.TIOCM_RI != 0,
	}
}

// allLevels are all that four lines can be at.
func allLevels() (all []int) {
	for i := range 16 {
		bits := 0
		for j, bit := range []int{unix.TIOCM_CTS, unix.TIOCM_CD, unix.TIOCM_DSR, unix.TIOCM_RI} {
			if i&(1<<j) != 0 {
				bits |= bit
			}
		}
		all = append(all, bits)
	}
	return all
}

// bits are driven lines by the bits of the system, as the rig tells them.
func told(o outputs) string {
	if o.Break {
		return fmt.Sprintf("break %d", breakTime.Milliseconds())
	}
	bits := 0
	if o.DTR {
		bits |= unix.TIOCM_DTR
	}
	if o.RTS {
		bits |= unix.TIOCM_RTS
	}
	return fmt.Sprintf("lines %d", bits)
}

func configure(t *testing.T, settings []string) Config {
	t.Helper()
	c := Config{Port: "unused"}
	all := []drivers.Setting{{Name: "port", Value: "unused"}}
	for i := 0; i < len(settings); i += 2 {
		all = append(all, drivers.Setting{Name: settings[i], Value: settings[i+1]})
	}
	d := drivers.Define("test", "1", "", Config{Type: -1}, func(_ context.Context, _ drivers.Env, got Config) (drivers.Device, error) {
		c = got
		return nil, nil
	})
	open, err := d.Bind(all)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t.Context(), drivers.Env{}); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBesideNUT has the distribution's genericups and ours read the same lines:
// each type at all levels, and some with overrides; and each cut the power.
func TestBesideNUT(t *testing.T) {
	r := newRig(t)
	var cases [][]string
	for i := range 24 {
		cases = append(cases, []string{"upstype", strconv.Itoa(i)})
	}
	cases = append(cases,
		[]string{"upstype", "1", "OL", "-CTS", "LB", "DSR", "RB", "RNG", "BYPASS", "-DCD", "CP", "RTS", "SD", "DTR", "mfr", "Us", "model", "M", "serial", "7"},
		[]string{"upstype", "2", "OL", "CTS+DSR", "LB", "NULL", "SD", "DTR+RTS"},
		[]string{"upstype", "8", "SD", "ST", "OL", "NULL"},
	)
	for _, settings := range cases {
		t.Run(strings.Join(settings, " "), func(t *testing.T) { r.compare(t, settings) })
	}
}

func (r *rig) compare(t *testing.T, settings []string) {
	t.Helper()
	c := configure(t, settings)
	port, cable := plug(t)
	d, err := attach(port, c)
	if err != nil {
		t.Fatal(err)
	}
	var draft nut.Draft
	for _, bits := range allLevels() {
		cable.set(func() { cable.inputs = levels(bits) })
		if err := d.Read(t.Context(), &draft); err != nil {
			t.Fatal(err)
		}
		says, did := r.run(t, bits, settings, "-d", "1")
		for _, name := range []nut.Name{"ups.status", "ups.mfr", "ups.model", "ups.serial"} {
			if ours, theirs := draft.Value(name), value(says, string(name)); ours != theirs {
				t.Errorf("lines %#x: %s is %q, and NUT's says %q", bits, name, ours, theirs)
			}
		}
		if ours := told(c.kind.On); ours != did {
			t.Errorf("the cable is powered by %s, and by NUT's with %s", ours, did)
		}
	}
	if c.kind.Off == nil {
		return
	}
	if _, did := r.run(t, 0, settings, "-k"); told(*c.kind.Off) != did {
		t.Errorf("the power is cut by %s, and by NUT's with %s", told(*c.kind.Off), did)
	}
}
