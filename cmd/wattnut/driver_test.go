package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

// built builds the binary once: a driver that goes into the background, and
// upsdrvctl, start it anew. It lies beside the test's own, and goes with it.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(filepath.Dir(os.Args[0]), "wattnut-built")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

// site is a configuration and the folders of its drivers.
type site struct {
	t   *testing.T
	dir string
	env []string
}

func newSite(t *testing.T, upsConf string) *site {
	t.Helper()
	dir := nuttest.ShortDir(t)
	s := &site{t: t, dir: dir, env: append(os.Environ(),
		"NUT_CONFPATH="+dir, "NUT_STATEPATH="+dir, "NUT_ALTPIDPATH="+dir, "NUT_QUIET_INIT_BANNER=1")}
	s.write("ups.conf", upsConf)
	s.write("a.dev", "ups.status: OL\nbattery.charge: 90\nups.id: a\n")
	return s
}

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// run runs our binary and returns what it prints, and its exit code.
func (s *site) run(words ...string) (string, int) {
	s.t.Helper()
	cmd := s.command(words...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

func (s *site) command(words ...string) *exec.Cmd {
	s.t.Helper()
	path, err := built()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(path, words...)
	cmd.Env = s.env
	return cmd
}

// must is run, of what must end with that code and print that among others.
func (s *site) must(code int, want string, words ...string) string {
	s.t.Helper()
	out, got := s.run(words...)
	if got != code || !strings.Contains(out, want) {
		s.t.Fatalf("%s: exit code %d, want %d, and %q in\n%s", strings.Join(words, " "), got, code, want, out)
	}
	return out
}

// await runs our binary until it prints what is wanted.
func (s *site) await(want string, words ...string) {
	s.t.Helper()
	nuttest.Await(s.t, func() error {
		if out, _ := s.run(words...); !strings.Contains(out, want) {
			return fmt.Errorf("%s prints\n%s, want %q", strings.Join(words, " "), out, want)
		}
		return nil
	})
}

func (s *site) pid(driver string) int {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, driver+".pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		s.t.Fatal(err)
	}
	return pid
}

const playA = "[a]\n driver = dummy-ups\n port = a.dev\n mode = dummy-once\n"

// asRoot are the words that leave our programs who the test is.
func asRoot() []string {
	if os.Geteuid() == 0 {
		return []string{"-u", "root"}
	}
	return nil
}

func TestDriverMistakes(t *testing.T) {
	s := newSite(t, playA+"[other]\n driver = netxml-ups\n port = x\n[broken]\n driver = dummy-ups\n")
	for _, tt := range []struct {
		words, want string
		code        int
	}{
		{"-h", "usage: dummy-ups", 0},
		{"-L", "VALUE mode ", 0},
		{"-V", "", 0},
		{"", "specifying '-a id' or '-s id' is now mandatory", 1},
		{"-Z", "invalid option -- 'Z'", 1},
		{"-a a extra", "too many non-option arguments", 1},
		{"-a none -F", "Section none not found in ups.conf", 1},
		{"-a other -F", "driver netxml-ups", 1},
		{"-a broken -F", "port", 1},
		{"-a a -x bogus=1 -d 1", "bogus: this driver has no such setting", 1},
		{"-s tmp -d 1", "port: is missing", 1},
		{"-a a -x port=no.dev -d 1", "no such file", 1},
		{"-a a -x port=no.dev", "no such file", 1}, // seen by who starts it in the background
		{"-a a -d x", "takes a number", 1},
		{"-a a -c nonsense", "unknown argument to option -c", 1},
		{"-a a -c reload", "not running", 1},
		{"-a a -c reload-or-error", "not running", 1},
		{"-a a -k", "shutdown not supported", 1},
	} {
		s.must(tt.code, tt.want, append(append([]string{"dummy-ups"}, asRoot()...), strings.Fields(tt.words)...)...)
	}
	s.must(0, "battery.charge: 90", slices.Concat([]string{"dummy-ups"}, asRoot(), []string{"-s", "tmp", "-x", "port=a.dev", "-x", "mode=dummy-once", "-d", "1"})...)
}

// What -d prints is what NUT's own prints, but for the versions.
func TestDriverDump(t *testing.T) {
	nuts := exec.Command(testenv.Need(t, "dummy-ups"), append(asRoot(), "-a", "a", "-d", "1")...)
	s := newSite(t, strings.Replace(playA, "a.dev", "/A", 1))
	s.write("ups.conf", strings.Replace(playA, "a.dev", s.dir+"/a.dev", 1))
	nuts.Env = s.env
	out, err := nuts.Output()
	if err != nil {
		t.Fatal(err)
	}
	versions := regexp.MustCompile(`(?m)^(Network UPS Tools.*|driver\.version.*)\n`)
	want := versions.ReplaceAllString(string(out), "")
	got := versions.ReplaceAllString(s.must(0, "", slices.Concat([]string{"dummy-ups"}, asRoot(), []string{"-a", "a", "-d", "1"})...), "")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Our driver in the background, behind NUT's own upsd.
func TestDriverBehindUPSD(t *testing.T) {
	upsc, upsrw := testenv.Need(t, "upsc"), testenv.Need(t, "upsrw")
	u := nuttest.StartUPSD(t, nuttest.Config{
		Devices: []nuttest.Device{{Name: "a"}},
		Users:   "[admin]\n password = secret\n actions = SET\n instcmds = ALL\n",
		Files:   map[string]string{"a.dev": "ups.status: OL\nbattery.charge: 90\nups.id: a\n"},
	})
	s := &site{t: t, dir: filepath.Join(u.Dir, "state"), env: append(u.Env(), "NUT_QUIET_INIT_BANNER=1")}
	peer := func(program string, words ...string) string {
		cmd := exec.Command(program, words...)
		cmd.Env = s.env
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	at := "a@" + u.Addr
	await := func(want string) {
		t.Helper()
		nuttest.Await(t, func() error {
			if out := peer(upsc, at); !strings.Contains(out, want) {
				return errors.New(out)
			}
			return nil
		})
	}
	start := slices.Concat([]string{"upsdrvctl"}, asRoot(), []string{"start"})
	s.must(0, "", start...)
	defer s.run("upsdrvctl", "stop")
	await("battery.charge: 90\n")
	await("driver.name: dummy-ups\n")
	if out := peer(upsrw, "-w", "-s", `ups.id=q"w\e`, "-u", "admin", "-p", "secret", at); !strings.Contains(out, "SUCCESS") && !strings.Contains(out, "OK") {
		t.Errorf("upsrw: %s", out)
	}
	await("ups.id: q\"w\\e\n")
	pid := s.pid("dummy-ups-a")
	if out := s.must(0, "RESPONSIVE", "upsdrvctl", "status", "a"); !strings.Contains(out, fmt.Sprintf("a\tdummy-ups\tRUNNING\t%d\tRESPONSIVE\t%d\t\"OL\"\n", pid, pid)) {
		t.Errorf("status: %s", out)
	}
	if err := daemon.Signal(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await("Driver not connected")
	s.must(0, "", start...) // in spite of socket and PID file left behind
	await("ups.id: a\n")
	s.must(0, "", start...) // in the place of the one that runs
	if again := s.pid("dummy-ups-a"); again == pid {
		t.Error("not started anew")
	}
	await("ups.status: OL\n")
	s.must(0, "", "upsdrvctl", "stop")
	await("Driver not connected")
	for _, name := range []string{"dummy-ups-a", "dummy-ups-a.pid"} {
		if _, err := os.Stat(filepath.Join(s.dir, name)); err == nil {
			t.Errorf("%s is left behind", name)
		}
	}
	s.must(1, "not running", "upsdrvctl", "stop")
}

func TestDriverReload(t *testing.T) {
	s := newSite(t, playA)
	start := slices.Concat([]string{"dummy-ups"}, asRoot(), []string{"-a", "a"})
	s.must(0, "", start...)
	defer s.run("upsdrvctl", "stop")
	pid := s.pid("dummy-ups-a")
	s.write("b.dev", "ups.status: OB\n")
	s.write("ups.conf", strings.Replace(playA, "a.dev", "b.dev", 1))
	s.must(0, "", "upsdrvctl", "-c", "reload")
	s.await(`"OB"`, "upsdrvctl", "status")
	s.write("ups.conf", playA)
	s.must(0, "", "dummy-ups", "-a", "a", "-c", "reload-or-error")
	s.await(`"OL"`, "upsdrvctl", "status")
	if s.pid("dummy-ups-a") != pid {
		t.Error("another process")
	}
	// What cannot be taken over is refused, and the device goes on.
	s.write("ups.conf", playA+" bogus = 1\n")
	s.must(1, "reload-or-error", "upsdrvctl", "-c", "reload-or-error")
	s.must(0, `"OL"`, "upsdrvctl", "status")
	s.must(0, "", "upsdrvctl", "-c", "reload-or-exit")
	s.await("NOT_RESPONSIVE", "upsdrvctl", "status")
}

func TestDriverForeground(t *testing.T) {
	s := newSite(t, playA)
	cmd := s.command(slices.Concat([]string{"dummy-ups"}, asRoot(), []string{"-FF", "-a", "a"})...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	s.await(`"OL"`, "upsdrvctl", "status")
	s.must(0, "", "upsdrvctl", "-c", "data-dump")
	s.must(1, "shutdown not supported", "dummy-ups", "-a", "a", "-k", "-u", "root")
	if err := cmd.Wait(); err != nil { // -k took its place
		t.Error(err)
	}
	if !strings.Contains(out.String(), "battery.charge: 90\n") {
		t.Errorf("data-dump: %s", out.String())
	}
}
