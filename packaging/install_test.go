//go:build linux

// Package packaging_test tries the packages: what is in them, and in a Debian of
// their own what they do.
package packaging_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/vm"
)

// debian boots the image that .ci/debian has made.
func debian(t *testing.T) *vm.Machine {
	t.Helper()
	image := os.Getenv("WATTNUT_DEBIAN")
	if image == "" {
		t.Skip("needs a Debian to boot: make test-install")
	}
	return vm.Start(t, vm.Config{Disk: image, Memory: 768, Timeout: 14 * time.Minute})
}

// apt is for a machine that asks nobody and has no network.
const apt = "DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 "

const (
	installOne = apt + "install /srv/wattnut/1/wattnut_*.deb"
	namesOne   = apt + "install /srv/wattnut/1/wattnut-nut-compat_*.deb"
	upgrade    = apt + "install /srv/wattnut/2/*.deb"
)

// site is a UPS, simulated, whose battery is nearly low, and which this host
// feeds on. Time goes ten times as fast for it.
const site = `cd /etc/wattnut
cat >ups.conf <<END
pollinterval = 1
[sim]
	driver = simulator
	port = auto
	preset = home
	speed = 10
	battery.charge = 22
	outage.lasts = 0
	sag.lasts = 0
	surge.lasts = 0
END
cat >upsd.users <<END
[admin]
	password = secret
	instcmds = ALL
	upsmon primary
END
echo "MONITOR sim@localhost 1 admin secret primary" >>upsmon.conf
systemctl restart wattnut
`

// answers waits until upsc has a UPS to show.
const answers = "for i in $(seq 100); do upsc sim ups.status 2>/dev/null && exit; sleep 0.2; done; systemctl status wattnut; exit 1"

// owner asks whose a service's main process is, and childOwner whose its child.
func owner(unit string) string {
	return "stat -c %U /proc/$(systemctl show -P MainPID " + unit + ")"
}

func childOwner(unit string) string {
	return "p=$(systemctl show -P MainPID " + unit + "); stat -c %U /proc/$(cat /proc/$p/task/*/children | cut -d ' ' -f 1 | head -n 1)"
}

// expect runs commands whose answers are to have a text in them.
func expect(t *testing.T, m *vm.Machine, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if said := m.Run(pairs[i]); !strings.Contains(said, pairs[i+1]) {
			t.Errorf("%s\nsays %q, without %q", pairs[i], said, pairs[i+1])
		}
	}
}

// TestInstall installs, configures, upgrades, swaps NUT's packages in and out,
// removes and purges.
func TestInstall(t *testing.T) {
	m := debian(t)
	begin := time.Now()
	m.Run(installOne)
	expect(t, m,
		"systemctl is-active wattnut", "active",
		"systemctl is-enabled wattnut", "enabled",
		"wattnut health", "serves",
		"stat -c '%U %G %a' /etc/wattnut /etc/wattnut/upsd.users /var/lib/wattnut", "root nut 750\nroot nut 640\nnut nut 750",
		"wattnut check", "good to start",
		"man -w wattnut-agent 2>&1 || ls /usr/share/man/man8/wattnut-agent.8.gz", "wattnut-agent",
	)
	t.Logf("installed and serving after %.0f s of this machine's time", time.Since(begin).Seconds())

	m.Run(namesOne)
	m.Run(site)
	expect(t, m, answers, "OL",
		// The guard is root's, what it guards is not.
		owner("wattnut"), "root",
		childOwner("wattnut"), "nut",
		"systemctl reload wattnut && systemctl is-active wattnut", "active",
		"ls /var/lib/wattnut", "history.db",
	)

	socketActivation(t, m)
	strictServices(t, m)
	upgraded(t, m)
	swapped(t, m)
	removed(t, m)
}

// socketActivation serves the web on the socket of wattnut-web.socket.
func socketActivation(t *testing.T, m *vm.Machine) {
	t.Helper()
	m.Run("systemctl stop wattnut; systemctl start wattnut-web.socket; systemctl start wattnut")
	expect(t, m,
		`bash -c 'exec 3<>/dev/tcp/127.0.0.1/9199; printf "GET /healthz HTTP/1.0\r\n\r\n" >&3; head -n 1 <&3'`, "200 OK",
		"ss -tlnp | grep :9199", `"systemd"`,
	)
	m.Run("systemctl stop wattnut-web.socket wattnut; systemctl start wattnut")
}

// strictServices parts the agent from what ends the host.
func strictServices(t *testing.T, m *vm.Machine) {
	t.Helper()
	m.Run("systemctl start wattnut-server wattnut-monitor")
	expect(t, m, answers, "OL",
		"systemctl is-active wattnut || true", "inactive",
		"systemctl is-active wattnut-server wattnut-monitor", "active\nactive",
		owner("wattnut-server"), "nut",
		childOwner("wattnut-monitor"), "nut",
		"for i in $(seq 100); do upsc -c sim | grep . && exit; sleep 0.2; done", "127.0.0.1",
	)
	m.Run("systemctl stop wattnut-server wattnut-monitor; systemctl start wattnut")
}

// upgraded installs the other version: the configuration stays, and what was disabled.
func upgraded(t *testing.T, m *vm.Machine) {
	t.Helper()
	before := m.Run("cat /etc/wattnut/* | sha256sum; stat -c '%n %U %G %a' /etc/wattnut/*")
	pid := m.Run("systemctl show -P MainPID wattnut")
	m.Run(upgrade)
	if after := m.Run("cat /etc/wattnut/* | sha256sum; stat -c '%n %U %G %a' /etc/wattnut/*"); after != before {
		t.Errorf("the configuration was\n%s\nand is\n%s", before, after)
	}
	expect(t, m, "wattnut version", "0.0.0-test2", answers, "OL", "systemctl is-active wattnut", "active")
	if m.Run("systemctl show -P MainPID wattnut") == pid {
		t.Error("the old version goes on")
	}
	m.Run("systemctl disable --now wattnut; " + apt + "install --reinstall /srv/wattnut/2/wattnut_*.deb")
	expect(t, m, "systemctl is-enabled wattnut || true", "disabled", "systemctl is-active wattnut || true", "inactive")
	m.Run("systemctl enable --now wattnut")
}

// swapped installs NUT's packages in place of the names, and back.
func swapped(t *testing.T, m *vm.Machine) {
	t.Helper()
	m.Run("systemctl disable --now wattnut; " + apt + "install nut-server nut-client")
	expect(t, m,
		"dpkg-query -W -f '${Package} ${db:Status-Status}\n' 'nut-*' 'wattnut*' | grep ' installed' | sort", "nut-client installed\nnut-server installed\nwattnut installed",
		"upsc -V 2>&1; readlink -f /usr/bin/upsc", "/usr/bin/upsc\n",
		"ls /etc/wattnut", "upsmon.conf",
	)
	m.Run(apt + "install /srv/wattnut/2/wattnut-nut-compat_*.deb && systemctl enable --now wattnut")
	expect(t, m,
		"readlink -f /usr/bin/upsc /usr/sbin/upsmon", "/usr/bin/wattnut\n/usr/bin/wattnut",
		"dpkg-query -W -f '${Package} ${db:Status-Status}\n' nut-client nut-server 2>/dev/null | grep -c ' installed' || true", "0",
		answers, "OL",
		"ls /etc/nut/upsmon.conf", "/etc/nut/upsmon.conf", // NUT's own stays, until it is purged
	)
}

// removed leaves nothing running, and the configuration until it is purged.
func removed(t *testing.T, m *vm.Machine) {
	t.Helper()
	m.Run(apt + "remove wattnut wattnut-nut-compat")
	expect(t, m,
		"readlink /proc/[0-9]*/exe | grep -c wattnut || true", "0",
		"systemctl list-units --all --plain --no-legend 'wattnut*' | grep -v not-found | wc -l", "0",
		"find /etc/systemd /usr/lib/systemd -name '*wattnut*' | wc -l", "0",
		"ls /etc/wattnut", "ups.conf",
		"find /usr -name '*wattnut*' | wc -l", "0",
	)
	m.Run(installOne)
	expect(t, m, "systemctl is-active wattnut", "active", "grep -c admin /etc/wattnut/upsd.users", "1")
	m.Run(apt + "purge wattnut")
	expect(t, m, "find /etc /usr /var/lib/wattnut -name '*wattnut*' 2>/dev/null | grep -v /etc/passwd | wc -l", "0")
}

// TestInstallNUTSite installs beside NUT's configuration, which is taken as it is,
// and while NUT runs, which is left alone.
func TestInstallNUTSite(t *testing.T) {
	m := debian(t)
	m.Run(apt + "install nut-server nut-client")
	m.Run(`cd /etc/nut
printf '[file]\n\tdriver = dummy-ups\n\tport = file.dev\n' >ups.conf
printf 'ups.status: OL\nups.mfr: ACME\n' >file.dev
printf '[admin]\n\tpassword = secret\n\tupsmon primary\n' >upsd.users
printf 'MODE=standalone\n' >nut.conf
chgrp nut file.dev
systemctl start nut-server`)
	m.Run("for i in $(seq 50); do systemctl is-active nut-server && exit; sleep 0.2; done; exit 1")
	if said := m.Run(installOne); !strings.Contains(said, "NUT runs on this host and was left alone") {
		t.Errorf("the installation says %q", said)
	}
	expect(t, m,
		"systemctl is-active nut-server", "active",
		"systemctl is-active wattnut || true", "inactive",
		"ls -d /etc/wattnut 2>/dev/null || echo none", "none",
	)
	m.Run("systemctl disable --now nut-server nut-monitor; systemctl enable --now wattnut")
	expect(t, m,
		"for i in $(seq 50); do wattnut upsc file ups.mfr 2>/dev/null && exit; sleep 0.2; done; exit 1", "ACME",
		"systemctl is-active nut-server || true", "inactive",
	)
	m.Run("systemctl disable --now wattnut; systemctl enable --now nut-server")
	expect(t, m, "systemctl is-active nut-server", "active")
}

// TestInstallOutage has the mains fail: the installed machine shuts down by
// itself, and as the last thing has the UPS cut the power.
func TestInstallOutage(t *testing.T) {
	m := debian(t)
	m.Run(installOne)
	m.Run(site)
	expect(t, m, "for i in $(seq 100); do wattnut upsc sim ups.status 2>/dev/null && exit; sleep 0.2; done; exit 1", "OL",
		"systemctl show -P NRestarts wattnut", "0")
	m.Run("wattnut upscmd -u admin -p secret sim simulator.mains.off")
	m.Await("the battery is low: telling the UPS to switch off")
	m.Await("the device was told to cut the power")
	if end := m.Wait(); end != vm.PoweredOff {
		t.Errorf("the machine %v", end)
	}
}

// TestInstallWatchdog stops the agent, as something that hangs does: systemd misses
// its word, ends it, and starts another, which serves.
func TestInstallWatchdog(t *testing.T) {
	m := debian(t)
	m.Run(installOne)
	m.Run(site)
	m.Run("mkdir -p /run/systemd/system/wattnut.service.d; printf '[Service]\nWatchdogSec=15\n' >/run/systemd/system/wattnut.service.d/soon.conf; systemctl daemon-reload; systemctl restart wattnut")
	const serves = "for i in $(seq 300); do wattnut upsc sim ups.status 2>/dev/null && exit; sleep 0.2; done; systemctl status wattnut; exit 1"
	expect(t, m, serves, "OL",
		"sleep 20; systemctl show -P NRestarts wattnut", "0", // while it is well, it stays
		"p=$(systemctl show -P MainPID wattnut); kill -STOP $(cat /proc/$p/task/*/children); for i in $(seq 600); do [ $(systemctl show -P NRestarts wattnut) = 0 ] || break; sleep 0.2; done; systemctl show -P NRestarts wattnut", "1",
		serves, "OL",
		"systemctl show -P Result wattnut", "success",
		"journalctl -u wattnut --no-pager | grep -i watchdog", "Watchdog timeout",
	)
}
