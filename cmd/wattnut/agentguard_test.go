//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/nuttest"
)

// TestAgentGuard has an agent split only where root started it to watch and to
// end this host.
func TestAgentGuard(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: only root's agent is split")
	}
	const good = "MONITOR a 1 u p primary\nSHUTDOWNCMD /bin/true\nRUN_AS_USER nobody\n"
	for _, tt := range []struct {
		name, upsmon, watch string
		split, endIfLost    bool
		user                string
	}{
		{"all is there", good, "", true, true, "nobody"},
		{"not to end if lost", good + "SHUTDOWN_IF_LOST no\n", "", true, false, "nobody"},
		{"by the login manager", "MONITOR a 1 u p primary\nSHUTDOWN_BY LOGIND\n", "", true, true, watcher("")},
		{"no upsmon.conf", "", "", false, false, ""},
		{"no MONITOR", "SHUTDOWNCMD /bin/true\n", "", false, false, ""},
		{"no SHUTDOWNCMD", "MONITOR a 1 u p primary\n", "", false, false, ""},
		{"in a container", good + "SHUTDOWN_BY EXIT\n", "", false, false, ""},
		{"too few supplies", good + "MINSUPPLIES 2\n", "", false, false, ""},
		{"left to upsmon", good, "no", false, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"ups.conf": "[a]\ndriver = simulator\nport = none\n", "upsmon.conf": tt.upsmon} {
				if text == "" {
					continue
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("NUT_PIDPATH", dir)
			t.Setenv("NUT_STATEPATH", filepath.Join(dir, "state"))
			t.Setenv("WATTNUT_UPSMON", tt.watch)
			g := agentGuard(call{stderr: t.Output()}, func() (*config.Config, *config.Report) { return config.Load(config.Options{Dir: dir}) })
			if (g != nil) != tt.split {
				t.Fatalf("split: %t", g != nil)
			}
			if g != nil && (g.EndIfLost != tt.endIfLost || g.User != tt.user) {
				t.Errorf("EndIfLost %t, user %q", g.EndIfLost, g.User)
			}
		})
	}
}

// TestMakeStateFor has the folder of the state be the user's, unless it is there.
func TestMakeStateFor(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: only root makes folders for others")
	}
	dir := t.TempDir()
	t.Setenv("WATTNUT_STATE_DIR", "")
	for _, tt := range []struct {
		dir, by string
		nobodys bool
		passed  string
	}{
		{filepath.Join(dir, "new", "state"), "built-in", true, filepath.Join(dir, "new", "state")},
		{dir, "ups.conf", false, ""},
	} {
		t.Setenv("WATTNUT_STATE_DIR", "")
		if err := makeStateFor(&config.Config{StateDir: tt.dir, StateBy: tt.by}, "nobody"); err != nil {
			t.Error(err)
		}
		info, err := os.Stat(tt.dir)
		if err != nil {
			t.Fatal(err)
		}
		if owner := info.Sys().(*syscall.Stat_t).Uid; (owner != 0) != tt.nobodys {
			t.Errorf("%s is user %d's", tt.dir, owner)
		}
		if got := os.Getenv("WATTNUT_STATE_DIR"); got != tt.passed {
			t.Errorf("told to the agent: %q", got)
		}
	}
}

// TestAgentGuardScript runs agents that root starts, in a folder that everybody
// may go to.
func TestAgentGuardScript(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: only root can run an agent as another user")
	}
	root := nuttest.ShortDir(t)
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "guard"), WorkdirRoot: root,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NUT_PIDPATH", e.WorkDir)
			e.Setenv("PORT", nuttest.FreePort(t))
			left := daemon.PIDFile(filepath.Join(e.WorkDir, "upsmon.pid"))
			e.Defer(func() { left.Signal(syscall.SIGTERM) }) // of a script that failed
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"await": scriptAwait, "expand": scriptExpand},
	})
}
