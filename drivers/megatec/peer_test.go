package megatec

import (
	"context"
	"fmt"
	"os/exec"
	"os/user"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/megatec"
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
	for v := range read(t, open(t, d, s...), new(nut.Draft)).Variables() {
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
		if strings.HasPrefix(name, "driver.") {
			delete(found, name)
		}
	}
	return found
}

func TestPeer(t *testing.T) {
	for _, protocol := range megatec.Protocols() {
		t.Run(protocol, func(t *testing.T) {
			r := simulate(t, protocol)
			name := strings.Replace(protocol, "megatec-old", "megatec/old", 1)
			theirs := ask(t, "nutdrv_qx", r.port, 1, "protocol="+name)
			ours := facts(t, QX, settings("port", r.port, "protocol", protocol)...)
			for name, d := range difference(theirs, ours) {
				t.Log(protocol, name, d)
			}
		})
	}
}
