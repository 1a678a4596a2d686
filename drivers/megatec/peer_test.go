package megatec

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/megatec"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// ask runs one of NUT's drivers over a port, and returns what it says after as
// many updates.
func ask(t *testing.T, driver, port string, updates int, options ...string) map[string]string {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-s", "peer", "-u", me.Username, "-x", "port=" + port, "-d", fmt.Sprint(updates), "-i", "1"}
	for _, o := range options {
		args = append(args, "-x", o)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, testenv.Need(t, driver), args...)
	dir := nuttest.ShortDir(t)
	c.Env = append(c.Environ(), "NUT_CONFPATH="+dir, "NUT_STATEPATH="+dir, "NUT_ALTPIDPATH="+dir, "NUT_PIDPATH="+dir)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", driver, err, out)
	}
	said := make(map[string]string)
	for l := range strings.Lines(string(out)) {
		if name, value, ok := strings.Cut(strings.TrimRight(l, "\n"), ": "); ok && strings.Contains(name, ".") && !strings.Contains(name, " ") {
			said[name] = value
		}
	}
	return said
}

// facts is what one of our drivers says of a port.
func facts(t *testing.T, d drivers.Driver, s ...drivers.Setting) map[string]string {
	t.Helper()
	said := make(map[string]string)
	device := open(t, d, s...)
	defer device.Close()
	for v := range read(t, device, new(nut.Draft)).Variables() {
		said[string(v.Name)] = v.Value
	}
	return said
}

// difference is what ours says otherwise than NUT's. docs/differences-megatec.md
// has the reasons.
func difference(theirs, ours map[string]string) map[string]string {
	found := make(map[string]string)
	for name, value := range theirs {
		if mine, ok := ours[name]; !ok {
			found[name] = "only NUT: " + value
		} else if mine != value {
			found[name] = value + " / " + mine
		}
	}
	for name, value := range ours {
		if _, ok := theirs[name]; !ok {
			found[name] = "only ours: " + value
		}
	}
	for name := range found {
		if strings.HasPrefix(name, "driver.") || name == "device.type" { // the agent's
			delete(found, name)
		}
	}
	return found
}

// newer are protocols that NUT 2.8.0 does not have, or cannot speak: it never
// finds a Masterguard.
var newer = []string{"gtec", "innovart31", "innovart33", "innovatae", "masterguard", "omron", "q2", "q6", "voltronic-axpert"}

// expected are the differences, by unit; docs/differences-megatec.md has the
// reasons.
var expected = map[string]map[string]string{
	"ablerex":          {"ups.alarm": "only NUT: 0"},
	"hunnox":           {"battery.charge": "100 / 87"},
	"voltronic-qs-hex": {"battery.charge": "0 / 100"},
	"voltronic-qs": {
		"battery.charge": "100 / 87", "battery.runtime": "only ours: 1200", "input.frequency": "only ours: 49.8", "output.current": "only ours: 1.2",
		"input.transfer.high": "only ours: 13", "input.transfer.low": "only ours: 16",
		"battery.voltage.low": "only NUT: 20.80", "battery.voltage.high": "only NUT: 26.00",
	},
}

// TestPeer: NUT's nutdrv_qx and ours say the same of each unit.
func TestPeer(t *testing.T) {
	for name, u := range units(t) {
		if slices.Contains(newer, u.protocol) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			port, _ := play(t, u.answer)
			theirs := ask(t, "nutdrv_qx", port, 1, "protocol="+peerName(u.protocol))
			ours := facts(t, QX, settings("port", port, "protocol", u.protocol)...)
			compare(t, difference(theirs, ours), expected[name])
		})
	}
}

func compare(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, d := range got {
		if want[name] != d {
			t.Errorf("%s: NUT's / ours: %s", name, d)
		}
	}
	for name, d := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is no difference any more: %s", name, d)
		}
	}
}

func peerName(protocol string) string {
	return strings.Replace(protocol, "megatec-old", "megatec/old", 1)
}

// TestPeerSimulated: both say the same of the simulated UPS, in each protocol
// that it has, on mains and on battery.
func TestPeerSimulated(t *testing.T) {
	for _, protocol := range megatec.Protocols() {
		if protocol == "voltronic-qs" {
			continue // see TestPeer
		}
		for _, mains := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s mains %t", protocol, mains), func(t *testing.T) {
				r := simulate(t, protocol)
				r.pass(mains)
				theirs := ask(t, "nutdrv_qx", r.port, 1, "protocol="+peerName(protocol))
				ours := facts(t, QX, settings("port", r.port, "protocol", protocol)...)
				compare(t, difference(theirs, ours), nil)
			})
		}
	}
}

// pass lets a minute pass, with the mains or without.
func (r *rig) pass(mains bool) {
	r.do(func(u *model.UPS) {
		if !mains {
			u.Wire(model.Unplugged)
		}
		u.Step(time.Minute)
	})
}

// TestPeerEstimate: both estimate the same charge and runtime. NUT's begins to at
// its second full poll.
func TestPeerEstimate(t *testing.T) {
	for _, tt := range []struct {
		driver  drivers.Driver
		mains   bool
		options []string
	}{
		{QX, true, []string{"pollfreq=1"}}, {QX, false, []string{"pollfreq=1"}}, {BlazerSer, true, nil}, {BlazerSer, false, nil},
	} {
		t.Run(fmt.Sprintf("%s mains %t", tt.driver.Name, tt.mains), func(t *testing.T) {
			r := simulate(t, "megatec")
			r.pass(tt.mains)
			options := append(tt.options, "protocol=megatec", "runtimecal=240,100,720,50", "idleload=5", "chargetime=7200")
			theirs := await(t, tt.driver.Name, r.port, "battery.runtime", options...)
			s := settings("port", r.port)
			for _, o := range options {
				name, value, _ := strings.Cut(o, "=")
				s = append(s, settings(name, value)...)
			}
			ours := facts(t, tt.driver, s...)
			found := difference(theirs, ours)
			for name, d := range found {
				if estimated(name) && near(d) {
					delete(found, name) // some seconds passed
				}
			}
			compare(t, found, nil)
		})
	}
}

// await runs NUT's driver until it says a variable, and returns all it says.
func await(t *testing.T, driver, port, variable string, options ...string) map[string]string {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-s", "peer", "-F", "-u", me.Username, "-x", "port=" + port, "-i", "1"}
	for _, o := range options {
		args = append(args, "-x", o)
	}
	dir := nuttest.ShortDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	c := exec.CommandContext(ctx, testenv.Need(t, driver), args...)
	c.Env = append(c.Environ(), "NUT_CONFPATH="+dir, "NUT_STATEPATH="+dir, "NUT_ALTPIDPATH="+dir, "NUT_PIDPATH="+dir)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer cancel()
	var said map[string]string
	nuttest.Await(t, func() error {
		said, err = dump(filepath.Join(dir, driver+"-peer"))
		if err == nil && said[variable] == "" {
			err = errors.New("no " + variable + " yet")
		}
		return err
	})
	return said
}

// dump is all that a driver says on its socket.
func dump(path string) (map[string]string, error) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "DUMPALL\n"); err != nil {
		return nil, err
	}
	said := make(map[string]string)
	for lines := bufio.NewScanner(conn); lines.Scan() && lines.Text() != "DUMPDONE"; {
		var name, value string
		if n, _ := fmt.Sscanf(lines.Text(), "SETINFO %s %q", &name, &value); n == 2 {
			said[name] = value
		}
	}
	return said, nil
}

func estimated(name string) bool { return name == "battery.runtime" || name == "battery.charge" }

// near tells whether two numbers differ by no more than 1.5 %.
func near(d string) bool {
	var theirs, ours float64
	if _, err := fmt.Sscanf(d, "%f / %f", &theirs, &ours); err != nil {
		return false
	}
	return math.Abs(theirs-ours) <= 1+0.015*theirs
}

var expectedBlazer = map[string]map[string]string{
	"q1": {"battery.voltage.high": "only NUT: -1.08", "battery.voltage.low": "only NUT: -0.87"},
	"zinto": {
		"device.mfr": "only ours: WATTNUT", "device.model": "only ours: SIM 1000", "ups.firmware": "only ours: V1.23",
		"ups.mfr": "only ours: WATTNUT", "ups.model": "only ours: SIM 1000",
	},
}

// TestPeerBlazer: NUT's blazer_ser and ours say the same in each of its
// protocols, found out by both.
func TestPeerBlazer(t *testing.T) {
	for _, protocol := range blazerProtocols() {
		t.Run(protocol, func(t *testing.T) {
			r := simulate(t, protocol)
			theirs := ask(t, "blazer_ser", r.port, 1, "ondelay=4")
			ours := facts(t, BlazerSer, settings("port", r.port, "ondelay", "4")...)
			compare(t, difference(theirs, ours), expectedBlazer[protocol])
		})
	}
}

// TestPeerShutdown: with -k NUT's driver and ours send the same, with the same
// settings.
func TestPeerShutdown(t *testing.T) {
	all := units(t)
	for name, ways := range map[string][][]string{
		"megatec": {nil, {"offdelay=120", "ondelay=600"}, {"stayoff"}}, "voltronic-p01": {nil, {"offdelay=3600", "ondelay=0"}, {"stayoff"}},
		"bestups": {{"stayoff"}}, "hunnox": {nil}, "ablerex": {nil}, "mecer": {{"offdelay=47"}}, "voltronic-qs": {{"ondelay=60"}},
	} {
		u := all[name]
		for _, options := range ways {
			t.Run(fmt.Sprint(name, options), func(t *testing.T) {
				var sent heard
				port, _ := play(t, func(command string) (string, bool) {
					sent.add(command)
					if _, question := u.answers[command]; !question && len(u.answers) > 0 && u.answers["QGS"] == "" && u.protocol != "mecer" {
						return "", false // obeyed
					}
					if said, ok := u.answers[command]; ok {
						return said, true
					}
					return "(ACK", true
				})
				kill(t, port, append(options, "protocol="+peerName(u.protocol))...)
				theirs := orders(u, sent.take())
				s := settings("port", port, "protocol", u.protocol)
				for _, o := range options {
					name, value, set := strings.Cut(o, "=")
					s = append(s, drivers.Setting{Name: name, Value: value, Flag: !set})
				}
				d := open(t, QX, s...)
				read(t, d, new(nut.Draft))
				if err := d.(drivers.Commander).Command(t.Context(), "shutdown.default", ""); err != nil {
					t.Error(err)
				}
				if ours := orders(u, sent.take()); !slices.Equal(ours, theirs) || len(ours) == 0 {
					t.Errorf("we send %q, NUT sends %q", ours, theirs)
				}
			})
		}
	}
}

// heard is what a played UPS was told.
type heard struct {
	mu   sync.Mutex
	said []string
}

func (h *heard) add(command string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said = append(h.said, command)
}

// take returns what came since it was called last.
func (h *heard) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	said := h.said
	h.said = nil
	return said
}

// kill runs NUT's driver with -k.
func kill(t *testing.T, port string, options ...string) {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-s", "peer", "-k", "-u", me.Username, "-x", "port=" + port}
	for _, o := range options {
		args = append(args, "-x", o)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, testenv.Need(t, "nutdrv_qx"), args...)
	dir := nuttest.ShortDir(t)
	c.Env = append(c.Environ(), "NUT_CONFPATH="+dir, "NUT_STATEPATH="+dir, "NUT_ALTPIDPATH="+dir, "NUT_PIDPATH="+dir)
	if out, err := c.CombinedOutput(); err != nil {
		t.Logf("%s: %v", out, err)
	}
}

// orders are the commands that are no questions.
func orders(u unit, sent []string) []string {
	return slices.DeleteFunc(slices.Clone(sent), func(c string) bool {
		_, question := u.answers[c]
		return question || strings.HasPrefix(c, "Q") && len(c) > 1
	})
}

// TestPeerBits: both say the same of each bit of the status, alone and together.
func TestPeerBits(t *testing.T) {
	for _, bits := range []string{
		"10000000", "01000000", "00100000", "00010000", "00001000", "00000100", "00000010", "00000001", "11111111", "10100001", "01000110",
	} {
		for _, d := range []drivers.Driver{QX, BlazerSer} {
			t.Run(d.Name+" "+bits, func(t *testing.T) {
				u := unit{answers: map[string]string{
					"Q1": "(226.0 195.0 245.0 014 49.8 27.5 30.5 " + bits, "F": "#230.0 004 24.00 50.0", "I": "#WATTNUT         SIM 1000   V1.23     ",
				}}
				port, _ := play(t, u.answer)
				ours := facts(t, d, settings("port", port, "protocol", "megatec")...)
				var theirs map[string]string
				if d.Name == QX.Name && ours["ups.alarm"] != "" { // which NUT's tells at its second full poll
					theirs = await(t, d.Name, port, "ups.alarm", "protocol=megatec", "pollfreq=1")
				} else {
					theirs = ask(t, d.Name, port, 1, "protocol=megatec")
				}
				compare(t, difference(theirs, ours), nil)
			})
		}
	}
}
