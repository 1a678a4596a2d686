package dashboards

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

// asked is a query of a dashboard.
type asked struct {
	where, expr string
	instant     bool
}

// Each query of each panel has data in the distribution's Prometheus when it
// scrapes the demo; the outages that are marked are those of the demo, of which
// the first is 20 s after its start.
func TestPanelsHaveData(t *testing.T) {
	prometheus := startPrometheus(t, testenv.Need(t, "prometheus"), startDemo(t))
	var open []asked
	for name, m := range models(t) {
		for _, a := range m.Annotations.List {
			open = append(open, asked{name + ": outages", a.Expr, false})
		}
		for _, p := range m.Panels {
			for _, q := range p.Targets {
				open = append(open, asked{name + ": " + p.Title + " " + q.RefID, q.Expr, q.Instant})
			}
		}
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	end := time.After(2 * time.Minute)
	for len(open) > 0 {
		select {
		case <-tick.C:
			open = slices.DeleteFunc(open, func(q asked) bool { return prometheus.hasData(q) == nil })
		case <-end:
			for _, q := range open {
				t.Errorf("%s: %v", q.where, prometheus.hasData(q))
			}
			return
		}
	}
}

// startDemo runs "wattnut demo", with something asked of its server, and returns
// the address of its pages.
func startDemo(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "wattnut")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/wattnut")
	build.Dir = testenv.Root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	server, pages := "127.0.0.1:"+nuttest.FreePort(t), "127.0.0.1:"+nuttest.FreePort(t)
	demo := exec.CommandContext(t.Context(), program, "demo")
	demo.Env = []string{
		"HOME=" + dir, "TMPDIR=" + dir, "WATTNUT_LISTEN=" + server, "WATTNUT_WEB_LISTEN=" + pages,
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector(t), "OTEL_METRIC_EXPORT_INTERVAL=1000",
	}
	start(t, demo)
	nuttest.Await(t, func() error { return ask(server) })
	return pages
}

// collector takes what is sent to it by OTLP over HTTP, and returns its address. An
// empty answer is one without complaints.
func collector(t *testing.T) string {
	t.Helper()
	c := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(c.Close)
	return c.URL
}

// ask has the server count requests, and a client that stays a while.
func ask(server string) error {
	conn, err := net.DialTimeout("tcp", server, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "VER\nGET VAR home ups.status\nLOGOUT\n"); err != nil {
		return err
	}
	_, err = io.ReadAll(conn)
	return err
}

// start runs a program until the test ends.
func start(t *testing.T, c *exec.Cmd) {
	t.Helper()
	var said strings.Builder
	c.Stdout, c.Stderr = &said, &said
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 5 * time.Second
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Wait(); t.Failed() {
			t.Logf("%s: %v\n%s", c.Path, err, said.String())
		}
	})
}

// server is a Prometheus.
type server struct{ url string }

// startPrometheus runs one that scrapes the demo, as itself and as DRuggeri's
// exporter, and a host that a UPS feeds: Prometheus' own.
func startPrometheus(t *testing.T, program, demo string) server {
	t.Helper()
	dir, own := nuttest.ShortDir(t), "127.0.0.1:"+nuttest.FreePort(t)
	config := fmt.Sprintf(`
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: nut
    static_configs: [{targets: [%q]}]
  - job_name: druggeri
    metrics_path: /ups_metrics
    params: {variables: [""]}
    static_configs: [{targets: [%q]}]
  - job_name: node
    static_configs: [{targets: [%q], labels: {ups: home}}]
`, demo, demo, own)
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, exec.CommandContext(t.Context(), program, "--config.file="+file,
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+own))
	return server{"http://" + own}
}

// hasData asks for an expression as a panel does, for now or for the last minutes,
// with intervals that are right for scrapes by the second.
func (s server) hasData(q asked) error {
	expr := filled(strings.NewReplacer("$__rate_interval", "10s", ":1m]", ":2s]").Replace(q.expr))
	now := time.Now()
	path, values := "query", url.Values{"query": {expr}}
	if !q.instant {
		path = "query_range"
		values.Set("start", strconv.FormatInt(now.Add(-5*time.Minute).Unix(), 10))
		values.Set("end", strconv.FormatInt(now.Unix(), 10))
		values.Set("step", "2")
	}
	answer, err := http.Get(s.url + "/api/v1/" + path + "?" + values.Encode())
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var got struct {
		Error string
		Data  struct{ Result []json.RawMessage }
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 10<<20)).Decode(&got); err != nil {
		return err
	}
	if got.Error != "" || len(got.Data.Result) == 0 {
		return fmt.Errorf("no data %s: %s", got.Error, expr)
	}
	return nil
}
