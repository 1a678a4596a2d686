package main

import (
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// writeUpsd adds what upsd needs, on a port that the system chooses.
func (s *site) writeUpsd() {
	s.t.Helper()
	s.write("upsd.conf", "LISTEN 127.0.0.1 0\n")
	s.write("upsd.users", "")
}

// stopUpsd ends the upsd that runs, and waits until it is gone.
func (s *site) stopUpsd() {
	s.t.Helper()
	pid := s.pid("upsd")
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	nuttest.Await(s.t, func() error {
		if syscall.Kill(pid, 0) == nil {
			return os.ErrExist
		}
		return nil
	})
}

// In another root folder nobody knows who "nobody" is, and where the program is:
// both have to be found before.
func TestUpsdInAnotherRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can change the root folder")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, playA)
	s.writeUpsd()
	for _, path := range []string{"", "ups.conf", "upsd.conf", "upsd.users"} {
		if err := os.Chown(filepath.Join(s.dir, path), uid, -1); err != nil {
			t.Fatal(err)
		}
	}
	s.env = append(s.env, "NUT_CONFPATH=/", "NUT_STATEPATH=/", "NUT_ALTPIDPATH=/")
	s.must(0, "listening on 127.0.0.1 port ", "upsd", "-r", s.dir, "-u", "nobody")
	defer s.stopUpsd()
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.pid("upsd")), "status"))
	if err != nil {
		t.Skip("this system does not tell whose a process is")
	}
	uids := "Uid:\t" + strings.Join(slices.Repeat([]string{nobody.Uid}, 4), "\t") + "\n"
	if !strings.Contains(string(status), uids) {
		t.Errorf("it is not nobody's:\n%s", status)
	}
}

// What is wrong is told by the one that was called, whoever found it.
func TestUpsdTellsBeforeTheBackground(t *testing.T) {
	s := newSite(t, "[a]\n driver = dummy-ups\n")
	s.writeUpsd()
	s.must(1, "ups.conf:1: UPS [a]: port: is missing", "upsd")
	if os.Geteuid() == 0 { // others stay who they are
		s.write("ups.conf", playA)
		s.must(1, "user no-such-user not found", "upsd", "-u", "no-such-user")
	}
}

// A reload may be asked for as soon as the PID file says of whom.
func TestUpsdReloadAtOnce(t *testing.T) {
	s := newSite(t, playA)
	s.writeUpsd()
	for range 10 {
		cmd := s.command(append([]string{"upsd", "-FF"}, asRoot()...)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(s.dir, "upsd.pid")
		for text := ""; text == ""; {
			data, _ := os.ReadFile(file)
			text = strings.TrimSpace(string(data))
		}
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Fatalf("a reload at the start ends it: %v", err)
		}
	}
}
