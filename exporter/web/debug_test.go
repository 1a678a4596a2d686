package web_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/exporter/web"
)

func debug() (*web.Debug, *bytes.Buffer) {
	var log bytes.Buffer
	level := new(slog.LevelVar)
	return &web.Debug{Level: level, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level}))}, &log
}

func TestDebugLevel(t *testing.T) {
	d, log := debug()
	tests := []struct {
		method, host, origin, body string
		code                       int
		level                      slog.Level
	}{
		{"GET", "127.0.0.1:6060", "", "", 200, slog.LevelInfo},
		{"PUT", "127.0.0.1:6060", "", "debug\n", 200, slog.LevelDebug},
		{"PUT", "localhost", "", "ERROR", 200, slog.LevelError},
		{"PUT", "[::1]:6060", "", "loud", 400, slog.LevelError},
		{"PUT", "[::1]:6060", "", strings.Repeat("x", 100), 400, slog.LevelError},
		{"PUT", "[::1]:6060", "http://evil.example.org", "info", 403, slog.LevelError},
		{"PUT", "evil.example.org", "http://evil.example.org", "info", 403, slog.LevelError},
		{"GET", "evil.example.org:6060", "", "", 403, slog.LevelError},
		{"POST", "127.0.0.1:6060", "", "info", 405, slog.LevelError},
		{"PUT", "127.0.0.1:6060", "", "warn", 200, slog.LevelWarn},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(tt.method, "/debug/level", strings.NewReader(tt.body))
		r.Host = tt.host
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, r)
		if w.Code != tt.code || d.Level.Level() != tt.level {
			t.Errorf("%s %s %q is answered with %d %s, the level is %v", tt.method, tt.host, tt.body, w.Code, w.Body, d.Level)
		}
	}
	if got := strings.Count(log.String(), "log level set"); got != 3 {
		t.Errorf("it was logged %d times: %s", got, log)
	}
}

func TestDebugProfiles(t *testing.T) {
	d, _ := debug()
	for path, code := range map[string]int{
		"/debug/pprof/": 200, "/debug/pprof/heap": 200, "/debug/pprof/goroutine?debug=1": 200, "/debug/pprof/cmdline": 200,
		"/debug/pprof/none": 404, "/": 404, "/metrics": 404,
	} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = "localhost:6060"
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, r)
		if w.Code != code {
			t.Errorf("%s is answered with %d", path, w.Code)
		}
	}
	// The pages for all have none of this.
	if w := get(&web.Server{Fleet: fleet{}}, http.MethodGet, "/debug/pprof/"); w.Code != http.StatusNotFound {
		t.Errorf("answered with %d", w.Code)
	}
}

func TestDebugServesLoopbackOnly(t *testing.T) {
	d, _ := debug()
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Serve(t.Context(), l); err == nil || !strings.Contains(err.Error(), "not a loopback address") {
		t.Error(err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("the listener is open still")
	}
	if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Serve(ctx, l) }()
	answer, err := http.Get("http://" + l.Addr().String() + "/debug/level")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if string(body) != "info\n" {
		t.Errorf("the level is %q", body)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Systemd hands over a socket that is open already.
func TestActivated(t *testing.T) {
	if os.Getenv("TEST_ACTIVATED") != "" {
		if got, want := web.IsActivated(), os.Getenv("LISTEN_FDS") != "0"; got != want {
			io.WriteString(os.Stdout, "activated is told wrongly\n")
		}
		l, err := web.Activated()
		if err != nil {
			io.WriteString(os.Stdout, "ERR "+err.Error()+"\n")
			return
		}
		io.WriteString(os.Stdout, "ADDR "+l.Addr().String()+"\n")
		return
	}
	if web.IsActivated() {
		t.Error("this process has no socket of systemd's")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for n, want := range map[int]string{0: "ERR systemd socket: there are 0", 1: "ADDR " + l.Addr().String(), 2: "ERR systemd socket: there are 2"} {
		// The process is named in the environment, by who becomes it.
		child := exec.CommandContext(t.Context(), "sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=$1 exec "$0" -test.run '^TestActivated$'`, os.Args[0], string(rune('0'+n)))
		child.Env = append(os.Environ(), "TEST_ACTIVATED=1")
		for range n {
			child.ExtraFiles = append(child.ExtraFiles, socket)
		}
		if out, err := child.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("with %d sockets: %v %s", n, err, out)
		}
	}
}
