package interop

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// TestControl has each upsd obey the other: reload and stop go by the PID file.
func TestControl(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, server, control string }{
		{"ours obeys theirs", ours("upsd"), theirs(t, "upsd")},
		{"ours obeys ours", ours("upsd"), ours("upsd")},
		{"theirs obeys ours", theirs(t, "upsd"), ours("upsd")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, twoUPSes)
			server := s.start(tt.server, "-FF", "-u", me(t))
			nuttest.Await(t, func() error { _, err := os.Stat(s.state("upsd.pid")); return err })
			s.becomes("GET UPSDESC keeps", `UPSDESC keeps "before"`)

			s.write(files{"ups.conf": strings.Replace(twoUPSes["ups.conf"], "before", "after", 1)})
			if r := s.run(tt.control, "-c", "reload"); r.code != 0 {
				t.Errorf("reload: %+v", r)
			}
			s.becomes("GET UPSDESC keeps", `UPSDESC keeps "after"`)

			if r := s.run(tt.control, "-FF", "-u", me(t)); r.code != 1 || stack.MatchString(r.err) {
				t.Errorf("a second upsd beside the first: %+v", r)
			}
			if r := s.run(tt.control, "-c", "stop"); r.code != 0 {
				t.Errorf("stop: %+v", r)
			}
			if code := server.wait(patience); code != 0 {
				t.Errorf("stopped with %d: %s", code, server.output())
			}
			if _, err := os.Stat(s.state("upsd.pid")); err == nil {
				t.Error("the PID file is still there")
			}
			if r := s.run(tt.control, "-c", "reload"); r.code == 0 {
				t.Errorf("reload of nobody: %+v", r)
			}
		})
	}
}

// TestEnds has our daemons end by each signal that asks for it.
func TestEnds(t *testing.T) {
	t.Parallel()
	for _, words := range [][]string{{"upsd", "-F", "-u", me(t)}, {"wattnut", "agent"}, {"dummy-ups", "-F", "-u", me(t), "-a", "keeps"}} {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			t.Run(words[0]+" "+sig.String(), func(t *testing.T) {
				t.Parallel()
				s := newSite(t, twoUPSes)
				p := s.start(ours(words[0]), words[1:]...)
				nuttest.Await(t, func() error {
					if _, err := os.Stat(s.state("dummy-ups-keeps")); err == nil {
						return nil
					}
					_, err := s.answer("VER")
					return err
				})
				p.signal(sig)
				if code := p.wait(patience); code != 0 || stack.MatchString(p.output()) {
					t.Errorf("ends with %d: %s", code, p.output())
				}
			})
		}
	}
}
