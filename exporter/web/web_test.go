package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/web"
	"github.com/wattnut/wattnut/nut"
)

// fleet is a Fleet that never changes.
type fleet []collectors.UPS

func (f fleet) All() iter.Seq[collectors.UPS] { return slices.Values(f) }

// ups makes a UPS that was just heard.
func ups(name string, health nut.Health, variables ...string) collectors.UPS {
	var d nut.Draft
	for i := 0; i < len(variables); i += 2 {
		d.Set(nut.Name(variables[i]), variables[i+1])
	}
	return collectors.UPS{Snapshot: d.Freeze(name, health, time.Now()), Contact: time.Now()}
}

func get(s *web.Server, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestRoutes(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "nut_ups_up 1\n") })
	s := &web.Server{Fleet: fleet{}, Metrics: metrics}
	tests := []struct {
		method, path string
		code         int
		body         string
	}{
		{"GET", "/", 200, "No UPS is configured"},
		{"HEAD", "/", 200, ""},
		{"GET", "/style.css", 200, "font:"},
		{"GET", "/metrics", 200, "nut_ups_up 1\n"},
		{"GET", "/healthz", 200, "ok\n"},
		{"GET", "/readyz", 200, "ready\n"},
		{"GET", "/nothing", 404, ""},
		{"GET", "/metrics/x", 404, ""},
		{"POST", "/", 405, ""},
		{"POST", "/metrics", 405, ""},
	}
	for _, tt := range tests {
		w := get(s, tt.method, tt.path)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.body) {
			t.Errorf("%s %s is answered with %d %q", tt.method, tt.path, w.Code, w.Body)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s %s has the headers %v", tt.method, tt.path, w.Header())
		}
	}
	if w := get(&web.Server{}, "GET", "/metrics"); w.Code != http.StatusNotFound {
		t.Errorf("without metrics there is %d", w.Code)
	}
}

func TestReady(t *testing.T) {
	wait := errors.New("waiting for rack1")
	s := &web.Server{Ready: func() error { return wait }}
	if w := get(s, "GET", "/readyz"); w.Code != http.StatusServiceUnavailable || w.Body.String() != "waiting for rack1\n" {
		t.Errorf("answered with %d %q", w.Code, w.Body)
	}
	wait = nil
	if w := get(s, "GET", "/readyz"); w.Code != http.StatusOK {
		t.Errorf("answered with %d", w.Code)
	}
}

func TestLanding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fleet{
			ups("good", nut.Live, "ups.status", "OL CHRG", "battery.charge", "87", "ups.load", "16.90", "battery.runtime", "5400", "ups.realpower", "120.4", "device.mfr", "Example", "ups.model", "Tower"),
			ups("battery", nut.Live, "ups.status", "OB DISCHRG ODD", "battery.runtime", "200000"),
			ups("empty", nut.Live, "ups.status", "OB LB", "battery.charge", "none"),
			ups("stale", nut.Stale, "ups.status", "OL", "battery.charge", "50"),
			{Snapshot: new(nut.Draft).Freeze("never", nut.Absent, time.Time{}), Desc: "Spare"},
			ups("forced", nut.Live, "ups.status", "OL"),
			ups("mute", nut.Live),
			ups("alarmed", nut.Live, "ups.status", "OL ALARM", "ups.alarm", `Fan "2"`),
		}
		f[5].Forced = true
		<-time.After(95 * time.Second)
		pages := web.Pages{"/sd": nil, "/probe": nil, "/api/v1/devices/{device}": nil}
		for path := range pages {
			pages[path] = http.NotFoundHandler()
		}
		page := get(&web.Server{Fleet: f, Version: "1.2.3", Pages: pages}, "GET", "/").Body.String()
		for _, want := range []string{
			`1 of 8 on mains and in contact`,
			`<title>1 Battery low, 2 No contact`, // the worst is seen in a tab, too
			`<tr class="good"><th scope="row">good<small>Example Tower</small></th><td><strong>On mains</strong></td><td><abbr title="The UPS runs on mains">OL</abbr> <abbr title="The battery is charging">CHRG</abbr> </td>` +
				`<td class="m"><meter min="0" max="100" low="20" high="50" optimum="100" value="87"></meter> 87 %</td>` +
				`<td class="m"><meter min="0" max="100" low="80" high="95" optimum="0" value="17"></meter> 17 %</td>` +
				`<td class="n">120 W</td><td class="n">1 h 30 min</td><td class="n">1 min 35 s</td></tr>`,
			`<tr class="warn"><th scope="row">battery<`, `<strong>On battery</strong>`, `<abbr title="A word of the device&#39;s own">ODD</abbr>`, `2 d 7 h`,
			`<tr class="bad"><th scope="row">empty<`, `<strong>Battery low</strong>`,
			`<tr class="bad"><th scope="row">stale<small></small></th><td><strong>No contact</strong></td><td><abbr title="There are no fresh data from the device">stale</abbr> </td><td class="m"></td><td class="m"></td><td class="n"></td><td class="n"></td><td class="n">1 min 35 s</td></tr>`,
			`<small>Spare</small>`, `never heard`,
			`<tr class="bad"><th scope="row">forced<small></small></th><td><strong>Shutting down</strong></td><td><abbr title="A forced shutdown was ordered">FSD</abbr>`,
			`<tr class="warn"><th scope="row">mute<`, `<strong>Unknown</strong>`,
			`<strong>Alarm</strong><small>Fan &#34;2&#34;</small>`,
			`<p class="bad"><strong>2 No contact</strong></p>`, `<p class="warn"><strong>1 On battery</strong></p>`,
			`<a href="metrics">metrics</a>`, `<a href="sd">sd</a>`, `wattnut 1.2.3`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page has no %s", want)
			}
		}
		if strings.Contains(page, "<script") {
			t.Error("the page has a script")
		}
		if strings.Contains(page, `href="probe"`) || strings.Contains(page, "{device}") {
			t.Error("the page leads to where nothing is without a parameter")
		}
		if t.Failed() {
			t.Log(page)
		}
	})
}

func TestLandingEscapes(t *testing.T) {
	evil := `"><script>alert(1)</script>`
	u := ups(evil, nut.Live, "ups.status", "OL <b>", "device.model", evil)
	page := get(&web.Server{Fleet: fleet{u}, Version: evil}, "GET", "/").Body.String()
	if strings.Contains(page, "<script") || strings.Contains(page, "<b>") || !strings.Contains(page, "&lt;script&gt;") {
		t.Errorf("the page is %s", page)
	}
}

func TestLandingOfThousand(t *testing.T) {
	var f fleet
	for i := range 1000 {
		f = append(f, ups(fmt.Sprint("ups", i), nut.Live, "ups.status", "OL", "battery.charge", "100"))
	}
	page := get(&web.Server{Fleet: f}, "GET", "/").Body.String()
	if n := strings.Count(page, "<tr class="); n != 1000 || !strings.Contains(page, "1000 of 1000") {
		t.Errorf("%d rows", n)
	}
	if len(page) > 1<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
}

// listen starts a server and returns its address and a channel of its end.
func listen(t *testing.T, ctx context.Context, s *web.Server) (string, <-chan error) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	return l.Addr().String(), ended
}

func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	addr, ended := listen(t, ctx, &web.Server{Fleet: fleet{}})
	answer, err := http.Get("http://" + addr + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if string(body) != "ok\n" {
		t.Errorf("the answer is %q", body)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the end is %v", err)
	}
	if _, err := http.Get("http://" + addr + "/healthz"); err == nil {
		t.Error("the server answers after its end")
	}
}

// An answer that is under way is finished.
func TestServeFinishesAnswers(t *testing.T) {
	inside, leave := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { close(inside); <-leave; fmt.Fprint(w, "whole") })
	ctx, cancel := context.WithCancel(t.Context())
	addr, ended := listen(t, ctx, &web.Server{Metrics: slow})
	got := make(chan string, 1)
	go func() {
		answer, err := http.Get("http://" + addr + "/metrics")
		if err != nil {
			got <- err.Error()
			return
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		got <- string(body)
	}()
	<-inside
	cancel()
	close(leave)
	if body := <-got; body != "whole" {
		t.Errorf("the answer is %q", body)
	}
	if err := <-ended; err != nil {
		t.Errorf("the end is %v", err)
	}
}

func TestServeTellsOfABrokenListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := (&web.Server{}).Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the error is %v", err)
	}
}

// With all connections taken a client waits until one is free, and then gets
// its answer.
func TestServeBoundsConnections(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	addr, ended := listen(t, ctx, &web.Server{MaxConns: 1})
	first, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(c net.Conn) string {
		if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return err.Error()
		}
		b := make([]byte, 15)
		_, _ = io.ReadFull(c, b)
		return string(b)
	}
	if got := ask(first); got != "HTTP/1.1 200 OK" {
		t.Fatalf("the first gets %q", got)
	}
	second, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	answered := make(chan string, 1)
	go func() { answered <- ask(second) }()
	first.Close()
	if got := <-answered; got != "HTTP/1.1 200 OK" {
		t.Errorf("the second gets %q", got)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the end is %v", err)
	}
}

func BenchmarkLanding(b *testing.B) {
	var f fleet
	for i := range 1000 {
		f = append(f, ups(fmt.Sprint("ups", i), nut.Live, "ups.status", "OL CHRG", "battery.charge", "100"))
	}
	s := &web.Server{Fleet: f}
	for b.Loop() {
		get(s, "GET", "/")
	}
}
