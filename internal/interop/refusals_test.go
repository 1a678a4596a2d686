package interop

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

var stack = regexp.MustCompile(`goroutine \d+|panic:`)

// refused runs a program that must end with exit code 1 and say why in few
// words, of which some are given.
func (s *site) refused(words string, program string, args ...string) {
	s.Helper()
	p := s.start(program, args...)
	code := p.wait(patience)
	said := p.output()
	if code != 1 || !strings.Contains(said, words) || stack.MatchString(said) || strings.Count(said, "\n") > 4 {
		s.Errorf("%s %q ends with %d and says\n%swant %q", p.name, args, code, said, words)
	}
}

// TestRefusals gives our servers what they cannot run with.
func TestRefusals(t *testing.T) {
	t.Parallel()
	one := files{"ups.conf": "[one]\n\tdriver = dummy-ups\n\tport = one.dev\n", "one.dev": "ups.status: OL\n"}
	for _, tt := range []struct {
		name  string
		files files
		spoil func(s *site)
		words string
	}{
		{"port taken", nil, func(s *site) { s.occupy() }, "another program has this port already"},
		{"no certificate", files{"upsd.conf": "LISTEN 127.0.0.1 $PORT\nCERTFILE $DIR/none.pem\n"}, nil, "none.pem"},
		{"broken certificate", files{"upsd.conf": "LISTEN 127.0.0.1 $PORT\nCERTFILE $DIR/etc/one.dev\n"}, nil, "one.dev"},
		{"users are a folder", nil, func(s *site) {
			if err := os.Remove(s.etc("upsd.users")); err != nil {
				s.Fatal(err)
			}
			if err := os.Mkdir(s.etc("upsd.users"), 0o700); err != nil {
				s.Fatal(err)
			}
		}, "upsd.users"},
		{"no UPS", files{"ups.conf": "# nothing\n"}, nil, "there is no UPS"},
		{"address of another machine", files{"upsd.conf": "LISTEN 192.0.2.1 $PORT\n"}, nil, "this machine does not have that address"},
	} {
		for _, words := range [][]string{{"upsd", "-F", "-u", me(t)}, {"wattnut", "agent"}} {
			t.Run(tt.name+" "+words[0], func(t *testing.T) {
				t.Parallel()
				s := newSite(t, one)
				s.write(tt.files)
				if tt.spoil != nil {
					tt.spoil(s)
				}
				s.refused(tt.words, ours(words[0]), words[1:]...)
			})
		}
	}
}

// occupy listens on the port of s.
func (s *site) occupy() {
	s.Helper()
	l, err := net.Listen("tcp", s.addr())
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { l.Close() })
}

// TestBrokenServer has a wrong line in upsd.conf: upsd and check refuse, the
// agent tells and goes on without it.
func TestBrokenServer(t *testing.T) {
	t.Parallel()
	s := newSite(t, files{
		"ups.conf":  "[one]\n\tdriver = dummy-ups\n\tport = one.dev\n",
		"one.dev":   "ups.status: OL\n",
		"upsd.conf": "LISTEN 127.0.0.1 $PORT\nMAXAGE soon\n",
	})
	s.refused("upsd.conf:2:", ours("upsd"), "-F", "-u", me(t))
	s.refused("upsd.conf:2:", ours("wattnut"), "check")
	s.serving(ours("wattnut"), "agent").says("upsd.conf:2:")
}

// TestBrokenLine has one UPS of three configured wrongly. The agent names the
// line and runs the others; check and upsd refuse.
func TestBrokenLine(t *testing.T) {
	t.Parallel()
	s := newSite(t, files{
		"ups.conf": "[one]\n\tdriver = dummy-ups\n\tport = one.dev\n[bad]\n\tdriver = dummy-ups\n\tport = one.dev\n\tpollinterval = soon\n" +
			"[three]\n\tdriver = dummy-ups\n\tport = three.dev\n",
		"one.dev":   "ups.status: OL\n",
		"three.dev": "ups.status: OB\n",
	})
	const place = "ups.conf:7:"
	s.refused(place, ours("upsd"), "-F", "-u", me(t))
	s.refused(place, ours("wattnut"), "check")
	agent := s.serving(ours("wattnut"), "agent")
	agent.says(place)
	s.dial().asks("GET VAR one ups.status", `VAR one ups.status "OL"`,
		"GET VAR three ups.status", `VAR three ups.status "OB"`,
		"GET VAR bad ups.status", "ERR DRIVER-NOT-CONNECTED")
}

// TestStateFolder has a file in the place of the state folder: our agent needs
// none for drivers of its own, and who does says what is wrong.
func TestStateFolder(t *testing.T) {
	t.Parallel()
	s := newSite(t, files{
		"ups.conf": "[one]\n\tdriver = dummy-ups\n\tport = one.dev\n", "one.dev": "ups.status: OL\n",
	})
	if err := errors.Join(os.Remove(s.state("")), os.WriteFile(filepath.Join(s.dir, "state"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	s.serving(ours("wattnut"), "agent")
	s.refused(filepath.Join(s.dir, "state"), ours("dummy-ups"), "-F", "-u", me(t), "-a", "one")
}

// TestDemo runs the demo for a moment: Ctrl-C ends it at once and without a
// complaint.
func TestDemo(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.vars = []string{"WATTNUT_LISTEN=127.0.0.1:" + s.port, "WATTNUT_WEB_LISTEN=127.0.0.1:0"}
	demo := s.start(ours("wattnut"), "demo")
	demo.says("Ctrl-C ends it.")
	s.becomes("GET VAR home device.type", `VAR home device.type "ups"`)
	idle := s.dial() // a client that stays
	idle.ask("VER")
	for _, path := range []string{"/metrics", "/probe?target=" + s.addr(), "/ups_metrics", "/nut"} {
		checkPage(t, fetch(t, "http://"+webOf(t, demo)+path))
	}
	nuttest.Await(t, func() error { return namesAll(fetch(t, "http://"+webOf(t, demo)+"/metrics")) })
	demo.signal(syscall.SIGINT)
	if code := demo.wait(3 * time.Second); code != 0 || stack.MatchString(demo.output()) {
		t.Errorf("ended with %d: %s", code, demo.output())
	}

	s.occupy()
	s.refused("another program has this port already", ours("wattnut"), "demo")
	s.vars = []string{"WATTNUT_LISTEN=127.0.0.1:0", "WATTNUT_WEB_LISTEN=" + s.addr()}
	s.refused("another program has this port already", ours("wattnut"), "demo")
}

// namesAll tells which is missing on a page of the metrics that an agent has of
// itself from the start on, once somebody has asked it something.
func namesAll(page string) error {
	for _, line := range []string{
		`nut_ups_up{ups="home"} 1`,
		`nut_driver_reconnects_total{ups="home"} 0`, `nut_ups_comms_lost_total{ups="home"} 0`,
		`nut_driver_poll_duration_seconds_bucket{ups="home",le="+Inf"} `, `nut_driver_poll_duration_seconds_count{ups="home"} `,
		"nut_upsd_clients 1", `nut_upsd_requests_total{command="GET VAR",result="OK"} `, "nut_upsd_auth_failures_total 0",
		"nut_upsmon_power_value 6", "nut_upsmon_min_supplies 1", "nut_upsmon_shutdown_ready 1", `nut_upsmon_shutdown_state{state="watching"} 1`,
		`nut_notifications_total{result="told",type="REPLBATT"} `, "nut_agent_info{version=", "process_cpu_seconds_total ", "go_goroutines ",
	} {
		if !strings.Contains(page, "\n"+line) {
			return fmt.Errorf("there is no %s in\n%s", line, page)
		}
	}
	return nil
}

// webOf is the address of the web pages that a demo invites to.
func webOf(t *testing.T, demo *process) string {
	t.Helper()
	_, rest, _ := strings.Cut(demo.output(), "curl http://")
	address, _, ok := strings.Cut(rest, "/metrics")
	if !ok {
		t.Fatalf("no address in %s", demo.output())
	}
	return address
}
