package config

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut/conf"
)

func TestEnv(t *testing.T) {
	c := sound(t, map[string]string{"ups.conf": oneUPS})
	if want := (Env{
		WebListen: "127.0.0.1:9199", WebSystemdSocket: "auto", CompatDRuggeri: true, CompatHON95: true, CompatPeaNUT: true,
		LogFormat: "text", LogLevel: slog.LevelInfo, UPSMon: "auto",
	}); c.Env != want {
		t.Errorf("got %+v", c.Env)
	}
	t.Setenv("WATTNUT_WEB_LISTEN", "")
	t.Setenv("WATTNUT_WEB_CONFIG", "/web.yml")
	t.Setenv("WATTNUT_WEB_SYSTEMD_SOCKET", "true")
	t.Setenv("WATTNUT_PROBE_CONFIG", "/probe.yml")
	t.Setenv("WATTNUT_COMPAT_DRUGGERI", "false")
	t.Setenv("WATTNUT_COMPAT_HON95", "0")
	t.Setenv("WATTNUT_COMPAT_PEANUT", "no")
	t.Setenv("WATTNUT_PPROF_LISTEN", "127.0.0.1:6060")
	t.Setenv("WATTNUT_VARIABLE_INFO", "on")
	t.Setenv("WATTNUT_LOG_FORMAT", "json")
	t.Setenv("WATTNUT_LOG_LEVEL", "debug")
	t.Setenv("WATTNUT_STATE_DIR", "/s")
	t.Setenv("WATTNUT_UPSMON", "false")
	c = sound(t, map[string]string{"ups.conf": oneUPS})
	if want := (Env{
		WebConfig: "/web.yml", WebSystemdSocket: "yes", ProbeConfig: "/probe.yml", PprofListen: "127.0.0.1:6060", VariableInfo: true,
		LogFormat: "json", LogLevel: slog.LevelDebug, StateDir: "/s", UPSMon: "no",
	}); c.Env != want {
		t.Errorf("got %+v", c.Env)
	}
}

func TestEnvRefused(t *testing.T) {
	for name, value := range map[string]string{"WATTNUT_LOG_FORMAT": "xml", "WATTNUT_LOG_LEVEL": "loud"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			_, r := load(t, map[string]string{"ups.conf": oneUPS})
			if err := r.Err(conf.Fatal); err == nil || !strings.HasPrefix(err.Error(), name+`: "`+value+`": `) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("unknown", func(t *testing.T) {
		t.Setenv("WATTNUT_LOGLEVEL", "x")
		_, r := load(t, map[string]string{"ups.conf": oneUPS})
		if err := r.Err(conf.Warning); err == nil || !strings.Contains(err.Error(), "WATTNUT_LOGLEVEL: this variable means nothing; there are WATTNUT_LISTEN, ") {
			t.Errorf("got %v", err)
		}
	})
}

func TestUsage(t *testing.T) {
	var b bytes.Buffer
	Usage(&b)
	for _, want := range []string{"WATTNUT_WEB_LISTEN (127.0.0.1:9199)\n", "WATTNUT_LOG_LEVEL (info)\n", "WATTNUT_STATE_DIR\n", "WATTNUT_UPS_name\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestStateDir(t *testing.T) {
	tests := []struct{ own, nut, ups, upsd, by, dir string }{
		{"/own", "/env", "/ups", "/upsd", "WATTNUT_STATE_DIR", "/own"},
		{"", "/env", "/ups", "/upsd", "NUT_STATEPATH", "/env"},
		{"", "", "/ups", "/upsd", "ups.conf", "/ups"},
		{"", "", "", "/upsd", "upsd.conf", "/upsd"},
		{"", "", "", "", "built-in", builtInState("/run")},
	}
	for _, tt := range tests {
		clean(t)
		t.Setenv("WATTNUT_STATE_DIR", tt.own)
		t.Setenv("NUT_STATEPATH", tt.nut)
		files := map[string]string{"ups.conf": oneUPS, "upsd.conf": ""}
		if tt.ups != "" {
			files["ups.conf"] = "statepath = " + tt.ups + "\n" + oneUPS
		}
		if tt.upsd != "" {
			files["upsd.conf"] = "STATEPATH " + tt.upsd + "\n"
		}
		c, _ := Load(Options{Dir: write(t, files)})
		if c.StateBy != tt.by || c.StateDir != tt.dir || c.AltPID != tt.dir || c.PIDDir != "/run" {
			t.Errorf("got %s by %s, %s, %s, want %s by %s", c.StateDir, c.StateBy, c.AltPID, c.PIDDir, tt.dir, tt.by)
		}
	}
}

func TestPIDDirs(t *testing.T) {
	clean(t)
	t.Setenv("NUT_PIDPATH", "/p")
	t.Setenv("NUT_ALTPIDPATH", "/a")
	if c, _ := Load(Options{Dir: t.TempDir()}); c.PIDDir != "/p" || c.AltPID != "/a" {
		t.Errorf("got %s, %s", c.PIDDir, c.AltPID)
	}
}

func TestBuiltInState(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "/xdg")
	run := t.TempDir()
	if got := builtInState(run); got != filepath.Join(run, "wattnut") {
		t.Errorf("in an empty folder: %s", got)
	}
	if err := os.Mkdir(filepath.Join(run, "nut"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := builtInState(run); got != filepath.Join(run, "nut") {
		t.Errorf("beside nut: %s", got)
	}
	nowhere := filepath.Join(run, "nowhere")
	if got := builtInState(nowhere); got != "/xdg/wattnut" {
		t.Errorf("without a folder to write to: %s", got)
	}
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("XDG_CACHE_HOME", "/cache")
	if got := builtInState(nowhere); got != "/cache/wattnut" {
		t.Errorf("without a folder for sockets: %s", got)
	}
}

func TestDir(t *testing.T) {
	t.Setenv("NUT_CONFPATH", "/env")
	if got := Dir("/asked"); got != "/asked" {
		t.Errorf("got %s", got)
	}
	if got := Dir(""); got != "/env" {
		t.Errorf("got %s", got)
	}
	t.Setenv("NUT_CONFPATH", "")
	if got := Dir(""); got != "/etc/wattnut" && got != "/etc/nut" {
		t.Errorf("got %s", got)
	}
}
