//go:build linux

package packaging_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut/conf"
)

// service is what this test looks at of one.
type service struct {
	Image   string
	Volumes []string
	Ports   []string
}

// TestCompose: each file that is mounted is there, each volume is declared, and
// nothing is open to other hosts.
func TestCompose(t *testing.T) {
	text, err := os.ReadFile("compose/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]service
		Volumes  map[string]any
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"wattnut", "prometheus", "alertmanager", "grafana"} {
		s, ok := file.Services[name]
		if !ok || s.Image == "" || strings.HasSuffix(s.Image, ":latest") && name != "wattnut" {
			t.Errorf("%s: image %q, there: %t", name, s.Image, ok)
		}
		for _, v := range s.Volumes {
			source, _, _ := strings.Cut(v, ":")
			if _, declared := file.Volumes[source]; declared {
				continue
			}
			if _, err := os.Stat(filepath.Join("compose", source)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s: port %s is open to all", name, p)
			}
		}
	}
}

// TestComposeFiles has Prometheus' own tool find its file good, with our rules
// where the containers have them, and the agent its configuration.
func TestComposeFiles(t *testing.T) {
	promtool := testenv.Need(t, "promtool")
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "wattnut"), 0o755); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		"compose/prometheus.yml": "prometheus.yml", "../alerts/rules.yml": "wattnut/rules.yml", "../alerts/thresholds.yml": "wattnut/thresholds.yml",
	} {
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, to), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), promtool, "check", "config", filepath.Join(dir, "prometheus.yml")).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("SUCCESS")) {
		t.Errorf("%v: %s", err, out)
	}
	// What the image says by its environment needs no upsd.conf.
	t.Setenv("WATTNUT_LISTEN", "0.0.0.0:3493")
	sound(t, "compose/conf")
}

// TestSamples: the configuration that the packages lay starts.
func TestSamples(t *testing.T) { sound(t, "etc") }

func sound(t *testing.T, dir string) {
	t.Helper()
	cfg, report := config.Load(config.Options{Dir: dir, All: true})
	agent.Check(cfg, all.Drivers(), report)
	for _, p := range report.Problems {
		if p.Severity >= conf.Error || !strings.Contains(p.Text, "everybody on this machine can read it") && !strings.Contains(p.Text, "does not exist") {
			t.Errorf("%s: %v", dir, p)
		}
	}
}
