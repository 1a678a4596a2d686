package interop

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

// dump is the recorded facts of a device.
type dump struct {
	name string // as a UPS
	path string
}

// dumps are all recorded devices.
func dumps(tb testing.TB) []dump {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join(testenv.Shared(tb), "devices", "*.dev"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("%d dumps, %v", len(paths), err)
	}
	all := make([]dump, len(paths))
	for i, path := range paths {
		all[i] = dump{fmt.Sprintf("ups%03d", i), path}
	}
	return all
}

// newSiteOf has a UPS for each dump.
func newSiteOf(tb testing.TB, all []dump) *site {
	tb.Helper()
	var conf strings.Builder
	fmt.Fprintln(&conf, "user = $USER\npollinterval = 5")
	for _, d := range all {
		fmt.Fprintf(&conf, "[%s]\n\tdriver = dummy-ups\n\tport = %s\n\tmode = dummy-once\n", d.name, d.path)
	}
	return newSite(tb, files{"ups.conf": conf.String()})
}

// TestDumps compares what upsc shows of each recorded device, played by the
// distribution's dummy-ups behind its upsd, and by our agent. Only the lines
// that are of the driver itself may differ.
func TestDumps(t *testing.T) {
	t.Parallel()
	const batch = 52 // driver processes at a time
	var lines atomic.Int64
	t.Cleanup(func() { t.Logf("%d lines are the same", lines.Load()) })
	for all := range slices.Chunk(dumps(t), batch) {
		t.Run(all[0].name, func(t *testing.T) {
			t.Parallel()
			their, agent := newSiteOf(t, all), newSiteOf(t, all)
			for _, d := range all {
				their.start(theirs(t, "dummy-ups"), "-F", "-u", me(t), "-a", d.name)
			}
			for _, d := range all {
				nuttest.Await(t, func() error { _, err := os.Stat(their.state("dummy-ups-" + d.name)); return err })
			}
			their.start(theirs(t, "upsd"), "-F", "-u", me(t))
			agent.start(ours("wattnut"), "agent")
			for _, d := range all {
				nuttest.Await(t, func() error { return cmp.Or(their.dumped(d), agent.dumped(d)) })
				want := their.run(theirs(t, "upsc"), d.name+"@"+their.addr())
				got := agent.run(theirs(t, "upsc"), d.name+"@"+agent.addr())
				if want.code != 0 || ofDevice(want.out) == "" {
					t.Errorf("%s: upsd: %+v", d.path, want)
				}
				if ofDevice(got.out) != ofDevice(want.out) {
					t.Errorf("%s: upsc shows\n%s, want\n%s", d.path, ofDevice(got.out), ofDevice(want.out))
				}
				lines.Add(int64(strings.Count(ofDevice(want.out), "\n")))
			}
		})
	}
}

// dumped tells whether a server has the facts of a dump.
func (s *site) dumped(d dump) error {
	got, err := s.answer("GET VAR " + d.name + " driver.name")
	if err == nil && !strings.HasPrefix(got, "VAR ") {
		err = fmt.Errorf("%s: %s", d.path, got)
	}
	return err
}

var driverLine = regexp.MustCompile(`(?m)^driver\..*\n`)

// ofDevice is what upsc shows of the device.
func ofDevice(shown string) string { return driverLine.ReplaceAllString(shown, "") }
