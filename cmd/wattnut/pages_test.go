package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut/conf"
)

// pagesOf builds a station of one UPS in an environment.
func pagesOf(t *testing.T, env ...string) (*station, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ups.conf":  "[rack]\ndriver = dummy-ups\nport = rack.dev\n",
		"rack.dev":  "ups.status: OL\n",
		"upsd.conf": "LISTEN 127.0.0.1 " + nuttest.FreePort(t) + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("WATTNUT_WEB_LISTEN", "127.0.0.1:0")
	for i := 0; i < len(env); i += 2 {
		t.Setenv(env[i], env[i+1])
	}
	cfg, report := config.Load(config.Options{Dir: dir})
	if err := report.Err(conf.Error); err != nil {
		t.Fatal(err)
	}
	s, err := build(t.Context(), cfg, agent.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.agent.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		s.pages.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	nuttest.Await(t, func() error {
		if code, text := page(s, "/metrics"); !strings.Contains(text, `nut_ups_up{ups="rack"} 1`) {
			return fmt.Errorf("no data yet: %d %s", code, text)
		}
		return nil
	})
	return s, nil
}

func page(s *station, path string) (int, string) {
	w := httptest.NewRecorder()
	s.web.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestPages(t *testing.T) {
	s, err := pagesOf(t)
	if err != nil {
		t.Fatal(err)
	}
	self := s.agent.Addrs()[0].String()
	for path, want := range map[string]string{
		"/metrics":              "nut_agent_info{",
		"/probe?target=" + self: `nut_ups_up{ups="rack"} 1`,
		"/nut?target=" + self:   "nut_exporter_info{",
		"/nut":                  "nut_server_info{",
		"/sd":                   `"__meta_nut_ups":",rack,"`,
		"/sd?role=host":         "[]",
		"/api/v1/devices":       `"ups.status":"OL"`,
		"/ups_metrics":          "network_ups_tools_ups_status{flag=\"OL\"} 1",
	} {
		if code, text := page(s, path); code != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%s is answered with %d %s", path, code, text)
		}
	}
	if code, text := page(s, "/probe?target=192.0.2.1"); code != http.StatusForbidden || !strings.Contains(text, "WATTNUT_PROBE_CONFIG") {
		t.Errorf("answered with %d %s", code, text)
	}
}

func TestPagesSwitchedOff(t *testing.T) {
	s, err := pagesOf(t, "WATTNUT_COMPAT_DRUGGERI", "no", "WATTNUT_COMPAT_HON95", "off", "WATTNUT_COMPAT_PEANUT", "false")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/ups_metrics", "/nut", "/api/v1/devices", "/api/v1/devices/rack"} {
		if code, _ := page(s, path); code != http.StatusNotFound {
			t.Errorf("%s is answered with %d", path, code)
		}
	}
}

// Servers elsewhere are devices of the agent too, and on its page with all else. One
// that hangs, one that sends lines of ten megabytes and one whose list never ends
// cost the others nothing, and a scrape asks none of them anything.
func TestPageBesideBadServers(t *testing.T) {
	answers := func(variables nuttest.Answer) map[string]nuttest.Answer {
		return map[string]nuttest.Answer{"VER": nuttest.Say("x"), "LIST UPS": nuttest.List("UPS", `far ""`), "LIST VAR far": variables}
	}
	servers := map[string]*nuttest.Odd{
		"hanging": nuttest.StartOdd(t, answers(nuttest.Hang)),
		"long":    nuttest.StartOdd(t, answers(nuttest.Endless("BEGIN LIST VAR far\n", "VAR far x \""+strings.Repeat("x", 10<<20)))),
		"endless": nuttest.StartOdd(t, answers(nuttest.Endless("BEGIN LIST VAR far\n", "VAR far ups.load \"1\"\n"))),
	}
	good := nuttest.StartUPSD(t, nuttest.Config{Devices: []nuttest.Device{{Name: "far", Dev: "ups.status: OL\nbattery.charge: 42\n"}}})
	env := []string{"WATTNUT_UPS_good", "driver=upsclient port=far@" + good.Addr}
	for name, server := range servers {
		env = append(env, "WATTNUT_UPS_"+name, "driver=upsclient port=far@"+server.Addr)
	}
	s, err := pagesOf(t, env...)
	if err != nil {
		t.Fatal(err)
	}
	nuttest.Await(t, func() error {
		if _, text := page(s, "/metrics"); !strings.Contains(text, `nut_battery_charge_ratio{ups="good"} 0.42`) {
			return fmt.Errorf("no data yet: %s", text)
		}
		return nil
	})
	for _, server := range servers {
		server.Requests() // what the devices asked
	}
	start := time.Now()
	var code int
	var text string
	const scrapes = 50
	for range scrapes {
		code, text = page(s, "/metrics")
	}
	if took := time.Since(start); code != http.StatusOK || took > 5*time.Second {
		t.Errorf("%d after %v", code, took)
	}
	for _, line := range []string{
		`nut_ups_up{ups="rack"} 1`, `nut_ups_up{ups="good"} 1`, `nut_ups_up{ups="hanging"} 0`, `nut_ups_up{ups="long"} 0`, `nut_ups_up{ups="endless"} 0`,
	} {
		if !strings.Contains(text, line) {
			t.Errorf("there is no %s in\n%s", line, text)
		}
	}
	for name, server := range servers {
		if asked := server.Requests(); len(asked) > scrapes/2 {
			t.Errorf("%s was asked %d times in %d scrapes", name, len(asked), scrapes)
		}
	}
}

// What is no number is told on request alone, here and of others.
func TestPagesVariableInfo(t *testing.T) {
	odd := nuttest.StartOdd(t, map[string]nuttest.Answer{
		"VER": nuttest.Say("x"), "LIST UPS": nuttest.List("UPS", `far ""`), "LIST VAR far": nuttest.List("VAR far", `ups.serial "0764"`),
	})
	file := filepath.Join(t.TempDir(), "probe.yml")
	if err := os.WriteFile(file, []byte("targets:\n- {target: \""+odd.Addr+"\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, on := range []bool{false, true} {
		s, err := pagesOf(t, "WATTNUT_PROBE_CONFIG", file, "WATTNUT_VARIABLE_INFO", fmt.Sprint(on))
		if err != nil {
			t.Fatal(err)
		}
		for path, line := range map[string]string{
			"/metrics":                  `nut_variable_info{ups="rack",variable="ups.status",value="OL"} 1`,
			"/probe?target=" + odd.Addr: `nut_variable_info{ups="far",variable="ups.serial",value="0764"} 1`,
		} {
			if _, text := page(s, path); strings.Contains(text, line) != on {
				t.Errorf("asked for: %t, %s has\n%s", on, path, text)
			}
		}
	}
}

// A file of targets is taken over again at a reload, if it is good.
func TestPagesReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "probe.yml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("targets: []\n")
	s, err := pagesOf(t, "WATTNUT_PROBE_CONFIG", file)
	if err != nil {
		t.Fatal(err)
	}
	odd := nuttest.StartOdd(t, nil)
	for text, want := range map[string]int{"targets: []\n": 403, "targets:\n- {target: \"" + odd.Addr + "\"}\n": 200} {
		write(text)
		s.reloadRemotes(file)
		write("nonsense\n")
		s.reloadRemotes(file)
		if code, text := page(s, "/probe?target="+odd.Addr); code != want {
			t.Errorf("answered with %d %s", code, text)
		}
	}
}

// What is wrong with the files of the pages stops the start, and check tells it.
func TestPagesRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.yml")
	if err := os.WriteFile(file, []byte("targets:\n- target: a\n  pasword: b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"WATTNUT_PROBE_CONFIG":       file + ":3: field pasword not found",
		"WATTNUT_WEB_CONFIG":         file,
		"WATTNUT_WEB_SYSTEMD_SOCKET": "systemd socket: there are 0",
	} {
		t.Run(name, func(t *testing.T) {
			value := file
			if name == "WATTNUT_WEB_SYSTEMD_SOCKET" {
				value = "yes"
			}
			if _, err := pagesOf(t, name, value); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("built: %v", err)
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "ups.conf"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			code := runCheck(t.Context(), call{args: []string{dir}, stdout: &out, stderr: &out})
			if value == file && (code != 1 || !strings.Contains(out.String(), want)) {
				t.Errorf("check says %d %s", code, out.String())
			}
		})
	}
}

// The log's level is set on a listener of its own, which is a loopback one.
func TestDebugListener(t *testing.T) {
	s, err := pagesOf(t)
	if err != nil {
		t.Fatal(err)
	}
	level := new(slog.LevelVar)
	if err := s.openDebug(t.Context(), config.Env{}, level); err != nil || s.debug != nil {
		t.Errorf("without an address: %v", err)
	}
	if err := s.openDebug(t.Context(), config.Env{PprofListen: "nonsense"}, level); err == nil {
		t.Error("nonsense is an address")
	}
	port := nuttest.FreePort(t)
	if err := s.openDebug(t.Context(), config.Env{PprofListen: "127.0.0.1:" + port}, level); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.debug(ctx) }()
	r, err := http.NewRequest(http.MethodPut, "http://127.0.0.1:"+port+"/debug/level", strings.NewReader("debug"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	if level.Level() != slog.LevelDebug {
		t.Errorf("the level is %v", level)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
