package probe_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/probe"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
)

// server is an odd server with two UPSes that are well.
func server(tb testing.TB) *nuttest.Odd {
	tb.Helper()
	return nuttest.StartOdd(tb, map[string]nuttest.Answer{
		"VER":        nuttest.Say("Network UPS Tools upsd 2.8.0 - http://www.networkupstools.org/"),
		"LIST UPS":   nuttest.List("UPS", `a "The first"`, `b "Description unavailable"`, `c "The third"`),
		"LIST VAR a": nuttest.List("VAR a", `battery.charge "90"`, `ups.status "OL CHRG"`),
		"LIST VAR b": nuttest.List("VAR b", `battery.charge "80"`, `ups.status "OB"`),
		"LIST VAR c": nuttest.List("VAR c", `battery.charge "70"`, `ups.status "OL"`),
		"USERNAME u": nuttest.Say("OK"),
		"PASSWORD p": nuttest.Say("OK"),
		"USERNAME v": nuttest.Say("OK"),
		"PASSWORD q": nuttest.Say("OK"),
	})
}

// allow makes Servers of which one is known, with further lines of its entry.
func allow(tb testing.TB, address string, lines ...string) (*probe.Servers, *probe.Server) {
	tb.Helper()
	servers := probe.New(targets(tb, address, lines...), discard())
	tb.Cleanup(servers.Close)
	s, err := servers.Lookup(address)
	if err != nil {
		tb.Fatal(err)
	}
	return servers, s
}

func targets(tb testing.TB, address string, lines ...string) []probe.Target {
	tb.Helper()
	text := "targets:\n  - target: " + address + "\n    tls: no\n"
	for _, line := range lines {
		text += "    " + line + "\n"
	}
	list, err := probe.Parse([]byte(text), tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// brief is a report in short: "a live 90, b stale".
func brief(r *probe.Report) string {
	var all []string
	for u := range r.All() {
		s := u.Snapshot
		all = append(all, strings.TrimSpace(fmt.Sprint(s.UPS, " ", s.Health, " ", s.Value("battery.charge"))))
	}
	return strings.Join(all, ", ")
}

func TestAskKeepsConnections(t *testing.T) {
	odd := server(t)
	_, s := allow(t, odd.Addr)
	r := s.Ask(t.Context(), probe.User{})
	if got := brief(r); got != "a live 90, b live 80, c live 70" || r.Err != nil || r.Version != "2.8.0" {
		t.Errorf("report: %s, version %q, %v", got, r.Version, r.Err)
	}
	if a, b := r.UPSes[0], r.UPSes[1]; a.Desc != "The first" || b.Desc != "" || time.Since(a.Contact) > time.Minute {
		t.Errorf("descriptions %q %q, contact %v", a.Desc, b.Desc, a.Contact)
	}
	odd.Requests()
	again := s.Ask(t.Context(), probe.User{})
	if got := odd.Requests(); !slices.Equal(got, []string{"LIST UPS", "LIST VAR a", "LIST VAR b", "LIST VAR c"}) {
		t.Errorf("the second time was asked %q", got)
	}
	if odd.Opened() != 1 {
		t.Errorf("%d connections", odd.Opened())
	}
	if again.UPSes[0].Snapshot != r.UPSes[0].Snapshot {
		t.Error("the same facts are another snapshot")
	}
}

// One UPS takes three commands, however many variables it has.
func TestAskOne(t *testing.T) {
	odd := server(t)
	_, s := allow(t, odd.Addr)
	if got := brief(s.Ask(t.Context(), probe.User{}, "b")); got != "b live 80" {
		t.Error(got)
	}
	if got := odd.Requests(); !slices.Equal(got, []string{"VER", "LIST UPS", "LIST VAR b"}) {
		t.Errorf("was asked %q", got)
	}
	if got := brief(s.Ask(t.Context(), probe.User{}, "B", "b", "none")); got != "b absent, none absent" {
		t.Error(got) // the odd server knows no B
	}
}

// Whatever is wrong with one UPS, the others are told, and in time.
func TestAskWithOneBadUPS(t *testing.T) {
	long := "VAR b x \"" + strings.Repeat("x", 1<<20)
	tests := []struct {
		name   string
		answer nuttest.Answer
		want   string
	}{
		{"stale", nuttest.Say("ERR DATA-STALE"), "b stale"},
		{"gone", nuttest.Say("ERR DRIVER-NOT-CONNECTED"), "b absent"},
		{"unknown", nuttest.Say("ERR UNKNOWN-UPS"), "b absent"},
		{"an error of its own", nuttest.Say("ERR OUT-OF-CHEESE today"), "b absent"},
		{"waits", nuttest.List("VAR b", `ups.status "WAIT"`), "b waiting"},
		{"escaped quotes", nuttest.List("VAR b", `battery.charge "80"`, `device.model "6\" \\ rack"`), "b live 80"},
		{"empty values", nuttest.List("VAR b", `battery.charge "80"`, `device.serial ""`), "b live 80"},
		{"no variables", nuttest.List("VAR b"), "b live"},
		{"hangs", nuttest.Hang, "b absent"},
		{"closes", nuttest.Close, "b absent"},
		{"ten megabytes without an end", nuttest.Endless("BEGIN LIST VAR b\n", long), "b absent"},
		{"a list without an end", nuttest.Endless("BEGIN LIST VAR b\n", "VAR b ups.load \"1\"\n"), "b absent"},
		{"another's rows", nuttest.Say("BEGIN LIST VAR b", `VAR a x "1"`, "END LIST VAR b"), "b absent"},
		{"an open quote", nuttest.Say("BEGIN LIST VAR b", `VAR b x "1`, "END LIST VAR b"), "b absent"},
		{"noise", nuttest.Say("\x00\xff\x7f\"\\"), "b absent"},
		{"an error inside", nuttest.Say("BEGIN LIST VAR b", "ERR DATA-STALE"), "b absent"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			odd := server(t)
			odd.Set("LIST VAR b", tt.answer)
			_, s := allow(t, odd.Addr, "timeout: 3s")
			for range 2 {
				start := time.Now()
				got := brief(s.Ask(t.Context(), probe.User{}))
				if got != "a live 90, "+tt.want+", c live 70" {
					t.Error(got)
				}
				if took := time.Since(start); took > 3*time.Second {
					t.Errorf("it took %v", took)
				}
			}
		})
	}
}

// A UPS that broke the conversation is asked last the next time.
func TestAskSuspectsLast(t *testing.T) {
	odd := server(t)
	odd.Set("LIST VAR a", nuttest.Close)
	_, s := allow(t, odd.Addr)
	s.Ask(t.Context(), probe.User{})
	odd.Requests()
	if got := brief(s.Ask(t.Context(), probe.User{})); got != "a absent, b live 80, c live 70" {
		t.Error(got)
	}
	want := []string{"LIST UPS", "LIST VAR b", "LIST VAR c", "LIST VAR a"}
	if got := odd.Requests(); !slices.Equal(got, want) {
		t.Errorf("asked %q", got)
	}
	odd.Set("LIST VAR a", nuttest.List("VAR a", `battery.charge "1"`))
	for range 2 {
		odd.Requests()
		s.Ask(t.Context(), probe.User{})
	}
	if got := odd.Requests(); !slices.Equal(got[len(got)-3:], []string{"LIST VAR a", "LIST VAR b", "LIST VAR c"}) {
		t.Errorf("asked %q once it is well again", got)
	}
}

// A server that is gone takes the readings with it, and leaves the names and
// when they were last heard.
func TestAskUnreachable(t *testing.T) {
	odd := server(t)
	_, s := allow(t, odd.Addr, "timeout: 1s")
	if r := s.Ask(t.Context(), probe.User{}); r.Err != nil {
		t.Fatal(r.Err)
	}
	for _, answer := range []nuttest.Answer{nuttest.Close, nuttest.Hang, nuttest.Say("ERR ACCESS-DENIED"), nuttest.Say("hello")} {
		odd.Set("LIST UPS", answer)
		r := s.Ask(t.Context(), probe.User{})
		if got := brief(r); got != "a absent, b absent, c absent" || r.Err == nil || r.UPSes[0].Contact.IsZero() {
			t.Errorf("report: %s, %v", got, r.Err)
		}
	}
	_, s = allow(t, "127.0.0.1:"+nuttest.FreePort(t))
	if r := s.Ask(t.Context(), probe.User{}, "x"); brief(r) != "x absent" || r.Err == nil || !r.UPSes[0].Contact.IsZero() {
		t.Errorf("report: %s, %v", brief(r), r.Err)
	}
	if r := s.Ask(t.Context(), probe.User{}); brief(r) != "" || r.Err == nil {
		t.Errorf("report: %s, %v", brief(r), r.Err)
	}
}

// A server closes connections that were idle for too long for it.
func TestAskAfterTheServerClosed(t *testing.T) {
	odd := server(t)
	_, s := allow(t, odd.Addr)
	for range 3 {
		if r := s.Ask(t.Context(), probe.User{}); r.Err != nil || brief(r) != "a live 90, b live 80, c live 70" {
			t.Errorf("report: %s, %v", brief(r), r.Err)
		}
		odd.CloseAll()
	}
	if odd.Opened() != 3 {
		t.Errorf("%d connections", odd.Opened())
	}
}

// Many at once share a few connections.
func TestAskAtOnce(t *testing.T) {
	odd := server(t)
	_, s := allow(t, odd.Addr)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if r := s.Ask(t.Context(), probe.User{}); r.Err != nil {
				t.Error(r.Err)
			}
		})
	}
	all.Wait()
	if odd.Opened() > 40 {
		t.Errorf("%d connections", odd.Opened())
	}
}

// While some hang, a further one waits no longer than its own time.
func TestAskWhileOthersHang(t *testing.T) {
	odd := server(t)
	odd.Set("VER", nuttest.Hang)
	_, s := allow(t, odd.Addr, "timeout: 600ms")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			start := time.Now()
			if r := s.Ask(t.Context(), probe.User{}, "a"); r.Err == nil || brief(r) != "a absent" {
				t.Errorf("report: %s, %v", brief(r), r.Err)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	all.Wait()
	if odd.Opened() > 20 {
		t.Errorf("%d connections", odd.Opened())
	}
}

func TestAskMany(t *testing.T) {
	answers := map[string]nuttest.Answer{"VER": nuttest.Say("2.8.0")}
	var rows []string
	for i := range 500 {
		ups := fmt.Sprintf("u%03d", i)
		rows = append(rows, ups+` ""`)
		answers["LIST VAR "+ups] = nuttest.List("VAR "+ups, `ups.status "OL"`)
		if i%10 == 0 {
			answers["LIST VAR "+ups] = nuttest.Say("ERR DATA-STALE")
		}
	}
	answers["LIST UPS"] = nuttest.List("UPS", rows...)
	_, s := allow(t, nuttest.StartOdd(t, answers).Addr)
	count := make(map[nut.Health]int)
	r := s.Ask(t.Context(), probe.User{})
	for u := range r.All() {
		count[u.Snapshot.Health]++
	}
	if r.Err != nil || count[nut.Live] != 450 || count[nut.Stale] != 50 {
		t.Errorf("%v, %v", count, r.Err)
	}
}

// Much more than UPSes have is not kept.
func TestAskTooMuch(t *testing.T) {
	answers := map[string]nuttest.Answer{"VER": nuttest.Say("x")}
	var names, rows []string
	for i := range 400 {
		rows = append(rows, fmt.Sprintf(`v%d "%s"`, i, strings.Repeat("x", 1000)))
	}
	for i := range 60 {
		ups := fmt.Sprint("u", i)
		names = append(names, ups+` ""`)
		answers["LIST VAR "+ups] = nuttest.List("VAR "+ups, rows...)
	}
	answers["LIST UPS"] = nuttest.List("UPS", names...)
	_, s := allow(t, nuttest.StartOdd(t, answers).Addr)
	r := s.Ask(t.Context(), probe.User{})
	if r.Err == nil || len(r.UPSes) != 60 {
		t.Errorf("%d UPSes, %v", len(r.UPSes), r.Err)
	}
	if last := r.UPSes[59].Snapshot.Health; last != nut.Absent {
		t.Errorf("the last is %v", last)
	}
}

// Names that differ in case alone are one UPS, and what is no name is none.
func TestAskTidiesTheList(t *testing.T) {
	odd := server(t)
	odd.Set("LIST UPS", nuttest.List("UPS", `a ""`, `A ""`, `"" ""`, strings.Repeat("n", 300)+` ""`))
	_, s := allow(t, odd.Addr)
	if got := brief(s.Ask(t.Context(), probe.User{})); got != "a live 90" {
		t.Error(got)
	}
}

func TestAskOnlyWhatTheListShows(t *testing.T) {
	odd := server(t)
	_, s := allow(t, odd.Addr, "ups: [c, a]")
	if got := brief(s.Ask(t.Context(), probe.User{})); got != "c live 70, a live 90" {
		t.Error(got)
	}
	if s.Shows("b") || !s.Shows("a") || s.Shows("") {
		t.Error("it shows what it must not")
	}
	if got := s.Names(t.Context()); !slices.Equal(got, []string{"c", "a"}) {
		t.Error(got)
	}
}

// Credentials go to their own target, once for each connection.
func TestCredentials(t *testing.T) {
	mine, other := server(t), server(t)
	text := "targets:\n" +
		"- {target: \"" + mine.Addr + "\", tls: no, username: u, password: p}\n" +
		"- {target: \"" + other.Addr + "\", tls: no}\n"
	list, err := probe.Parse([]byte(text), ".")
	if err != nil {
		t.Fatal(err)
	}
	servers := probe.New(list, discard())
	defer servers.Close()
	ask := func(address string, user probe.User) {
		s, err := servers.Lookup(address)
		if err != nil {
			t.Fatal(err)
		}
		if r := s.Ask(t.Context(), user, "a"); r.Err != nil {
			t.Error(r.Err)
		}
	}
	ask(mine.Addr, probe.User{})
	ask(other.Addr, probe.User{})
	if got := mine.Requests(); !slices.Equal(got, []string{"USERNAME u", "PASSWORD p", "VER", "LIST UPS", "LIST VAR a"}) {
		t.Errorf("asked %q", got)
	}
	if got := other.Requests(); !slices.Equal(got, []string{"VER", "LIST UPS", "LIST VAR a"}) {
		t.Errorf("the other was asked %q", got)
	}
	// Another user's connection is not kept for anybody else.
	ask(mine.Addr, probe.User{Name: "v", Password: "q"})
	if got := mine.Requests(); !slices.Equal(got, []string{"USERNAME v", "PASSWORD q", "VER", "LIST UPS", "LIST VAR a"}) {
		t.Errorf("asked %q", got)
	}
	ask(mine.Addr, probe.User{})
	if got := mine.Requests(); !slices.Equal(got, []string{"LIST UPS", "LIST VAR a"}) {
		t.Errorf("asked %q", got)
	}
	if mine.Opened() != 2 {
		t.Errorf("%d connections", mine.Opened())
	}
}

// No password gets into a log or an error, whatever the server says.
func TestPasswordsStaySecret(t *testing.T) {
	odd := server(t)
	const secret = "hunter2"
	for _, answer := range []nuttest.Answer{nuttest.Say("ERR INVALID-PASSWORD " + "no"), nuttest.Close, nuttest.Say("what")} {
		odd.Set("PASSWORD "+secret, answer)
		var log bytes.Buffer
		list := targets(t, odd.Addr, "username: u", "password: "+secret, "timeout: 1s")
		servers := probe.New(list, slog.New(slog.NewTextHandler(&log, nil)))
		s, err := servers.Lookup(odd.Addr)
		if err != nil {
			t.Fatal(err)
		}
		r := s.Ask(t.Context(), probe.User{}, "a")
		if r.Err == nil {
			t.Error("the server was asked without leave")
		}
		all := log.String() + r.Err.Error() + fmt.Sprintf("%v %+v %s", list, list[0], list[0])
		if strings.Contains(all, secret) || !strings.Contains(log.String(), "cannot be asked") {
			t.Error(all)
		}
	}
}

// Trouble is logged once, and its end.
func TestTroubleIsToldOnce(t *testing.T) {
	odd := server(t)
	var log bytes.Buffer
	servers := probe.New(targets(t, odd.Addr), slog.New(slog.NewTextHandler(&log, nil)))
	s, _ := servers.Lookup(odd.Addr)
	odd.Set("LIST UPS", nuttest.Close)
	s.Ask(t.Context(), probe.User{})
	s.Ask(t.Context(), probe.User{})
	odd.Set("LIST UPS", nuttest.List("UPS", `a ""`))
	s.Ask(t.Context(), probe.User{})
	s.Ask(t.Context(), probe.User{})
	if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "can be asked again") {
		t.Error(got)
	}
}

// Who does not wait for the answer blames nobody.
func TestCanceledIsNoTrouble(t *testing.T) {
	odd := server(t)
	var log bytes.Buffer
	servers := probe.New(targets(t, odd.Addr), slog.New(slog.NewTextHandler(&log, nil)))
	defer servers.Close()
	s, err := servers.Lookup(odd.Addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	odd.Set("LIST VAR b", func(io.Writer) bool { cancel(); return true })
	// The answer about a may be read by then, or not.
	if got := brief(s.Ask(ctx, probe.User{})); !strings.HasSuffix(got, ", b absent, c absent") {
		t.Error(got)
	}
	odd.Set("LIST VAR b", nuttest.List("VAR b", `ups.status "OL"`))
	odd.Requests()
	s.Ask(t.Context(), probe.User{})
	if got := odd.Requests(); !slices.Equal(got[len(got)-3:], []string{"LIST VAR a", "LIST VAR b", "LIST VAR c"}) || log.Len() > 0 {
		t.Errorf("asked %q, logged %s", got, &log)
	}
}

func TestClients(t *testing.T) {
	odd := server(t)
	odd.Set("LIST CLIENT a", nuttest.List("CLIENT a", "192.0.2.1", "192.0.2.1", "::1"))
	odd.Set("LIST CLIENT b", nuttest.Say("ERR UNKNOWN-UPS"))
	odd.Set("LIST CLIENT c", nuttest.List("CLIENT c"))
	_, s := allow(t, odd.Addr)
	got, err := s.Clients(t.Context())
	if err != nil || len(got) != 2 || !slices.Equal(got["a"], []string{"192.0.2.1", "192.0.2.1", "::1"}) {
		t.Errorf("%v, %v", got, err)
	}
	if got := s.Names(t.Context()); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Error(got)
	}
}

// What is known of a server outlives a reload; what is not allowed any more is
// not asked any more.
func TestReplace(t *testing.T) {
	odd := server(t)
	servers, s := allow(t, odd.Addr)
	first := s.Ask(t.Context(), probe.User{})
	servers.Replace(targets(t, odd.Addr, "timeout: 1s"))
	s, err := servers.Lookup(strings.ToUpper(odd.Addr))
	if err != nil {
		t.Fatal(err)
	}
	if second := s.Ask(t.Context(), probe.User{}); second.UPSes[0].Snapshot != first.UPSes[0].Snapshot {
		t.Error("what was known is forgotten")
	}
	servers.Replace(nil)
	if _, err := servers.Lookup(odd.Addr); !errors.Is(err, probe.ErrNotAllowed) {
		t.Error(err)
	}
	var none *probe.Servers
	if _, err := none.Lookup(odd.Addr); !errors.Is(err, probe.ErrNoTargets) {
		t.Error(err)
	}
	if _, err := none.Lookup("a:b:c"); err == nil || errors.Is(err, probe.ErrNoTargets) {
		t.Error(err)
	}
	for range none.All() {
		t.Error("there is a server in nothing")
	}
}

var _ collectors.Fleet = (*probe.Report)(nil)
