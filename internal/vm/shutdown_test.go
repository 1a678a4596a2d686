//go:build linux

package vm_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/internal/vm"
)

// host is a machine with a simulated UPS whose battery is nearly low, and for
// which time goes ten times as fast. All that is logged is on the console. At its
// end it does what a distribution does: our script of packaging/systemd.
func host(t *testing.T) vm.Config {
	t.Helper()
	return vm.Config{
		Boot:     "chmod 666 /dev/console\nmkdir -p /run/nut\nchown nobody /run/nut\nsyslogd -O /dev/console\n",
		Shutdown: "/lib/systemd/system-shutdown/wattnut poweroff\n",
		Files: map[string]vm.File{
			"/bin/wattnut":                         vm.Program(vm.Build(t, "./cmd/wattnut")),
			"/bin/upsmon":                          vm.Link("wattnut"),
			"/bin/upsdrvctl":                       vm.Link("wattnut"),
			"/lib/systemd/system-shutdown/wattnut": vm.Program(filepath.Join(testenv.Root(t), "packaging/systemd/system-shutdown/wattnut")),
			"/etc/nut/ups.conf": vm.Text(`pollinterval = 1
[sim]
	driver = simulator
	port = auto
	preset = home
	speed = 10
	battery.charge = 22
	outage.lasts = 0
	sag.lasts = 0
	surge.lasts = 0
`),
			"/etc/nut/upsd.conf":  vm.Text(""),
			"/etc/nut/upsd.users": vm.Text("[admin]\n password = pass\n instcmds = ALL\n upsmon primary\n"),
			"/etc/nut/upsmon.conf": vm.Text(`MONITOR sim@localhost 1 admin pass primary
RUN_AS_USER nobody
SHUTDOWNCMD /bin/end-host
POWERDOWNFLAG /run/killpower
NOTIFYCMD /bin/notify
NOTIFYFLAG ONBATT EXEC
NOTIFYFLAG LOWBATT EXEC
NOTIFYFLAG SHUTDOWN EXEC
POLLFREQ 1
POLLFREQALERT 1
FINALDELAY 3
HOSTSYNC 5
DEADTIME 5
SHUTDOWNEXIT no
`),
			"/bin/notify": vm.Script("echo \"notice: $NOTIFYTYPE by $(id -un)\" >/dev/console\n"),
			// The time until the machine goes down is for the test, to kill in.
			"/bin/end-host": vm.Script("echo \"SHUTDOWNCMD by $(id -un)\" >/dev/console\nsleep 2\npoweroff\n"),
		},
	}
}

// What may run on a host: NUT's three programs, or all in one.
const (
	three = "upsdrvctl start\nwattnut upsd\nupsmon\n" + ready + "until wattnut upsc -c sim | grep -q .; do sleep 0.1; done\n"
	one   = "wattnut agent >/dev/console 2>&1 &\n" + ready
	ready = "until wattnut upsc sim ups.status 2>/dev/null && [ -e /run/nut/upsmon.pid ]; do sleep 0.1; done\n"
)

// What is killed on the way: the part of upsmon, or of the agent, that is not the
// guard; the others; or, as before systemd's late scripts, all.
const (
	killAgent  = `kill -9 $(ps -o user,pid,args | awk '$1 == "nobody" && /upsmon|agent/ { print $2 }')`
	killServer = "kill -9 $(cat /run/nut/upsd.pid)"
	killDriver = "kill -9 $(cat /run/nut/simulator-sim.pid)"
	killAll    = "killall -9 wattnut upsmon\n"
)

// outlast has the mains of an agent's simulated UPS be gone soon after the agent
// was killed, as those of a real one would be.
const outlast = "sed -i 's/outage.lasts = 0/outage.first = 1\\n outage.lasts = 100000/' /etc/nut/ups.conf\n"

// TestVMShutdown has the mains fail. The machine powers off, after one
// SHUTDOWNCMD, and the device is told to cut the power, whatever is killed on the
// way. Where the power is still there after POWEROFF_WAIT, the machine starts
// again instead.
func TestVMShutdown(t *testing.T) {
	for _, tt := range []struct {
		name, boot, before string
		at, kill           string
		powerStays         bool
	}{
		{name: "three programs", boot: three},
		{name: "services gone", boot: three, before: killAll},
		{name: "agent killed on battery", boot: three, at: "notice: ONBATT by nobody", kill: killAgent},
		{name: "agent killed in FINALDELAY", boot: three, at: "notice: SHUTDOWN by nobody", kill: killAgent},
		{name: "agent killed in SHUTDOWNCMD", boot: three, at: "SHUTDOWNCMD by root", kill: killAgent},
		{name: "server killed on battery", boot: three, at: "notice: ONBATT by nobody", kill: killServer},
		{name: "driver killed on battery", boot: three, at: "notice: ONBATT by nobody", kill: killDriver},
		{name: "all in one", boot: one, before: killAll},
		{name: "all in one killed on battery", boot: one, at: "notice: ONBATT by nobody", kill: outlast + killAgent},
		{name: "all in one killed in FINALDELAY", boot: one, at: "notice: SHUTDOWN by nobody", kill: killAgent},
		{name: "all in one killed in SHUTDOWNCMD", boot: one, at: "SHUTDOWNCMD by root", kill: killAgent},
		{name: "the power stays", boot: one, before: killAll, powerStays: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := host(t)
			c.Boot += tt.boot
			c.Shutdown = tt.before + c.Shutdown
			want := vm.PoweredOff
			if tt.powerStays {
				c.Files["/etc/nut/nut.conf"] = vm.Text("POWEROFF_WAIT=1\n")
				want = vm.Rebooted
			}
			m := vm.Start(t, c)
			m.Run("wattnut upscmd -u admin -p pass sim simulator.mains.off")
			if tt.at != "" {
				m.Await(tt.at)
				m.Run(tt.kill)
			}
			m.Await("the battery is low: telling the UPS to switch off")
			m.Await("the device was told to cut the power")
			if end := m.Wait(); end != want {
				t.Errorf("the machine %v", end)
			}
			if n := strings.Count(strings.Join(m.Console(), "\n"), "SHUTDOWNCMD by root"); n != 1 {
				t.Errorf("SHUTDOWNCMD ran %d times", n)
			}
		})
	}
}
