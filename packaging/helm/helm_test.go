package helm_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	yamlutil "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

const folder = "wattnut"

func load(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// everything turns on all that the chart has.
const everything = `
agents: {shutdown: true, existingSecret: passwords, environment: {WATTNUT_LOG_LEVEL: debug}}
gateway: {enabled: true, existingSecret: probes, targets: [{target: "192.0.2.7:3493", ups: [rack]}, {target: nas.example.org}]}
serviceMonitor: {enabled: true, labels: {release: prometheus}}
prometheusRule: {enabled: true, labels: {release: prometheus}}
dashboards: {enabled: true}
imagePullSecrets: [{name: mine}]
image: {tag: "1.2.3"}
`

// object is what was rendered, decoded strictly into its type.
type object struct {
	kind, name string
	typed      any
}

// render renders the chart with values over its own.
func render(t *testing.T, values string) []object {
	t.Helper()
	given, err := chartutil.ReadValues([]byte(values))
	if err != nil {
		t.Fatal(err)
	}
	c := load(t)
	all, err := chartutil.ToRenderValues(c, given, chartutil.ReleaseOptions{Name: "ups", Namespace: "power", IsInstall: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Render(c, all)
	if err != nil {
		t.Fatal(err)
	}
	var objects []object
	for name, text := range files {
		if strings.HasSuffix(name, ".yaml") {
			objects = append(objects, decode(t, name, text)...)
		}
	}
	slices.SortFunc(objects, func(a, b object) int { return strings.Compare(a.kind+a.name, b.kind+b.name) })
	return objects
}

func decode(t *testing.T, file, text string) []object {
	t.Helper()
	types := map[string]func() any{
		"v1 ConfigMap":       func() any { return new(core.ConfigMap) },
		"v1 Service":         func() any { return new(core.Service) },
		"apps/v1 DaemonSet":  func() any { return new(apps.DaemonSet) },
		"apps/v1 Deployment": func() any { return new(apps.Deployment) },
		"monitoring.coreos.com/v1 ServiceMonitor": func() any { return new(monitoring.ServiceMonitor) },
		"monitoring.coreos.com/v1 PrometheusRule": func() any { return new(monitoring.PrometheusRule) },
	}
	var objects []object
	for r := yamlutil.NewDocumentDecoder(io.NopCloser(strings.NewReader(text))); ; {
		buffer := make([]byte, 4<<20)
		n, err := r.Read(buffer)
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		document := bytes.TrimSpace(buffer[:n])
		if len(document) == 0 || string(document) == "---" {
			continue
		}
		var head struct {
			APIVersion, Kind string
			Metadata         struct{ Name string }
		}
		if err := yaml.Unmarshal(document, &head); err != nil {
			t.Fatalf("%s: %v\n%s", file, err, document)
		}
		if head.Kind == "" {
			continue
		}
		empty, ok := types[head.APIVersion+" "+head.Kind]
		if !ok {
			t.Fatalf("%s: %s %s is not checked", file, head.APIVersion, head.Kind)
		}
		typed := empty()
		if err := yaml.UnmarshalStrict(document, typed); err != nil {
			t.Errorf("%s: %s %s: %v", file, head.Kind, head.Metadata.Name, err)
		}
		objects = append(objects, object{head.Kind, head.Metadata.Name, typed})
	}
}

func names(objects []object) []string {
	var all []string
	for _, o := range objects {
		all = append(all, o.kind+" "+o.name)
	}
	return all
}

// TestRender: what is there by default, and when all is asked for.
func TestRender(t *testing.T) {
	for _, tt := range []struct {
		values string
		want   []string
	}{
		{"", []string{"ConfigMap ups-wattnut-agents", "DaemonSet ups-wattnut-agents", "Service ups-wattnut-agent"}},
		{"agents: {enabled: false}", nil},
		{"{agents: {enabled: false}, gateway: {enabled: true}}", []string{"ConfigMap ups-wattnut-gateway", "Deployment ups-wattnut-gateway", "Service ups-wattnut-gateway"}},
	} {
		if got := names(render(t, tt.values)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", tt.values, got)
		}
	}
}

// TestEverything checks what all of it says, beyond that it is of its types.
func TestEverything(t *testing.T) {
	count := make(map[string]int)
	for _, o := range render(t, everything) {
		count[o.kind]++
		switch v := o.typed.(type) {
		case *apps.DaemonSet:
			pod := v.Spec.Template.Spec
			if pod.Containers[0].Image != "ghcr.io/wattnut/wattnut:1.2.3" || !pod.HostNetwork || pod.NodeSelector["wattnut/ups"] != "true" {
				t.Errorf("agents: %+v", pod)
			}
			mounted(t, o.name, pod)
			selected(t, o.name, v.Spec.Selector.MatchLabels, v.Spec.Template.Labels)
		case *apps.Deployment:
			pod := v.Spec.Template.Spec
			if c := pod.Containers[0].SecurityContext; !*pod.SecurityContext.RunAsNonRoot || *c.AllowPrivilegeEscalation || !*c.ReadOnlyRootFilesystem {
				t.Errorf("gateway has rights: %+v", c)
			}
			mounted(t, o.name, pod)
			selected(t, o.name, v.Spec.Selector.MatchLabels, v.Spec.Template.Labels)
		case *core.ConfigMap:
			if probes, ok := v.Data["probe.yml"]; ok {
				var file struct{ Targets []struct{ Target string } }
				if err := yaml.Unmarshal([]byte(probes), &file); err != nil || len(file.Targets) != 2 || file.Targets[0].Target != "192.0.2.7:3493" {
					t.Errorf("probe.yml: %v\n%s", err, probes)
				}
			}
		case *monitoring.PrometheusRule:
			rules := 0
			for _, g := range v.Spec.Groups {
				rules += len(g.Rules)
			}
			if rules < 20 || v.Labels["release"] != "prometheus" {
				t.Errorf("%d rules, labels %v", rules, v.Labels)
			}
		}
	}
	boards, err := filepath.Glob("../../dashboards/*.json")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"ConfigMap": 2 + len(boards), "DaemonSet": 1, "Deployment": 1, "PrometheusRule": 1, "Service": 2, "ServiceMonitor": 3}
	if fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", count, want)
	}
}

// mounted wants each mount to be of a volume that there is, and each volume
// mounted.
func mounted(t *testing.T, name string, pod core.PodSpec) {
	t.Helper()
	var volumes, mounts []string
	for _, v := range pod.Volumes {
		volumes = append(volumes, v.Name)
	}
	for _, m := range pod.Containers[0].VolumeMounts {
		mounts = append(mounts, m.Name)
	}
	slices.Sort(volumes)
	slices.Sort(mounts)
	if !slices.Equal(volumes, mounts) {
		t.Errorf("%s has volumes %q and mounts %q", name, volumes, mounts)
	}
}

func selected(t *testing.T, name string, selector, labels map[string]string) {
	t.Helper()
	for k, v := range selector {
		if labels[k] != v {
			t.Errorf("%s does not select its own pods: %s is %q", name, k, labels[k])
		}
	}
}

// TestStrict: the check is one.
func TestStrict(t *testing.T) {
	if err := yaml.UnmarshalStrict([]byte("spec: {replicaz: 1}"), new(apps.Deployment)); err == nil {
		t.Error("a field that there is not is decoded")
	}
}

func TestLint(t *testing.T) {
	values, err := chartutil.ReadValues([]byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range lint.All(folder, values, "power", true).Messages {
		if m.Severity >= support.WarningSev {
			t.Error(m.Error())
		}
	}
}

// TestFiles: what the chart brings is what the project has.
func TestFiles(t *testing.T) {
	for file, from := range map[string]string{"rules.yml": "alerts", "thresholds.yml": "alerts", "ups.json": "dashboards", "fleet.json": "dashboards"} {
		got, err := os.ReadFile(filepath.Join(folder, "files", file))
		want, err2 := os.ReadFile(filepath.Join("..", "..", from, file))
		if err != nil || err2 != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v, %v", file, err, err2)
		}
	}
}
