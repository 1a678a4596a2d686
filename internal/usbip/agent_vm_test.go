//go:build linux

package usbip_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/vm"
)

// agent starts a machine in which an agent, of a build, has UPSes of ups.conf.
func agent(t *testing.T, conf string) machine {
	t.Helper()
	return start(t, map[string]vm.File{
		"/etc/nut/ups.conf":  vm.Text("pollinterval = 1\n" + conf),
		"/etc/nut/upsd.conf": vm.Text(""),
		// await UPS WORD SECONDS: until ups.status has the word; says how long it took.
		"/bin/await": vm.Script(`from=$(cut -d ' ' -f 1 /proc/uptime)
until wattnut upsc $1 ups.status 2>&1 | grep -q "$2"; do
	now=$(cut -d ' ' -f 1 /proc/uptime)
	[ $(echo "$now < $from + $3" | bc) = 1 ] || { wattnut upsc $1; exit 1; }
	sleep 0.05
done
now=$(cut -d ' ' -f 1 /proc/uptime)
echo "$now - $from" | bc
`),
		// replug UPS TIMES: takes it out, changes the mains, plugs it in, awaits the change.
		"/bin/replug": vm.Script(`i=0
while [ $i -lt $2 ]; do
	i=$((i + 1))
	word=OL; mains=on
	[ $((i % 2)) = 1 ] && { word=OB; mains=off; }
	plug /run/$1 tell unplug && plug /run/$1 tell mains $mains && plug /run/$1 tell plug || exit 1
	await $1 $word 20 || { echo "not live again, time $i"; exit 1; }
done
`),
	})
}

func (m machine) serve(binary string) {
	m.t.Helper()
	m.Run(binary + " agent >/run/agent.log 2>&1 & echo $! >/run/agent.pid")
}

// await waits until a UPS has a word in its status, or in the error of asking for it.
func (m machine) await(ups, word string, seconds int) string {
	m.t.Helper()
	said, code := m.Try(fmt.Sprintf("await %s '%s' %d", ups, word, seconds))
	if code != 0 {
		m.t.Errorf("%s is not %s after %d s: %s\n%s", ups, word, seconds, said, m.Run("tail -n 30 /run/agent.log"))
	}
	return strings.TrimSpace(said)
}

// TestVMReplug takes a UPS out and plugs it in again, over and over, under an agent that
// is not started again.
func TestVMReplug(t *testing.T) {
	for _, tt := range []struct {
		name, binary, driver, kind string
		times                      int
	}{
		{"hidraw", "wattnut", "usbhid-ups", "apc", 100},
		{"libusb", "wattnut-libusb", "usbhid-ups\n usb_transport = libusb", "apc", 20}, // it is slower
		{"megatec", "wattnut", "nutdrv_qx", "cypress:megatec", 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := agent(t, "[desk]\n port = auto\n driver = "+tt.driver+"\n")
			if tt.name == "libusb" && !m.libusb {
				t.Skip("no libusb-1.0-0-dev")
			}
			m.serve(tt.binary)
			m.plug("desk", "vhci", tt.kind)
			t.Logf("live after %s s", m.await("desk", "OL", 20))
			files := "ls /proc/$(cat /run/agent.pid)/fd | wc -l"
			before := numbers(t, m.Run(files))[0]
			all := numbers(t, m.Run(fmt.Sprintf("replug desk %d", tt.times)))
			slowest := slices.Max(all)
			t.Logf("%d times; live again after %.2f s on average, %.2f s at most", len(all), sum(all)/float64(len(all)), slowest)
			if len(all) != tt.times || slowest > 15 {
				t.Errorf("it took %v", all)
			}
			// A few come and go; what leaks does so each time.
			if after := numbers(t, m.Run(files))[0]; after > before+5 {
				t.Errorf("open files: %v before, %v after", before, after)
			}
			t.Log(m.Run("dmesg | grep 'new full-speed' | tail -n 1"))
		})
	}
}

func numbers(t *testing.T, said string) []float64 {
	t.Helper()
	var all []float64
	for word := range strings.FieldsSeq(said) {
		n, err := strconv.ParseFloat(word, 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

func sum(all []float64) (total float64) {
	for _, n := range all {
		total += n
	}
	return total
}

// TestVMFaults breaks one of two UPSes in each way that there is. It is stale in its
// time, live again once it is well, and the other one is never held up by it.
func TestVMFaults(t *testing.T) {
	for _, binary := range []string{"wattnut", "wattnut-libusb"} {
		t.Run(binary, func(t *testing.T) {
			transport := " usb_transport = hidraw\n"
			if binary == "wattnut-libusb" {
				transport = " usb_transport = libusb\n"
			}
			m := agent(t, "[broken]\n driver = usbhid-ups\n port = auto\n vendorid = 051d\n"+transport+
				"[other]\n driver = usbhid-ups\n port = auto\n vendorid = 0764\n"+transport)
			if binary == "wattnut-libusb" && !m.libusb {
				t.Skip("no libusb-1.0-0-dev")
			}
			m.serve(binary)
			m.plug("broken", "vhci", "apc")
			m.plug("other", "vhci", "cps")
			m.await("broken", "OL", 20)
			m.await("other", "OL", 20)
			for _, fault := range []string{"stall", "babble", "silent"} {
				m.tell("broken", "break "+fault)
				m.tell("other", "mains off")
				noticed := m.await("other", "OB", 5)
				stale := m.await("broken", "stale\\|not connected", 60)
				m.tell("other", "mains on")
				m.await("other", "OL", 5)
				m.tell("broken", "break well")
				again := m.await("broken", "OL", 30)
				t.Logf("%s: stale after %s s, live again after %s s; the other one's news after %s s", fault, stale, again, noticed)
			}
			m.tell("broken", "break garbage")
			m.tell("other", "mains off")
			t.Logf("garbage: the other one's news after %s s", m.await("other", "OB", 5))
			m.tell("broken", "break well")
			t.Logf("garbage: itself again after %s s", m.await("broken", "^OL", 60))
		})
	}
}

// TestVMTwins has two UPSes that say the same of themselves: each section has the one at
// its port, whatever is plugged in first, and keeps it when that is plugged in again.
func TestVMTwins(t *testing.T) {
	m := agent(t, "[left]\n driver = usbhid-ups\n port = auto\n busport = ^001$\n"+
		"[right]\n driver = usbhid-ups\n port = auto\n busport = ^1-2$\n"+
		"[none]\n driver = usbhid-ups\n port = auto\n busport = ^1-3$\n")
	m.plug("one", "vhci", "cps")
	m.serve("wattnut")
	m.await("left", "OL", 20)
	m.plug("two", "vhci", "cps")
	m.await("right", "OL", 20)
	m.tell("two", "mains off")
	t.Logf("the right one is on battery after %s s", m.await("right", "OB", 5))
	m.await("left", "OL", 1)
	m.tell("one", "replug")
	m.tell("one", "mains off")
	m.tell("two", "mains on")
	m.await("left", "OB", 20)
	m.await("right", "OL", 20)
	m.await("none", "not connected", 20)
}
