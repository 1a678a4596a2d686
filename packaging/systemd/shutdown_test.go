// Package systemd_test tries what systemd is given to run.
package systemd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// world is a folder of commands that write down how they were called. Each ends
// with the code in $NAME_CODE, where NAME is
// the program of wattnut's.
func world(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"wattnut", "sleep", "reboot"} {
		script := "#!/bin/sh\necho " + name + " \"$@\" >> " + dir + "/called\necho noise; echo noise >&2\n" +
			"case \"$1\" in upsmon) exit ${upsmon_CODE:-0} ;; upsdrvctl) exit ${upsdrvctl_CODE:-0} ;; esac\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestShutdown(t *testing.T) {
	const (
		down = "wattnut upsmon -K\nwattnut upsdrvctl shutdown\n"
		low  = "the battery is low: telling the UPS to switch off"
		back = "the power is still there: starting again"
	)
	for _, tt := range []struct {
		name, conf string
		env        []string
		called     string
		said       []string
	}{
		{"no flag", "POWEROFF_WAIT=30", []string{"upsmon_CODE=1"}, "wattnut upsmon -K\n", nil},
		{"flag", "", nil, down, []string{low}},
		{"flag, and a wait", "POWEROFF_WAIT=30\n", nil, down + "sleep 30\nreboot -f\n", []string{low, "waiting 30 for the power to go", back}},
		{"a wait in minutes", "MODE=standalone\nPOWEROFF_WAIT=1m\n", nil, down + "sleep 1m\nreboot -f\n", []string{low, "waiting 1m for the power to go", back}},
		{"quiet", "POWEROFF_QUIET=true\nPOWEROFF_WAIT=5", nil, down + "sleep 5\nreboot -f\n", nil},
		{"mode none", "MODE=none\nPOWEROFF_WAIT=30", nil, "", nil},
		{"the UPS refuses", "", []string{"upsdrvctl_CODE=1"}, down, []string{low, "a UPS has not taken the order"}},
		{"settings from outside", "", []string{"POWEROFF_WAIT=1", "MODE=none", "POWEROFF_QUIET=true"}, down, []string{low}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := world(t)
			if err := os.WriteFile(filepath.Join(dir, "nut.conf"), []byte(tt.conf), 0o600); err != nil {
				t.Fatal(err)
			}
			c := exec.CommandContext(t.Context(), filepath.Join(testenv.Root(t), "packaging/systemd/system-shutdown/wattnut"), "poweroff")
			c.Env = append([]string{"PATH=" + dir + ":/usr/bin:/bin", "NUT_CONFPATH=" + dir}, tt.env...)
			output, err := c.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, output)
			}
			called, _ := os.ReadFile(filepath.Join(dir, "called"))
			if string(called) != tt.called {
				t.Errorf("called\n%swant\n%s", called, tt.called)
			}
			if got := said(string(output)); !slices.Equal(got, tt.said) {
				t.Errorf("said %q, want %q", got, tt.said)
			}
		})
	}
}

// said are the script's own words.
func said(output string) []string {
	var all []string
	for line := range strings.Lines(output) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "wattnut: "); ok {
			all = append(all, text)
		}
	}
	return all
}

// TestInstall lays the script where systemd looks for it, and with the rest only
// where that is the system's.
func TestInstall(t *testing.T) {
	dir := t.TempDir()
	run := func(words ...string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), testenv.Need(t, "make"), append(words, "DESTDIR="+dir)...)
		c.Dir = testenv.Root(t)
		said, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("make %q: %v\n%s", words, err, said)
		}
		return string(said)
	}
	run("install-hook")
	info, err := os.Stat(filepath.Join(dir, "usr/lib/systemd/system-shutdown/wattnut"))
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("hook: %v, %v", info, err)
	}
	for prefix, want := range map[string]bool{"/usr": true, "/usr/local": false} {
		if got := strings.Contains(run("-n", "install", "PREFIX="+prefix), "system-shutdown"); got != want {
			t.Errorf("make install PREFIX=%s lays the hook: %t", prefix, got)
		}
	}
}
