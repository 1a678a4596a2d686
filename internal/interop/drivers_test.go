package interop

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"

	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/nuttest"
)

// TestForeignDriver has our agent run a driver of NUT's that it has no native
// one for, lose it, and start it again.
func TestForeignDriver(t *testing.T) {
	t.Parallel()
	s := newSite(t, files{
		"ups.conf": "user = $USER\ndriverpath = $DIR\n[one]\n\tdriver = fakedrv\n\tport = one.dev\n\tmode = dummy-once\n" +
			"[two]\n\tdriver = dummy-ups\n\tport = two.dev\n",
		"one.dev":    "ups.status: OL\nbattery.charge: 90\nups.id: x\n",
		"two.dev":    "ups.status: OL\n",
		"upsd.users": "[admin]\n\tpassword = sekret\n\tactions = SET\n",
	})
	if err := os.Symlink(theirs(t, "dummy-ups"), filepath.Join(s.dir, "fakedrv")); err != nil {
		t.Fatal(err)
	}
	agent := s.serving(ours("wattnut"), "agent")
	p := s.dial()
	p.asks(`GET VAR one driver.name`, `VAR one driver.name "fakedrv"`,
		"USERNAME admin", "OK", "PASSWORD sekret", "OK", "SET VAR one ups.id y", "OK")
	s.becomes("GET VAR one ups.id", `VAR one ups.id "y"`)

	daemon.Signal(driverID(t, agent, 1), syscall.SIGKILL)
	nuttest.Await(t, func() error {
		if got, err := s.answer("GET VAR one ups.id"); err != nil || got == `VAR one ups.id "y"` {
			return errors.Join(err, errors.New("the driver is not missed"))
		}
		return nil
	})
	s.becomes("GET VAR one ups.id", `VAR one ups.id "x"`) // a new process, from the file
	p.asks("GET VAR two ups.status", `VAR two ups.status "OL"`)

	again := driverID(t, agent, 2)
	agent.signal(syscall.SIGTERM)
	agent.wait(patience)
	if err := daemon.Signal(again, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the driver outlives the agent: %v", err)
	}
}

var driverStarted = regexp.MustCompile(`program=\S*fakedrv pid=(\d+)`)

// driverID is the process of the driver that an agent started as its n-th.
func driverID(t *testing.T, agent *process, n int) int {
	t.Helper()
	all := driverStarted.FindAllStringSubmatch(agent.output(), -1)
	if len(all) != n {
		t.Fatalf("the agent started %d drivers, not %d: %s", len(all), n, agent.output())
	}
	id, err := strconv.Atoi(all[n-1][1])
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestDriverReturns ends the driver process of each upsd and starts it again.
func TestDriverReturns(t *testing.T) {
	t.Parallel()
	for _, way := range waysToServe()[:2] {
		for name, driver := range map[string]string{"their driver": theirs(t, "dummy-ups"), "our driver": ours("dummy-ups")} {
			t.Run(way.name+" and "+name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, files{"ups.conf": monitored["ups.conf"], "one.file": monitored["one.dev"]})
				s.write(files{"ups.conf": "[one]\n\tdriver = dummy-ups\n\tport = one.file\n\tmode = dummy-once\n"})
				way.serve(s)
				s.becomes("GET VAR one ups.status", "ERR DRIVER-NOT-CONNECTED")
				for range 2 {
					p := s.start(driver, "-F", "-u", me(t), "-a", "one")
					s.becomes("GET VAR one ups.status", `VAR one ups.status "OL"`)
					p.signal(syscall.SIGKILL)
					p.wait(patience)
					s.becomes("GET VAR one ups.status", "ERR DRIVER-NOT-CONNECTED")
				}
			})
		}
	}
}
