package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/nuttest"
)

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
