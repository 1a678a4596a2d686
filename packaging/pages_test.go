//go:build linux

package packaging_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/internal/vm"
)

// consoleBlock is what stands in a page between ```console and ```.
var consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// commands are those of a page for a host of one's own, in their order, without the
// prompt and the remark behind.
func commands(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testenv.Root(t), "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, block := range consoleBlock.FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "# "), "$ ")
			line, _, _ = strings.Cut(line, "  #")
			all = append(all, strings.TrimSpace(line))
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s has no command", page)
	}
	return all
}

// here makes of a command what a machine without a network and without a person can do.
func here(command string) string {
	command = strings.ReplaceAll(command, "./wattnut", "/srv/wattnut/1/wattnut")
	if rest, ok := strings.CutPrefix(command, "apt "); ok {
		return apt + rest
	}
	return command
}

// follow does what a page says, line by line.
func follow(t *testing.T, m *vm.Machine, page string) {
	t.Helper()
	for _, c := range commands(t, page) {
		if said, code := m.Try(here(c)); code != 0 && !mayFail[c] {
			t.Errorf("%s: %s\nexit code %d: %s", page, c, code, said)
		}
	}
}

// mayFail are commands that find nothing where there is nothing.
var mayFail = map[string]bool{
	"wattnut scan":                              true, // no device is plugged in
	"wattnut usbhid --explore":                  true,
	"journalctl -t wattnut WATTNUT_UPS=rack":    true, // no such UPS; a journal without an entry is no failure in later systemd
	"journalctl -t wattnut WATTNUT_TYPE=ONBATT": true,
}

// TestInstallPages follows the pages of docs as the owner of a host would, in a Debian
// of their own: moving from NUT and back, moving from apcupsd, the quick start with its
// drill, which ends the machine.
func TestInstallPages(t *testing.T) {
	m := debian(t)
	m.Run("ln -sf /bin/true /usr/bin/editor")

	m.Run(apt + `install nut-server nut-client
printf '[file]\n\tdriver = dummy-ups\n\tport = file.dev\n' >/etc/nut/ups.conf
printf 'ups.status: OL\n' >/etc/nut/file.dev
printf '[admin]\n\tpassword = secret\n\tupsmon primary\n' >/etc/nut/upsd.users
printf 'MODE=standalone\n' >/etc/nut/nut.conf
chgrp nut /etc/nut/file.dev; systemctl start nut-server`)
	follow(t, m, "moving-from-nut.md")
	expect(t, m, "systemctl is-active nut-server", "active", "systemctl is-active wattnut || true", "inactive")
	m.Run(apt + "purge nut-server nut-client wattnut; rm -rf /etc/nut")

	m.Run(apt + "install apcupsd")
	follow(t, m, "moving-from-apcupsd.md")
	expect(t, m, "systemctl is-active wattnut", "active", "grep driver /etc/wattnut/ups.conf", "usbhid-ups")
	m.Run(apt + "purge wattnut; rm -rf /etc/wattnut")

	m.Run(installOne)
	m.Run(site)
	follow(t, m, "usbhid.md")
	follow(t, m, "logging.md")
	expect(t, m, answers2, "OL")
	for _, c := range commands(t, "quick-start.md") {
		if strings.HasPrefix(c, "wattnut upsmon -c fsd") {
			m.Tell(c) // it does not come back
			break
		}
		if said, code := m.Try(here(c)); code != 0 && !mayFail[c] {
			t.Errorf("quick-start.md: %s\nexit code %d: %s", c, code, said)
		}
	}
	if end := m.Wait(); end != vm.PoweredOff {
		t.Errorf("the machine %v", end)
	}
}

// answers2 waits for the simulated UPS without NUT's names.
const answers2 = "for i in $(seq 100); do wattnut upsc sim ups.status 2>/dev/null && exit; sleep 0.2; done; exit 1"

// TestPagesHaveRunners wants each page with commands for a host of one's own to be
// followed by a test.
func TestPagesHaveRunners(t *testing.T) {
	followed := map[string]bool{
		"moving-from-nut.md": true, "moving-from-apcupsd.md": true, "usbhid.md": true, "logging.md": true, "quick-start.md": true,
		"packages.md": true, // what stands there makes the packages of this test
	}
	pages, err := filepath.Glob(filepath.Join(testenv.Root(t), "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if consoleBlock.Match(text) && !followed[filepath.Base(page)] {
			t.Errorf("nobody follows the commands of %s", filepath.Base(page))
		}
	}
	if got := fmt.Sprint(commands(t, "usbhid.md")); got != "[wattnut usbhid --explore]" {
		t.Errorf("got %s", got)
	}
}
