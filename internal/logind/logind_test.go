package logind_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/wattnut/wattnut/internal/logind"
	"github.com/wattnut/wattnut/internal/testenv"
)

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=SOCKET</listen>
  <policy context="default"><allow user="*"/>POLICY</policy>
</busconfig>`

// open is a policy under which a bus delivers everything.
const open = `<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>`

// bus starts a message bus, which is the system's for this test.
func bus(t *testing.T, policy string) {
	t.Helper()
	daemon := testenv.Need(t, "dbus-daemon")
	dir := t.TempDir()
	socket, config := filepath.Join(dir, "bus"), filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, []byte(strings.NewReplacer("SOCKET", socket, "POLICY", policy).Replace(busConfig)), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), daemon, "--config-file="+config, "--nofork", "--print-address=1")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	if _, err := out.Read(make([]byte, 1)); err != nil { // its address, once it listens
		t.Fatal(err)
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+socket)
}

// manager plays the login manager.
type manager struct {
	can     string
	refuse  *dbus.Error
	ordered chan bool
}

func (m *manager) CanPowerOff() (string, *dbus.Error) { return m.can, m.refuse }

func (m *manager) PowerOff(interactive bool) *dbus.Error {
	if m.refuse == nil {
		m.ordered <- interactive
	}
	return m.refuse
}

func (m *manager) serve(t *testing.T) {
	t.Helper()
	conn, err := dbus.ConnectSystemBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.Export(m, "/org/freedesktop/login1", "org.freedesktop.login1.Manager"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName("org.freedesktop.login1", 0); err != nil {
		t.Fatal(err)
	}
}

func TestPowerOff(t *testing.T) {
	bus(t, open)
	m := &manager{can: "yes", ordered: make(chan bool, 1)}
	m.serve(t)
	if can, err := logind.CanPowerOff(t.Context()); can != "yes" || err != nil {
		t.Errorf("can %q, %v", can, err)
	}
	if err := logind.PowerOff(t.Context()); err != nil {
		t.Fatal(err)
	}
	if interactive := <-m.ordered; interactive {
		t.Error("somebody was to be asked")
	}
}

func TestRefused(t *testing.T) {
	bus(t, open)
	if err := logind.PowerOff(t.Context()); err == nil || !strings.Contains(err.Error(), "logind PowerOff: ") {
		t.Errorf("nobody there: %v", err)
	}
	m := &manager{refuse: dbus.NewError("org.freedesktop.DBus.Error.AccessDenied", []any{"not you"})}
	m.serve(t)
	if err := logind.PowerOff(t.Context()); err == nil || err.Error() != "logind PowerOff: not you" {
		t.Errorf("got %v", err)
	}
	if can, err := logind.CanPowerOff(t.Context()); err == nil {
		t.Errorf("got %q", can)
	}
}

func TestNoBus(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	if err := logind.PowerOff(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "system bus: ") {
		t.Errorf("got %v", err)
	}
}

// TestDeafBus greets a bus that is not allowed to greet back.
func TestDeafBus(t *testing.T) {
	bus(t, `<allow send_destination="*"/>`)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := logind.PowerOff(ctx); err == nil {
		t.Error("ordered without an answer")
	}
}

func TestSilentBus(t *testing.T) {
	path := t.TempDir() + "/bus"
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+path)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := logind.PowerOff(ctx); err == nil {
		t.Error("a bus that says nothing has answered")
	}
}
