package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/nuttest"
)

// TestScripts runs the programs as a person does, against the distribution's
// upsd at $SERVER.
func TestScripts(t *testing.T) {
	u := nuttest.StartUPSD(t, nuttest.Config{Devices: compareDevices(), Users: compareUsers})
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("SERVER", u.Addr)
			_, port, err := net.SplitHostPort(u.Addr)
			e.Setenv("PORT", port)
			e.Setenv("NUT_PIDPATH", e.WorkDir)
			left := daemon.PIDFile(filepath.Join(e.WorkDir, "upslog.pid"))
			e.Defer(func() { left.Signal(syscall.SIGTERM) }) // of a script that failed
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await": scriptAwait, "gone": scriptGone, "signal": scriptSignal,
		},
	})
}

// scriptAwait waits until a file has that many lines: await FILE LINES.
func scriptAwait(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	nuttest.Await(ts, func() error {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		if n := bytes.Count(data, []byte("\n")); err == nil && n != want {
			err = fmt.Errorf("%s has %d lines, not %d", args[0], n, want)
		}
		return err
	})
}

// scriptGone waits until a file is no more: gone FILE.
func scriptGone(ts *testscript.TestScript, _ bool, args []string) {
	nuttest.Await(ts, func() error {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return fmt.Errorf("%s is still there", args[0])
		}
		return nil
	})
}

// scriptSignal sends a signal: signal PIDFILE NAME.
func scriptSignal(ts *testscript.TestScript, _ bool, args []string) {
	signals := map[string]syscall.Signal{"HUP": syscall.SIGHUP, "USR1": reloadOrExit, "TERM": syscall.SIGTERM}
	ts.Check(daemon.PIDFile(ts.MkAbs(args[0])).Signal(signals[args[1]]))
}
