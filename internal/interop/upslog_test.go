package interop

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// TestUpslog has both upslogs sample each server, into a file and to their
// standard output.
func TestUpslog(t *testing.T) {
	t.Parallel()
	const format = "[%UPSHOST%] %VAR ups.status% %VAR battery.charge% %VAR no.such% 100%% %TIME @Y%"
	sample := regexp.MustCompile(`^\[one@127\.0\.0\.1:\d+\] OL CHRG 90 NA 100% 20\d\d$`)
	for _, way := range waysToServe() {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, served)
			way.serve(s)
			for name, program := range map[string]string{"theirs": theirs(t, "upslog"), "ours": ours("upslog")} {
				args := []string{"-s", "one@" + s.addr(), "-i", "1", "-f", format, "-u", me(t), "-p", filepath.Base(s.dir) + name}
				s.forget(filepath.Base(s.dir) + name)
				file := filepath.Join(s.dir, name+".log")
				filing := s.start(program, append(args, "-F", "-l", file)...)
				telling := s.start(program, append(args, "-l", "-")...)
				for _, text := range []func() string{telling.output, func() string { return content(t, file) }} {
					nuttest.Await(t, func() error { return matches(sample, 2, text()) })
				}
				for _, p := range []*process{filing, telling} {
					p.signal(syscall.SIGTERM)
					if code := p.wait(patience); code != 0 {
						t.Errorf("%s ended with %d", name, code)
					}
				}
			}
		})
	}
}

// matches tells whether at least n lines of a text match.
func matches(pattern *regexp.Regexp, n int, text string) error {
	for line := range strings.Lines(text) {
		if pattern.MatchString(strings.TrimSuffix(line, "\n")) {
			n--
		}
	}
	if n > 0 {
		return &unmatched{pattern, text}
	}
	return nil
}

type unmatched struct {
	pattern *regexp.Regexp
	text    string
}

func (u *unmatched) Error() string { return "no " + u.pattern.String() + " in " + u.text }

// content is what a file has now; "" if it is not there.
func content(tb testing.TB, path string) string {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		tb.Fatal(err)
	}
	return string(data)
}
