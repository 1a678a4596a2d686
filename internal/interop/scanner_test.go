package interop

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

// burrow is a network namespace with nothing but a loopback, where the ports that
// the protocols have by themselves are free.
type burrow struct {
	*testing.T

	enter []string // what runs a program in there
}

func newBurrow(t *testing.T) *burrow {
	t.Helper()
	ip := testenv.Need(t, "ip")
	if os.Geteuid() != 0 {
		t.Skip("network namespaces are made by root only")
	}
	name := fmt.Sprintf("wattscan%d%.4s", os.Getpid(), strings.TrimPrefix(t.Name(), "TestScanner"))
	for _, args := range [][]string{{"netns", "add", name}, {"-n", name, "link", "set", "lo", "up"}} {
		if out, err := exec.CommandContext(t.Context(), ip, args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %q: %v: %s", args, err, out)
		}
	}
	t.Cleanup(func() { exec.CommandContext(context.Background(), ip, "netns", "del", name).Run() })
	return &burrow{t, []string{ip, "netns", "exec", name}}
}

func (b *burrow) command(program string, args ...string) *exec.Cmd {
	words := append(append(b.enter[1:], program), args...)
	return exec.CommandContext(b.Context(), b.enter[0], words...)
}

// start runs a program until the test ends.
func (b *burrow) start(cmd *exec.Cmd) {
	b.Helper()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
}

// scan is what a nut-scanner finds, a line a device.
func (b *burrow) scan(program string, args ...string) []string {
	b.Helper()
	cmd := b.command(program, append([]string{"-q", "-P", "-t", "2"}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%q: %v", cmd.Args, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// TestScannerSNMP has both programs look at the same simulated devices.
func TestScannerSNMP(t *testing.T) {
	t.Parallel()
	theirs, simulator := testenv.Need(t, "nut-scanner"), testenv.Need(t, "snmpsimd")
	b := newBurrow(t)
	// snmpsimd gives root's rights up, and has to read and write all the same.
	dir, err := os.MkdirTemp("/tmp", "wattsnmp") //nolint:usetesting // others may enter it, unlike those of tests
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, sub := range []string{dir, filepath.Join(dir, "cache")} {
		os.Mkdir(sub, 0o777)
		os.Chmod(sub, 0o777) //nolint:gosec // as above
	}
	devices := []string{"ietf", "apc", "mge", "cyberpower", "eaton-epdu", "huawei"}
	for _, name := range devices {
		data, err := os.ReadFile(filepath.Join(testenv.Root(t), "drivers", "snmp", "testdata", name+".snmprec"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".snmprec"), data, 0o644); err != nil { //nolint:gosec // as above
			t.Fatal(err)
		}
	}
	b.start(b.command(simulator, "--data-dir="+dir, "--cache-dir="+filepath.Join(dir, "cache"), "--agent-udpv4-endpoint=127.0.0.1:161",
		"--process-user=nobody", "--process-group=nogroup"))
	nuttest.Await(t, func() error {
		if found := b.scan(ours("nut-scanner"), "-S", "-s", "127.0.0.1", "-c", "ietf"); found[0] == "" {
			return fmt.Errorf("nothing answers yet")
		}
		return nil
	})
	for _, name := range devices {
		args := []string{"-S", "-s", "127.0.0.1", "-e", "127.0.0.2", "-c", name}
		want, got := b.scan(theirs, args...), b.scan(ours("nut-scanner"), args...)
		if len(want) != 1 || len(got) != 1 || withoutDesc(got[0]) != withoutDesc(want[0]) || !strings.Contains(got[0], `,mibs="`) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, want)
		}
	}
}

// withoutDesc leaves the text for people out: ours has the maker before the model.
func withoutDesc(line string) string {
	before, rest, _ := strings.Cut(line, `,desc="`)
	_, after, _ := strings.Cut(rest, `"`)
	return before + after
}

// TestScannerServers has both look for the UPSes of a server.
func TestScannerServers(t *testing.T) {
	t.Parallel()
	theirs := testenv.Need(t, "nut-scanner")
	b := newBurrow(t)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ups.conf": "[one]\ndriver=dummy-ups\nport=x.dev\n[two]\ndriver=dummy-ups\nport=x.dev\n", "x.dev": "ups.status: OL\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	agent := b.command(filepath.Join(binaries, "wattnut"), "agent", "--config-dir", dir)
	agent.Env = append(os.Environ(), "WATTNUT_STATE_DIR="+filepath.Join(dir, "state"), "WATTNUT_LISTEN=127.0.0.1:3493", "WATTNUT_WEB_LISTEN=")
	b.start(agent)
	var got []string
	nuttest.Await(t, func() error {
		if got = b.scan(ours("nut-scanner"), "-O", "-m", "127.0.0.1/32"); len(got) != 2 {
			return fmt.Errorf("%q", got)
		}
		return nil
	})
	want := b.scan(theirs, "-O", "-m", "127.0.0.1/32")
	for i := range want {
		// The driver that 2.8.0 names does not exist.
		want[i] = strings.Replace(want[i], `"nutclient"`, `"dummy-ups"`, 1)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
