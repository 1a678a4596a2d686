//go:build linux

package packaging_test

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

// image is what packaging/oci/Dockerfile makes, put together without Docker.
type image struct {
	root       string
	env        []string
	entrypoint []string
	cmd        []string
	health     []string
	user       string
}

// build carries out the last stage of the Dockerfile.
func build(t *testing.T, binary string) image {
	t.Helper()
	root := testenv.Root(t)
	text, err := os.ReadFile(filepath.Join(root, "packaging", "oci", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	_, last, found := strings.Cut(string(text), "FROM scratch\n")
	if !found {
		t.Fatal("the image is not from scratch")
	}
	made := image{root: t.TempDir()}
	for line := range strings.Lines(last) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "", "#", "ARG", "VOLUME", "EXPOSE":
		case "COPY":
			made.copy(t, root, binary, strings.Fields(rest))
		case "ENV":
			made.env = append(made.env, strings.Fields(rest)...)
		case "USER":
			made.user = rest
		case "ENTRYPOINT":
			made.entrypoint = list(t, rest)
		case "CMD":
			made.cmd = list(t, rest)
		case "HEALTHCHECK":
			_, command, _ := strings.Cut(rest, "CMD ")
			made.health = list(t, command)
		default:
			if !strings.HasPrefix(word, "#") {
				t.Errorf("the Dockerfile has %s, which this test does not know", word)
			}
		}
	}
	return made
}

func list(t *testing.T, text string) (words []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &words); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return words
}

// copy is COPY. What comes from another stage is the authorities, and taken from
// this machine.
func (i image) copy(t *testing.T, root, binary string, words []string) {
	t.Helper()
	from, owner := "", false
	for strings.HasPrefix(words[0], "--") {
		from, owner = from+words[0], owner || strings.HasPrefix(words[0], "--chown=65532")
		words = words[1:]
	}
	source, target := filepath.Join(root, words[0]), filepath.Join(i.root, words[1])
	switch {
	case strings.Contains(from, "--from="):
		source = words[0]
	case strings.HasPrefix(words[0], "$TARGETPLATFORM/"):
		source = binary
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(source)
	if err != nil {
		t.Fatalf("COPY %s: %v", words[0], err)
	}
	if info.IsDir() {
		err = os.CopyFS(target, os.DirFS(source))
	} else {
		err = copyFile(source, target, info.Mode())
	}
	if err == nil && owner {
		err = os.Chown(target, 65532, 65532)
	}
	if err != nil {
		t.Fatalf("COPY %s: %v", words[0], err)
	}
}

func copyFile(source, target string, mode os.FileMode) error {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}

// command is a program inside, as the image's user.
func (i image) command(t *testing.T, env []string, words []string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), words[0], words[1:]...)
	c.Err = nil // it is looked for inside
	c.Dir, c.Env = "/", append(append([]string{"PATH=/usr/bin"}, i.env...), env...)
	c.SysProcAttr = &syscall.SysProcAttr{Chroot: i.root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	return c
}

// TestImage runs what the image holds: the agent with nothing but a UPS by the
// environment, as nobody's user, and the health check, before and while it runs.
func TestImage(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: chroot")
	}
	binary := filepath.Join(t.TempDir(), "wattnut")
	c := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/wattnut")
	c.Dir, c.Env = testenv.Root(t), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	i := build(t, binary)
	if i.user != "65532:65532" || len(i.entrypoint) == 0 || len(i.health) == 0 {
		t.Errorf("user %s, entry point %q, health check %q", i.user, i.entrypoint, i.health)
	}
	if err := os.Chmod(i.root, 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{"WATTNUT_LISTEN=127.0.0.1:" + nuttest.FreePort(t), "WATTNUT_WEB_LISTEN=127.0.0.1:" + nuttest.FreePort(t), "WATTNUT_UPS_desk=driver=simulator port=none"}
	if err := i.command(t, env, i.health).Run(); err == nil {
		t.Error("healthy without an agent")
	}
	agent := i.command(t, env, append(i.entrypoint, i.cmd...))
	agent.Stderr = t.Output()
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	nuttest.Await(t, func() error { return i.command(t, env, i.health).Run() })
	if _, err := os.Stat(filepath.Join(i.root, "var/lib/wattnut/history.db")); err != nil {
		t.Errorf("the history is not kept: %v", err)
	}
	if err := agent.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := agent.Wait(); err != nil {
		t.Errorf("told to end, it ends with %v", err)
	}
}
