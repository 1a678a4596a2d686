//go:build linux

package interop

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// TestMeasureSNMP has one agent read many SNMP devices, and holds it to 30 % of
// a core, and the polls to a second's delay for 99 of a hundred. Beside it the
// distribution's snmp-ups reads a few of the same, one process each. With
// WATTNUT_LOAD=1 it is 500 devices every 10 s, for a minute; without, as many
// polls in a second of fewer devices, for a short time.
func TestMeasureSNMP(t *testing.T) {
	devices, few, interval, window := 100, 5, 2*time.Second, 8*time.Second
	if os.Getenv("WATTNUT_LOAD") != "" {
		devices, few, interval, window = 500, 20, 10*time.Second, time.Minute
	}
	for _, version := range []string{"v1", "v2c"} {
		t.Run(version, func(t *testing.T) {
			us := measureAgent(t, devices, version, interval, window)
			late := us.late(interval, 0.99)
			t.Logf("wattnut, %d devices by %s every %v: %v; 99 of 100 polls are at most %v late, all %v",
				devices, version, interval, us, late.Round(time.Millisecond), us.late(interval, 1).Round(time.Millisecond))
			if us.share() > 30 || late > time.Second || us.perPoll() > 2 {
				t.Error("that is more than 30 % of a core, a second, or two packets")
			}
			if want := int(float64(devices) * (window.Seconds()/interval.Seconds() - 1)); us.Polls < want {
				t.Errorf("%d polls, want %d", us.Polls, want)
			}
			t.Logf("snmp-ups, %d devices by %s every %v: %v", few, version, interval, measureNUT(t, few, version, interval, window))
		})
	}
}

// reading is what it costs to read a fleet for a while.
type reading struct {
	account

	window time.Duration
	cpu    time.Duration
	mb     int
}

func (r reading) share() float64   { return 100 * r.cpu.Seconds() / r.window.Seconds() }
func (r reading) perPoll() float64 { return float64(r.Packets) / float64(max(r.Polls, 1)) }

func (r reading) String() string {
	return fmt.Sprintf("%.2f %% of a core, %d MB, %d polls of %.2f packets and %v each",
		r.share(), r.mb, r.Polls, r.perPoll(), (r.cpu / time.Duration(max(r.Polls, 1))).Round(time.Microsecond))
}

func measureAgent(t *testing.T, n int, version string, interval, window time.Duration) reading {
	t.Helper()
	f := startFleet(t, n)
	var ups strings.Builder
	fmt.Fprintf(&ups, "pollinterval = %d\n", int(interval.Seconds()))
	for i, address := range f.addresses {
		fmt.Fprintf(&ups, "[u%d]\ndriver = snmp-ups\nport = %s\nsnmp_version = %s\npollfreq = %d\n", i, address, version, int(interval.Seconds()))
	}
	s := newSite(t, files{"ups.conf": ups.String()})
	agent := s.start(ours("wattnut"), "agent")
	for i := range n {
		nuttest.Await(t, func() error { return s.live("u" + strconv.Itoa(i)) })
	}
	settle(t, interval)
	f.account()
	before := costOf(t, agent.cmd.Process.Pid)
	settle(t, window)
	after := costOf(t, agent.cmd.Process.Pid)
	return reading{f.account(), window, after.cpu - before.cpu, after.rss}
}

func measureNUT(t *testing.T, n int, version string, interval, window time.Duration) reading {
	t.Helper()
	program := theirs(t, "snmp-ups")
	f := startFleet(t, n)
	var ups strings.Builder
	for i, address := range f.addresses {
		fmt.Fprintf(&ups, "[u%d]\ndriver = snmp-ups\nport = %s\nsnmp_version = %s\npollfreq = %d\n", i, address, version, int(interval.Seconds()))
	}
	s := newSite(t, files{"ups.conf": ups.String()})
	var all []*process
	for i := range n {
		all = append(all, s.start(program, "-F", "-u", me(t), "-a", "u"+strconv.Itoa(i)))
	}
	for i := range n {
		nuttest.Await(t, func() error { _, err := os.Stat(s.state("snmp-ups-u" + strconv.Itoa(i))); return err })
	}
	settle(t, interval+2*time.Second)
	f.account()
	sum := func() (c cost) {
		for _, p := range all {
			one := costOf(t, p.cmd.Process.Pid)
			c.cpu, c.rss = c.cpu+one.cpu, c.rss+one.rss
		}
		return c
	}
	before := sum()
	settle(t, window)
	after := sum()
	return reading{f.account(), window, after.cpu - before.cpu, after.rss}
}
