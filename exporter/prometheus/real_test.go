package prometheus_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/exporter/probe"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

// example returns the block of docs/exporter.md that begins with a word.
func example(t *testing.T, begin string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testenv.Root(t), "docs", "exporter.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(text), "```yaml\n"+begin)
	block, _, ended := strings.Cut(block, "```")
	if !found || !ended {
		t.Fatalf("docs/exporter.md has no %s", begin)
	}
	return begin + block
}

func TestDocumentedFileOfTargets(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "nas.password"), []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err := probe.Parse([]byte(example(t, "targets:")), dir); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
}

// The distribution's Prometheus, configured as docs/exporter.md says, finds and
// scrapes the agent, the other servers, and the hosts with their UPS.
func TestRealPrometheus(t *testing.T) {
	program := testenv.Need(t, "prometheus")
	s := newSite(t, fleet{rack()})
	logins := func(ups string) []string { return []string{"::1"} }
	mux := http.NewServeMux()
	mux.Handle("/sd", s.Discovery(logins))
	mux.Handle("/probe", s.Probe())
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page(t, s.Local.(fleet))) })
	web := httptest.NewServer(mux)
	defer web.Close()
	dir := nuttest.ShortDir(t)
	config := strings.ReplaceAll(example(t, "scrape_configs:"), "localhost:9199", strings.TrimPrefix(web.URL, "http://"))
	config = "global: {scrape_interval: 300ms, scrape_timeout: 300ms}\n" + config
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	port := nuttest.FreePort(t)
	cmd := exec.CommandContext(t.Context(), program, "--config.file="+file, "--storage.tsdb.path="+dir, "--web.listen-address=127.0.0.1:"+port, "--log.level=error")
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Log(output.String())
		}
	})
	for query, want := range map[string][]string{
		`nut_ups_up{job="nut"}`: {
			"nut_ups_up instance=" + strings.TrimPrefix(web.URL, "http://") + " job=nut ups=rack",
			"nut_ups_up instance=$T job=nut site=cellar ups=far", "nut_ups_up instance=$T job=nut site=cellar ups=old",
		},
		`up{job="node"}`:                {"up instance=127.0.0.1:9100 job=node ups=rack"},
		`nut_battery_charge_ratio==.42`: {"nut_battery_charge_ratio instance=$T job=nut site=cellar ups=far"},
	} {
		nuttest.Await(t, func() error {
			got, err := series("http://127.0.0.1:"+port, query)
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], s.odd.Addr, "$T")
			}
			slices.Sort(got)
			slices.Sort(want)
			if err == nil && !slices.Equal(got, want) {
				err = fmt.Errorf("%s is %q, want %q", query, got, want)
			}
			return err
		})
	}
}

// series asks Prometheus, and returns "name label=value ..." of what it has.
func series(server, query string) ([]string, error) {
	answer, err := http.Get(server + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var result struct {
		Data struct {
			Result []struct{ Metric map[string]string }
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&result); err != nil {
		return nil, err
	}
	var all []string
	for _, r := range result.Data.Result {
		line := r.Metric["__name__"]
		for _, name := range []string{"instance", "job", "site", "ups"} {
			if value := r.Metric[name]; value != "" {
				line += " " + name + "=" + value
			}
		}
		all = append(all, line)
	}
	return all, nil
}
