package alerts_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

func TestAmtoolTakesTheConfiguration(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), testenv.Need(t, "amtool"), "check-config", "alertmanager.yml").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

var (
	matched = regexp.MustCompile(`alertname=~?"([^"]*)"`)
	several = regexp.MustCompile(`^UPS\((.*)\)$`)
)

// No route and no inhibition waits for an alert that there is not.
func TestEachMatcherNamesAnAlert(t *testing.T) {
	example, err := os.ReadFile("alertmanager.yml")
	if err != nil {
		t.Fatal(err)
	}
	known := append(strings.Fields(ordered), "UPS.*", "HostDown", "NodeDown", "InstanceDown", "TargetDown")
	for _, m := range matched.FindAllStringSubmatch(string(example), -1) {
		pattern := m[1]
		if words := several.FindStringSubmatch(pattern); words != nil {
			pattern = "UPS" + strings.ReplaceAll(words[1], "|", "|UPS")
		}
		for name := range strings.SplitSeq(pattern, "|") {
			if !slices.Contains(known, name) {
				t.Errorf("nothing is called %q, in %s", name, m[0])
			}
		}
	}
}

// alert is one that Prometheus would send.
type alert struct {
	Labels map[string]string `json:"labels"`
	Ends   time.Time         `json:"endsAt,omitzero"`
}

// of returns an alert of the example, about the UPS rack or a host that it feeds.
func of(name, severity string) alert {
	return alert{Labels: map[string]string{"alertname": name, "severity": severity, "job": "nut", "instance": "cellar:9199", "ups": "rack"}}
}

func host(name, ups string) alert {
	a := alert{Labels: map[string]string{"alertname": "HostDown", "severity": "critical", "job": "node", "instance": name}}
	if ups != "" {
		a.Labels["ups"] = ups
	}
	return a
}

// The routes and the inhibition of alertmanager.yml in the distribution's
// Alertmanager: who is told what, and what nobody is told.
func TestRealAlertmanager(t *testing.T) {
	batteryOnly := []string{"mail firing UPSOnBattery rack", "webhook firing UPSOnBattery rack"}
	for _, c := range []struct {
		name   string
		alerts []alert
		want   []string // "receiver status alert place", sorted
	}{
		{"on battery", []alert{of("UPSOnBattery", "warning")}, batteryOnly},
		{
			"its hosts go down with it, and no others",
			[]alert{of("UPSOnBattery", "warning"), host("a:9100", "rack"), host("b:9100", "desk"), host("two-supplies:9100", "")},
			append([]string{"mail firing HostDown b:9100", "mail firing HostDown two-supplies:9100"}, batteryOnly...),
		},
		{
			"a low battery is worse than being on it",
			[]alert{of("UPSOnBattery", "warning"), of("UPSRuntimeShort", "warning"), of("UPSLowBattery", "critical")},
			[]string{"chat firing UPSLowBattery rack", "mail firing UPSLowBattery rack", "webhook firing UPSLowBattery rack"},
		},
		{
			"and a forced shutdown than a low battery",
			[]alert{of("UPSOnBattery", "warning"), of("UPSLowBattery", "critical"), of("UPSForcedShutdown", "critical"), host("a:9100", "rack")},
			[]string{"chat firing UPSForcedShutdown rack", "mail firing UPSForcedShutdown rack", "webhook firing UPSForcedShutdown rack"},
		},
		{
			"of a stale UPS nothing else is known",
			[]alert{of("UPSDataStale", "critical"), of("UPSOnBattery", "warning"), of("UPSReplaceBattery", "warning"), of("UPSAlarm", "warning")},
			[]string{"chat firing UPSDataStale rack", "mail firing UPSDataStale rack"},
		},
		{"what is old is no hurry", []alert{of("UPSBatteryOld", "info")}, []string{"mail firing UPSBatteryOld rack"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			am := startAlertmanager(t)
			am.post(t, c.alerts)
			am.await(t, c.want)
			am.nothingElse(t, c.want)
			for i := range c.alerts {
				c.alerts[i].Ends = time.Now()
			}
			am.post(t, c.alerts)
			for _, told := range slices.Clone(c.want) {
				c.want = append(c.want, strings.Replace(told, "firing", "resolved", 1))
			}
			am.await(t, c.want)
		})
	}
}

// alertmanager is a running one, and what its receivers were told.
type alertmanager struct {
	url  string
	mu   sync.Mutex
	told map[string]bool
}

var waits = regexp.MustCompile(`(group_wait|group_interval): \S+`)

// startAlertmanager runs one with the routes and the inhibition of the example,
// but quick, and with receivers that are all this test.
func startAlertmanager(t *testing.T) *alertmanager {
	t.Helper()
	program := testenv.Need(t, "prometheus-alertmanager")
	am := &alertmanager{told: make(map[string]bool)}
	web := httptest.NewServer(am)
	t.Cleanup(web.Close)
	example, err := os.ReadFile("alertmanager.yml")
	if err != nil {
		t.Fatal(err)
	}
	config, _, _ := strings.Cut(string(example), "\nreceivers:")
	config = waits.ReplaceAllString(config, "$1: 500ms") + "\nreceivers:\n"
	for _, name := range []string{"webhook", "mail", "chat"} {
		config += fmt.Sprintf("  - {name: %[1]s, webhook_configs: [{url: %[2]s/%[1]s}]}\n", name, web.URL)
	}
	dir := nuttest.ShortDir(t)
	file := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	address := "127.0.0.1:" + nuttest.FreePort(t)
	am.url = "http://" + address
	run(t, program, "--config.file="+file, "--storage.path="+dir, "--web.listen-address="+address, "--cluster.listen-address=", "--log.level=warn")
	nuttest.Await(t, func() error { return get(am.url + "/-/ready") })
	return am
}

// run runs a program until the end of the test; if that fails, its output is in
// the log.
func run(t *testing.T, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, program, args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		cmd.Wait()
		if t.Failed() {
			t.Log(output.String())
		}
	})
}

func get(url string) error {
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	return nil
}

// ServeHTTP is all receivers: the path says which.
func (am *alertmanager) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var message struct {
		Alerts []struct {
			Status string
			Labels map[string]string
		}
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&message); err != nil {
		am.note(err.Error())
	}
	for _, a := range message.Alerts {
		place := a.Labels["ups"]
		if a.Labels["alertname"] == "HostDown" {
			place = a.Labels["instance"]
		}
		am.note(strings.Join([]string{strings.TrimPrefix(r.URL.Path, "/"), a.Status, a.Labels["alertname"], place}, " "))
	}
}

func (am *alertmanager) note(told string) {
	am.mu.Lock()
	defer am.mu.Unlock()
	am.told[told] = true
}

func (am *alertmanager) post(t *testing.T, alerts []alert) {
	t.Helper()
	body, err := json.Marshal(alerts)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(am.url+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status)
	}
}

// await waits until all of this was told.
func (am *alertmanager) await(t *testing.T, want []string) {
	t.Helper()
	nuttest.Await(t, func() error {
		am.mu.Lock()
		defer am.mu.Unlock()
		for _, told := range want {
			if !am.told[told] {
				return fmt.Errorf("%q was not told; told was %v", told, am.told)
			}
		}
		return nil
	})
}

// nothingElse waits for two more rounds of messages, in which nothing else may
// come.
func (am *alertmanager) nothingElse(t *testing.T, want []string) {
	t.Helper()
	select {
	case <-time.After(1200 * time.Millisecond):
	case <-t.Context().Done():
	}
	am.mu.Lock()
	defer am.mu.Unlock()
	for told := range am.told {
		if !slices.Contains(want, told) {
			t.Errorf("nobody was to be told %q", told)
		}
	}
}
