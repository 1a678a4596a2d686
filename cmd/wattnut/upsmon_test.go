package main

import (
	"os"
	"os/user"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut/client"
)

// outage is a real upsd with UPSes that a test can play with.
func outage(t *testing.T) *nuttest.UPSD {
	t.Helper()
	const dev = "ups.status: OL\nbattery.charge: 100\nbattery.charge.low: 20\n"
	return nuttest.StartUPSD(t, nuttest.Config{
		Devices: []nuttest.Device{{Name: "outage", Dev: dev}, {Name: "second", Dev: dev}, {Name: "third", Dev: dev}},
		Users: "[mon]\npassword = monpw\nupsmon primary\n[second]\npassword = secondpw\nupsmon secondary\n" +
			"[admin]\npassword = adminpw\nactions = SET\n",
	})
}

// TestUpsmonScript runs upsmon as a person and a distribution's scripts do,
// against the distribution's upsd at $SERVER.
func TestUpsmonScript(t *testing.T) {
	u := outage(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "upsmon"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("SERVER", u.Addr)
			e.Setenv("NUT_PIDPATH", e.WorkDir)
			e.Setenv("ME", me.Username)
			e.Setenv("PORT", nuttest.FreePort(t))
			left := daemon.PIDFile(filepath.Join(e.WorkDir, "upsmon.pid"))
			e.Defer(func() { left.Signal(syscall.SIGTERM) }) // of a script that failed
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await": scriptAwait, "gone": scriptGone, "expand": scriptExpand,
		},
	})
}

// scriptExpand copies a file and fills in the script's variables: expand FROM TO.
func scriptExpand(ts *testscript.TestScript, _ bool, args []string) {
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

func TestServed(t *testing.T) {
	for _, tt := range []struct {
		listen, ups string
		want        bool
	}{
		{"127.0.0.1", "a@localhost", true},
		{"::1", "a", true},
		{"*", "a@[::1]", true},
		{"0.0.0.0", "a@127.0.0.1:3493", true},
		{"0.0.0.0", "a@127.0.0.1:3494", false},
		{"0.0.0.0", "a@192.0.2.1", false},
		{"192.0.2.1", "a@192.0.2.1", true},
		{"192.0.2.1", "a@localhost", false},
		{"localhost", "a@127.0.0.1", true},
	} {
		target, err := client.ParseTarget(tt.ups)
		if err != nil {
			t.Fatal(err)
		}
		if got := served([]config.Listen{{Host: tt.listen, Port: "3493"}})(target); got != tt.want {
			t.Errorf("LISTEN %s, MONITOR %s: %v", tt.listen, tt.ups, got)
		}
	}
}
