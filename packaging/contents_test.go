//go:build linux

package packaging_test

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// held is a file that a package has, by its full name.
type held struct {
	fs.FileMode

	owner string
	link  string // where a link leads
	body  []byte
}

// output is what a program says, which has to end well.
func output(t *testing.T, words ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), words[0], words[1:]...)
	var wrong bytes.Buffer
	c.Stderr = &wrong
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%q: %v: %s", words, err, wrong.String())
	}
	return string(out)
}

// contents unpacks a package of any kind: dpkg's own program for a deb, and
// libarchive, which is also what pacman reads with, for all others.
func contents(t *testing.T, file string) map[string]held {
	t.Helper()
	unpack := []string{"bsdtar", "-cf", "-", "@" + file}
	if path.Ext(file) == ".deb" {
		unpack = []string{"dpkg-deb", "--fsys-tarfile", file}
	}
	all := make(map[string]held)
	for r := tar.NewReader(strings.NewReader(output(t, unpack...))); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name := path.Clean("/" + h.Name)
		if _, twice := all[name]; twice && !h.FileInfo().IsDir() {
			t.Errorf("%s is there twice", name)
		}
		all[name] = held{h.FileInfo().Mode(), fmt.Sprintf("%d:%d", h.Uid, h.Gid), h.Linkname, body}
	}
}

// machines are the words of the packages for what runs their binary.
var machines = map[string]elf.Machine{
	"amd64": elf.EM_X86_64, "x86_64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "aarch64": elf.EM_AARCH64,
	"armhf": elf.EM_ARM, "armv7": elf.EM_ARM, "armv7hl": elf.EM_ARM, "armv7h": elf.EM_ARM, "riscv64": elf.EM_RISCV,
}

// machineOf is that word in the name of a package.
func machineOf(t *testing.T, file string) (string, elf.Machine) {
	t.Helper()
	words := strings.FieldsFunc(strings.TrimSuffix(filepath.Base(file), ".pkg.tar.zst"), func(r rune) bool { return strings.ContainsRune("_-.", r) })
	if strings.Contains(filepath.Base(file), "x86_64") {
		return "x86_64", elf.EM_X86_64
	}
	for _, w := range words {
		if m, known := machines[w]; known {
			return w, m
		}
	}
	t.Fatalf("%s is for no machine that is known", file)
	return "", 0
}

// packages are those of a folder, by the ends of their names; none where there is
// no folder to look at.
func packages(t *testing.T, pattern string) []string {
	t.Helper()
	dir := os.Getenv("WATTNUT_PACKAGES")
	if dir == "" {
		t.Skip("needs packages: make release-snapshot, and WATTNUT_PACKAGES=dist")
	}
	for _, program := range []string{"bsdtar", "rpm", "dpkg-deb"} {
		testenv.Need(t, program)
	}
	all, err := filepath.Glob(filepath.Join(testenv.Root(t), dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatalf("no %s in %s", pattern, dir)
	}
	return all
}

// TestPackages reads each package of the program: what is in it, whose, and with
// which rights; the binary's machine, and whether it has libusb; and that what the
// package runs is what is in packaging/scripts.
func TestPackages(t *testing.T) {
	for _, kind := range []string{"*.deb", "*.rpm", "*.apk", "*.pkg.tar.zst"} {
		for _, file := range packages(t, kind) {
			if strings.Contains(file, "compat") {
				continue
			}
			t.Run(filepath.Base(file), func(t *testing.T) {
				all := contents(t, file)
				whole(t, all, kind == "*.apk")
				rights(t, all)
				word, machine := machineOf(t, file)
				libusb := kind != "*.apk" && (machine == elf.EM_X86_64 || machine == elf.EM_AARCH64)
				binary(t, all["/usr/bin/wattnut"].body, machine, libusb)
				emulated(t, all["/usr/bin/wattnut"].body, machine, libusb)
				said := metadata(t, file, all)
				if !strings.Contains(said, word) {
					t.Errorf("it does not say that it is for %s:\n%s", word, said)
				}
				if strings.Contains(said, "libusb") != libusb {
					t.Errorf("libusb is wanted: %v; it says\n%s", libusb, said)
				}
				scripts(t, file, all)
			})
		}
	}
}

// whole wants what each package has, and of service managers the right one.
func whole(t *testing.T, all map[string]held, openrc bool) {
	t.Helper()
	want := []string{
		"/usr/bin/wattnut", "/etc/default/wattnut", "/usr/share/wattnut/etc/ups.conf", "/usr/share/wattnut/etc/upsmon.conf",
		"/usr/share/man/man8/wattnut-agent.8.gz", "/usr/share/bash-completion/completions/wattnut", "/usr/share/fish/vendor_completions.d/wattnut.fish",
		"/usr/share/zsh/vendor-completions/_wattnut", "/usr/lib/udev/rules.d/62-wattnut.rules", "/usr/lib/udev/hwdb.d/62-wattnut.hwdb",
	}
	systemd := []string{
		"/usr/lib/systemd/system/wattnut.service", "/usr/lib/systemd/system/wattnut-server.service", "/usr/lib/systemd/system/wattnut-monitor.service",
		"/usr/lib/systemd/system/wattnut-web.socket", "/usr/lib/systemd/system-shutdown/wattnut", "/usr/lib/sysusers.d/wattnut.conf", "/usr/lib/tmpfiles.d/wattnut.conf",
	}
	if openrc {
		want = append(want, "/etc/init.d/wattnut")
	} else {
		want = append(want, systemd...)
	}
	for _, name := range want {
		if len(all[name].body) == 0 {
			t.Errorf("%s is missing, or empty", name)
		}
	}
	for name := range all {
		if openrc && strings.Contains(name, "systemd") || strings.HasPrefix(name, "/etc/wattnut") || strings.HasPrefix(name, "/etc/nut") {
			t.Errorf("%s has no business here", name)
		}
	}
}

// rights wants everything to be root's, for others only to read, and to be run only
// what is a program.
func rights(t *testing.T, all map[string]held) {
	t.Helper()
	programs := []string{"/usr/bin/wattnut", "/etc/init.d/wattnut", "/usr/lib/systemd/system-shutdown/wattnut"}
	for name, f := range all {
		if strings.HasPrefix(name, "/.") {
			continue // the package's own
		}
		want := fs.FileMode(0o644)
		switch {
		case f.IsDir():
			want = fs.ModeDir | 0o755
		case f.Type() == fs.ModeSymlink:
			want = f.FileMode
		case slices.Contains(programs, name):
			want = 0o755
		}
		if f.FileMode != want || f.owner != "0:0" {
			t.Errorf("%s is %v of %s, not %v of root", name, f.FileMode, f.owner, want)
		}
	}
}

// binary wants a program for that machine, which has libusb or no library at all.
func binary(t *testing.T, body []byte, machine elf.Machine, libusb bool) {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	libraries, err := f.ImportedLibraries()
	if f.Machine != machine || err != nil {
		t.Errorf("the binary is for %v, not %v (%v)", f.Machine, machine, err)
	}
	if slices.Contains(libraries, "libusb-1.0.so.0") != libusb || !libusb && len(libraries) > 0 {
		t.Errorf("the binary has the libraries %q", libraries)
	}
	if symbols, err := f.Symbols(); !errors.Is(err, elf.ErrNoSymbols) {
		t.Errorf("it has %d symbols: it is not stripped (%v)", len(symbols), err)
	}
}

// emulated runs the binary, where qemu-user-static can: a static one, as for others
// it takes the other machine's libraries.
func emulated(t *testing.T, body []byte, machine elf.Machine, libusb bool) {
	t.Helper()
	qemu := map[elf.Machine]string{elf.EM_AARCH64: "arm64 qemu-aarch64-static", elf.EM_ARM: "arm qemu-arm-static", elf.EM_RISCV: "riscv64 qemu-riscv64-static"}
	word, program, _ := strings.Cut(qemu[machine], " ")
	if _, err := exec.LookPath(program); err != nil || libusb {
		return
	}
	wattnut := filepath.Join(t.TempDir(), "wattnut")
	if err := os.WriteFile(wattnut, body, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := output(t, program, wattnut, "version"); !strings.Contains(said, "linux/"+word+"\n") {
		t.Errorf("run by %s, it says %q", program, said)
	}
}

// metadata is what the package says of itself and of what it wants.
func metadata(t *testing.T, file string, all map[string]held) string {
	t.Helper()
	switch path.Ext(file) {
	case ".deb":
		return output(t, "dpkg-deb", "--field", file)
	case ".rpm":
		return output(t, "rpm", "-qp", "--qf", "%{ARCH} %{LICENSE}\n[%{REQUIRES}\n][%{CONFLICTS}\n][%{PROVIDES}\n]", file)
	}
	return string(all["/.PKGINFO"].body)
}

// scripts wants those of packaging/scripts, to be run at their time; and that
// what an administrator changes in /etc is kept.
func scripts(t *testing.T, file string, all map[string]held) {
	t.Helper()
	var run, upgraded, kept string
	switch path.Ext(file) {
	case ".deb":
		for _, name := range []string{"postinst", "prerm", "postrm"} {
			run += output(t, "dpkg-deb", "--info", file, name)
		}
		kept = output(t, "dpkg-deb", "--info", file, "conffiles")
	case ".rpm":
		run, kept = output(t, "rpm", "-qp", "--scripts", file), output(t, "rpm", "-qpc", file)
	case ".apk": // which keeps all of /etc
		for _, name := range []string{"/.post-install", "/.pre-deinstall", "/.post-deinstall"} {
			run += string(all[name].body)
		}
		upgraded = string(all["/.post-upgrade"].body)
		kept = "/etc/default/wattnut"
	default:
		run, kept = string(all["/.INSTALL"].body), string(all["/.PKGINFO"].body)
		_, upgraded, _ = strings.Cut(run, "function post_upgrade() {")
	}
	if path.Ext(file) != ".deb" && path.Ext(file) != ".rpm" && !strings.Contains(upgraded, "set -- upgrade") {
		t.Error("nothing is restarted after an upgrade")
	}
	for _, name := range []string{"postinstall.sh", "preremove.sh", "postremove.sh"} {
		text, err := os.ReadFile(filepath.Join("scripts", name))
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ = bytes.Cut(text, []byte("\n")) // all but the line with the shell
		if !strings.Contains(run, strings.TrimSpace(string(text))) {
			t.Errorf("%s is not what it runs:\n%s", name, run)
		}
	}
	if !strings.Contains(kept, "etc/default/wattnut") {
		t.Errorf("it keeps %q", kept)
	}
}

// TestCompatPackages wants the links by NUT's names, each to the program, and the
// packages to say in whose place they are.
func TestCompatPackages(t *testing.T) {
	for kind, words := range map[string][]string{
		"*compat*.deb":         {"Conflicts: ups-monitor, nut-server, nut-client", "Provides: ups-monitor", "Depends: wattnut"},
		"*compat*.rpm":         {"wattnut\n", "nut-client\n", "ups-monitor"},
		"*compat*.pkg.tar.zst": {"conflict = nut", "provides = nut", "depend = wattnut"},
	} {
		for _, file := range packages(t, kind) {
			all := contents(t, file)
			for _, name := range []string{"/usr/bin/upsc", "/usr/sbin/upsmon", "/usr/sbin/upsd"} {
				if f := all[name]; f.Type() != fs.ModeSymlink || path.Join(path.Dir(name), f.link) != "/usr/bin/wattnut" {
					t.Errorf("%s: %s leads to %q", file, name, f.link)
				}
			}
			rights(t, all)
			said := metadata(t, file, all)
			for _, w := range words {
				if !strings.Contains(said, w) {
					t.Errorf("%s does not say %q:\n%s", file, w, said)
				}
			}
		}
	}
}
