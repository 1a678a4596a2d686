// Package alerts_test shows that the rules beside it are sound: that they load,
// that each alert is raised when it has to be and not when it must not, that
// each metric is one of ours, and what Alertmanager makes of it.
package alerts_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/internal/testenv"
)

// rule is an alerting or a recording rule.
type rule struct {
	Alert, Record, Expr string
	Labels, Annotations map[string]string
}

func load(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// rules are those of all files.
func rules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for _, file := range []string{"thresholds.yml", "rules.yml"} {
		var content struct{ Groups []struct{ Rules []rule } }
		load(t, file, &content)
		for _, g := range content.Groups {
			all = append(all, g.Rules...)
		}
	}
	return all
}

func TestPromtoolTakesTheRules(t *testing.T) {
	promtool(t, "check", "rules", "thresholds.yml", "rules.yml")
}

// Each case in testdata holds in Prometheus' own evaluation.
func TestCases(t *testing.T) {
	promtool(t, append([]string{"test", "rules"}, caseFiles(t)...)...)
}

func promtool(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), testenv.Need(t, "promtool"), args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %s: %v\n%s", args[0], err, out)
	}
}

func caseFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal("testdata has no cases", err)
	}
	return files
}

// Each alert has a case where it is raised and one where it is not, though
// something is there that it could mistake.
func TestEachAlertHasCases(t *testing.T) {
	raised, quiet := make(map[string]bool), make(map[string]bool)
	for _, file := range caseFiles(t) {
		var content struct {
			Tests []struct {
				Series []any `yaml:"input_series"`
				Cases  []struct {
					Alert string `yaml:"alertname"`
					Want  []any  `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		load(t, file, &content)
		for _, test := range content.Tests {
			for _, c := range test.Cases {
				raised[c.Alert] = raised[c.Alert] || len(c.Want) > 0
				quiet[c.Alert] = quiet[c.Alert] || len(c.Want) == 0 && len(test.Series) > 0
			}
		}
	}
	for _, r := range rules(t) {
		if r.Alert != "" && (!raised[r.Alert] || !quiet[r.Alert]) {
			t.Errorf("%s: a case where it is raised: %v; one where it is not: %v", r.Alert, raised[r.Alert], quiet[r.Alert])
		}
	}
}

// ordered are the alerts that this project promises.
const ordered = `UPSOnBattery UPSLowBattery UPSForcedShutdown UPSRuntimeShort UPSOverloaded UPSLoadHigh
	UPSReplaceBattery UPSBatteryOld UPSSelfTestFailed UPSBatteryNotCharging UPSRuntimeDegraded
	UPSInputVoltageOutOfRange UPSFrequentTransfers UPSOnBypass UPSOff UPSAlarm UPSTemperatureHigh UPSDataStale
	UPSDriverFlapping UPSAbsent UPSSecondaryMissing UPSShutdownPathBroken UPSExporterDown`

func TestEachAlertIsComplete(t *testing.T) {
	const pages = "https://github.com/wattnut/wattnut/blob/main/docs/runbooks/"
	overview, err := os.ReadFile(filepath.Join(testenv.Root(t), "docs", "alerting.md"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		if row := fmt.Sprintf("\n| [%[1]s](runbooks/%[1]s.md) | %[2]s | ", r.Alert, r.Labels["severity"]); !strings.Contains(string(overview), row) {
			t.Errorf("docs/alerting.md has no row %q", row)
		}
		names = append(names, r.Alert)
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("%s: severity %q", r.Alert, r.Labels["severity"])
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s: it does not say what is the matter", r.Alert)
		}
		if url := r.Annotations["runbook_url"]; url != pages+r.Alert+".md" {
			t.Errorf("%s: runbook_url %q", r.Alert, url)
		}
		page, err := os.ReadFile(filepath.Join(testenv.Root(t), "docs", "runbooks", r.Alert+".md"))
		if err != nil || !strings.HasPrefix(string(page), "# "+r.Alert+"\n") {
			t.Errorf("%s: its page: %v", r.Alert, err)
		}
	}
	want := strings.Fields(ordered)
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("alerts are\n%q, want\n%q", names, want)
	}
}

var (
	word   = regexp.MustCompile(`[A-Za-z_:][A-Za-z0-9_:]*`)
	quoted = regexp.MustCompile(`"[^"]*"`)
	named  = regexp.MustCompile(`"(nut_[a-z0-9_]+)"`)
)

// Each name in an expression is a metric that there is, or a rule that records
// it; and each number that is recorded is used.
func TestNamesInExpressions(t *testing.T) {
	known := metrics(t)
	used := make(map[string]bool)
	for _, r := range rules(t) {
		known[r.Record] = true
	}
	for _, r := range rules(t) {
		for _, name := range word.FindAllString(quoted.ReplaceAllString(r.Expr, ""), -1) {
			if strings.Contains(name, "nut_") && !known[name] {
				t.Errorf("%s%s: nothing is called %s", r.Alert, r.Record, name)
			}
			used[name] = true
		}
	}
	for _, r := range rules(t) {
		if r.Record != "" && !used[r.Record] {
			t.Errorf("%s: nobody uses it", r.Record)
		}
	}
}

// metrics are the names that the table has, and those of the agent about itself,
// which are in its sources.
func metrics(t *testing.T) map[string]bool {
	t.Helper()
	known := make(map[string]bool)
	for _, d := range collectors.Descs() {
		known[d.Name] = true
	}
	for _, r := range collectors.Table() {
		known[r.Desc.Name] = true
	}
	for _, dir := range []string{"cmd/wattnut", "exporter/prometheus"} {
		files, err := filepath.Glob(filepath.Join(testenv.Root(t), dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range named.FindAllStringSubmatch(string(text), -1) {
				known[m[1]] = true
			}
		}
	}
	return known
}
