package usbdev

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAccess asks as a user who may open nothing, which root is not: the test runs
// once more as nobody.
func TestAccess(t *testing.T) {
	i := Info{VendorID: 0x51d, ProductID: 2}
	if dir := os.Getenv("WATTNUT_TEST_ACCESS"); dir != "" {
		if err := access(i, filepath.Join(dir, "secret")); !errors.Is(err, ErrPermission) || !strings.Contains(err.Error(), "udev rules") {
			t.Errorf("secret: %v", err)
		}
		if err := access(i, filepath.Join(dir, "open")); err != nil {
			t.Errorf("open: %v", err)
		}
		return
	}
	if err := Access(Info{Bus: "999", Device: "999"}); err != nil {
		t.Errorf("gone: %v", err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can be nobody")
	}
	dir, err := os.MkdirTemp("/tmp", "wattaccess") //nolint:usetesting // nobody has to enter it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"secret": 0o600, "open": 0o666, "test": 0o755, ".": 0o755} {
		path := filepath.Join(dir, name)
		if name != "." {
			if err := os.WriteFile(path, program, mode); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	again := exec.CommandContext(t.Context(), filepath.Join(dir, "test"), "-test.run=^TestAccess$", "-test.v")
	again.Dir, again.Env = dir, []string{"WATTNUT_TEST_ACCESS=" + dir}
	again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := again.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}
