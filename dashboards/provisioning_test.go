package dashboards

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The examples for provisioning are what Grafana reads, and docs/dashboards.md
// names the same folder.
func TestProvisioning(t *testing.T) {
	var dashboards struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Type, Folder    string
			AllowUIUpdates        bool `yaml:"allowUiUpdates"`
			UpdateIntervalSeconds int  `yaml:"updateIntervalSeconds"`
			Options               struct{ Path string }
		}
	}
	read(t, "provisioning/wattnut.yaml", &dashboards)
	if len(dashboards.Providers) != 1 || dashboards.APIVersion != 1 {
		t.Fatalf("not one provider: %+v", dashboards)
	}
	p := dashboards.Providers[0]
	if p.Type != "file" || p.AllowUIUpdates {
		t.Errorf("they come from no files, or can be edited: %+v", p)
	}
	if page, err := os.ReadFile("../docs/dashboards.md"); err != nil || !strings.Contains(string(page), p.Options.Path) {
		t.Errorf("docs/dashboards.md has another folder than %s (%v)", p.Options.Path, err)
	}

	var sources struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []struct {
			Name, Type, Access, URL string
			IsDefault               bool              `yaml:"isDefault"`
			JSONData                map[string]string `yaml:"jsonData"`
		}
	}
	read(t, "provisioning/prometheus.yaml", &sources)
	if len(sources.Datasources) != 1 || sources.Datasources[0].Type != "prometheus" {
		t.Errorf("not one Prometheus: %+v", sources)
	}
}

// read decodes a file in which nothing may be that is not in v.
func read(t *testing.T, path string, v any) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
