package systemd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

const examiner = "systemd-analyze" //nolint:misspell // systemd's word

// units are the units by their names, with a program in them that there is.
func units(t *testing.T) []string {
	t.Helper()
	var paths []string
	found, err := filepath.Glob("*.*")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range found {
		if ext := filepath.Ext(name); ext != ".service" && ext != ".socket" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "/usr/bin/wattnut", "/bin/true")), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	if len(paths) != 4 {
		t.Errorf("%d units", len(paths))
	}
	return paths
}

// TestVerify has systemd find nothing wrong.
func TestVerify(t *testing.T) {
	program := testenv.Need(t, examiner)
	c := exec.CommandContext(t.Context(), program, append([]string{"verify", "--man=no"}, units(t)...)...)
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestExposure holds the scores of docs/security.md, as the systemd of Debian 12
// reckons them: another may know of more.
func TestExposure(t *testing.T) {
	program := testenv.Need(t, examiner)
	if out, err := exec.CommandContext(t.Context(), program, "--version").Output(); err != nil || !strings.HasPrefix(string(out), "systemd 252 ") {
		t.Skipf("scores are of systemd 252: %s", out)
	}
	page, err := os.ReadFile(filepath.Join(testenv.Root(t), "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	level := regexp.MustCompile(`exposure level for (\S+): ([0-9.]+)`)
	for _, unit := range units(t) {
		if filepath.Ext(unit) != ".service" {
			continue
		}
		out, err := exec.CommandContext(t.Context(), program, "security", "--offline=true", unit).CombinedOutput()
		found := level.FindStringSubmatch(string(out))
		if err != nil || found == nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !strings.Contains(string(page), "| `"+found[1]+"` | "+found[2]+" |") {
			t.Errorf("docs/security.md does not say that the score of %s is %s", found[1], found[2])
		}
	}
}
