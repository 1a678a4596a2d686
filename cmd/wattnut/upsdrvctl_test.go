package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

func TestUpsdrvctlMistakes(t *testing.T) {
	s := newSite(t, playA)
	for _, tt := range []struct {
		words, want string
		code        int
	}{
		{"", "usage: upsdrvctl", 0},
		{"-h", "usage: upsdrvctl", 0},
		{"-x", "invalid option -- 'x'", 0},
		{"bogus", "Error: unrecognized command [bogus]", 1},    //nolint:misspell // NUT's word
		{"-c bogus", "Error: unrecognized command [bogus]", 1}, //nolint:misspell // NUT's word
		{"start none", "UPS none not found in ups.conf", 1},
		{"start a b", "too many words", 1},
		{"stop", "UPS a: driver not running", 1},
		{"-c reload a", "UPS a: driver not running", 1},
		{"list", "a\n", 0},
		{"-l", "a\n", 0},
		{"status", "UPSNAME\tUPSDRV\tRUNNING\tPF_PID\tS_RESPONSIVE\tS_PID\tS_STATUS\na\tdummy-ups\tN/A\t-3\tNOT_RESPONSIVE\tN/A\t\n", 1},
	} {
		s.must(tt.code, tt.want, append([]string{"upsdrvctl"}, strings.Fields(tt.words)...)...)
	}
	s.write("ups.conf", "")
	s.must(1, "no UPS definitions found", "upsdrvctl", "start")
}

// All orders of sdorder are served, the lowest first (NUT-INVENTORY 10 #1).
func TestUpsdrvctlShutdownOrder(t *testing.T) {
	s := newSite(t, strings.Join([]string{
		"[one]\n driver = dummy-ups\n port = a.dev\n sdorder = 1", "[zero]\n driver = dummy-ups\n port = a.dev",
		"[never]\n driver = dummy-ups\n port = a.dev\n sdorder = -1", "[two]\n driver = dummy-ups\n port = a.dev\n sdorder = 2",
	}, "\n"))
	out := s.must(0, "", "upsdrvctl", "-t", "-d", "-D", "-u", "me", "-r", "/x", "shutdown")
	var order []string
	for line := range strings.Lines(out) {
		if name, ok := strings.CutPrefix(line, "Shutdown UPS: "); ok {
			order = append(order, strings.TrimSpace(name))
		}
	}
	if !slices.Equal(order, []string{"zero", "one", "two"}) {
		t.Errorf("order %v", order)
	}
	if !strings.Contains(out, " dummy-ups -a zero -D -r /x -u me -k\n") {
		t.Errorf("words: %s", out)
	}
	s.must(0, "-a never -k", "upsdrvctl", "-t", "shutdown", "never")
}

// Drivers of both kinds, and one of NUT's that uses the socket of ours.
func TestUpsdrvctlBothKinds(t *testing.T) {
	theirs := t.TempDir() // has one of NUT's, which is taken before ours of that name
	if err := os.Symlink(testenv.Need(t, "clone"), filepath.Join(theirs, "clone")); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, "driverpath = "+theirs+"\n"+playA+"[c]\n driver = clone\n port = dummy-ups-a\n")
	words := append([]string{"upsdrvctl"}, asRoot()...)
	s.must(0, "", append(words, "start")...)
	defer s.run("upsdrvctl", "stop")
	for _, want := range []string{"a\tdummy-ups\tRUNNING\t", "c\tclone\tRUNNING\t"} {
		s.await(want, "upsdrvctl", "status") // NUT's driver listens before it writes its PID
	}
	s.must(0, "", "upsdrvctl", "stop", "c")
	s.must(1, "c\tclone\tN/A\t-3\tNOT_RESPONSIVE", "upsdrvctl", "status")
	s.must(0, "", "upsdrvctl", "stop", "a")
	// A driver that does not start is told, after all tries.
	s.write("ups.conf", "maxretry = 2\nretrydelay = 0\n"+strings.Replace(playA, "a.dev", "none.dev", 1))
	out := s.must(1, "UPS a: driver failed to start", append(words, "start")...)
	if strings.Count(out, "none.dev: no such file") != 2 {
		t.Errorf("not tried twice: %s", out)
	}
}

// With -F upsdrvctl stays, and its drivers end with it.
func TestUpsdrvctlForeground(t *testing.T) {
	for _, conf := range []string{playA, playA + strings.Replace(playA, "[a]", "[b]", 1)} {
		s := newSite(t, conf)
		cmd := s.command(slices.Concat([]string{"upsdrvctl"}, asRoot(), []string{"-F", "start"})...)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Process.Kill()
		s.await("\tRESPONSIVE", "upsdrvctl", "status", "a")
		if strings.Contains(conf, "[b]") {
			s.await("\tRESPONSIVE", "upsdrvctl", "status", "b")
		}
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %s", err, out.String())
		}
		if _, err := os.Stat(filepath.Join(s.dir, "dummy-ups-a")); err == nil {
			t.Error("a driver is left behind")
		}
	}
}
