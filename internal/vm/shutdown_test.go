//go:build linux

package vm_test

import (
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/vm"
)

// host is a machine with a simulated UPS whose battery is nearly low, and for
// which time goes ten times as fast. All that is logged is on the console.
func host(t *testing.T, boot, shutdown string) vm.Config {
	t.Helper()
	return vm.Config{Boot: "chmod 666 /dev/console\nmkdir -p /run/nut\nsyslogd -O /dev/console\n" + boot, Shutdown: shutdown, Files: map[string]vm.File{
		"/bin/wattnut": vm.Program(vm.Build(t, "./cmd/wattnut")),
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
		"/etc/nut/upsd.conf":  vm.Secret(""),
		"/etc/nut/upsd.users": vm.Secret("[admin]\n password = pass\n instcmds = ALL\n upsmon primary\n"),
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
	}}
}

// threePrograms is NUT's way: a driver, upsd and upsmon.
const threePrograms = `
wattnut upsdrvctl start
wattnut upsd
wattnut upsmon
`

// What a distribution does at the end of a shutdown: some while the drivers still
// run, some when all processes are gone.
const (
	lateStep     = "echo 'the late step'\nwattnut upsmon -K && wattnut upsdrvctl shutdown && echo 'the late step is done'\n"
	lateStepOnly = "killall -9 wattnut\n" + lateStep
)

// What is killed on the way: the part of upsmon that is not the guard, and the
// others.
const (
	killAgent  = `kill -9 $(ps -o user,pid,args | awk '$1 == "nobody" && /wattnut/ { print $2 }')`
	killServer = "kill -9 $(cat /run/nut/upsd.pid)"
	killDriver = "kill -9 $(cat /run/nut/simulator-sim.pid)"
)

// TestVMShutdown has the mains fail. The machine powers off, after one
// SHUTDOWNCMD, and the device is told to cut the power, whatever is killed on the
// way.
func TestVMShutdown(t *testing.T) {
	for _, tt := range []struct{ name, shutdown, at, kill string }{
		{"undisturbed", lateStep, "", ""},
		{"drivers gone", lateStepOnly, "", ""},
		{"agent killed on battery", lateStep, "notice: ONBATT by nobody", killAgent},
		{"agent killed in FINALDELAY", lateStep, "notice: SHUTDOWN by nobody", killAgent},
		{"agent killed in SHUTDOWNCMD", lateStep, "SHUTDOWNCMD by root", killAgent},
		{"server killed on battery", lateStep, "notice: ONBATT by nobody", killServer},
		{"driver killed on battery", lateStep, "notice: ONBATT by nobody", killDriver},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := vm.Start(t, host(t, threePrograms, tt.shutdown))
			m.Run(`until wattnut upsc -c sim 2>/dev/null | grep -q .; do sleep 0.1; done`)
			m.Run(`wattnut upscmd -u admin -p pass sim simulator.mains.off`)
			if tt.at != "" {
				m.Await(tt.at)
				m.Run(tt.kill)
			}
			for _, text := range []string{"the late step", "the device was told to cut the power", "the late step is done"} {
				m.Await(text)
			}
			if end := m.Wait(); end != vm.PoweredOff {
				t.Errorf("the machine %v", end)
			}
			if n := strings.Count(strings.Join(m.Console(), "\n"), "SHUTDOWNCMD by root"); n != 1 {
				t.Errorf("SHUTDOWNCMD ran %d times", n)
			}
		})
	}
}
