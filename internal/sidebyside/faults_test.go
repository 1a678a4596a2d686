package sidebyside

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

// ways are how a watcher of ours may run.
func ways() map[string]func(s *server, conf string) *watcher {
	return map[string]func(s *server, conf string) *watcher{
		"guarded": func(s *server, conf string) *watcher {
			s.comes()
			return watchOurs(newPlace(s), conf)
		},
		"in one process": func(s *server, conf string) *watcher {
			s.comes()
			return watch(newPlace(s), conf+flags(old+" "+recent), ours("upsmon"), "-F", "-p")
		},
		"in the agent": func(s *server, conf string) *watcher { return watchInside(s.place, conf) },
	}
}

// TestNotifyCommand has a NOTIFYCMD that does what it should not, through an
// outage. The host goes down in time, and once.
func TestNotifyCommand(t *testing.T) {
	t.Parallel()
	// What they start ends with the folder of the test.
	const hang = "while [ -e $DIR/etc ]; do sleep 0.5; done\n"
	for name, script := range map[string]string{
		"hangs":                  "#!/bin/sh\n" + hang,
		"forks and goes":         "#!/bin/sh\nfor i in 1 2 3 4 5 6 7 8; do\n( " + hang + " ) &\ndone\n",
		"forks out of its group": "#!/bin/sh\nfor i in 1 2 3 4 5 6 7 8; do\nsetsid sh -c '" + strings.TrimSpace(hang) + "' &\ndone\n" + hang,
		"fails":                  "#!/bin/sh\nexit 1\n",
		"is killed":              "#!/bin/sh\nkill -9 $$\n",
		"is no program":          "not a script\n",
	} {
		for how, watch := range ways() {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				s, w := outage(t, watch, "")
				w.write(files{"notify": script})
				s.drivers["one"].says("ups.status", "OB")
				rest(t, 1500*time.Millisecond)
				s.drivers["one"].says("ups.status", "OB LB")
				w.goesDownOnce(10 * time.Second)
			})
		}
	}
}

// outage is a server with a UPS that somebody watches.
func outage(t *testing.T, watch func(s *server, conf string) *watcher, conf string) (*server, *watcher) {
	t.Helper()
	s := newServer(newPlace(t), ours("upsd"), "127.0.0.1", nuttest.FreePort(t), "one")
	w := watch(s, "MONITOR one@"+s.addr+" 1 mon m0n primary\nPOLLFREQ 1\nPOLLFREQALERT 1\nHOSTSYNC 5\nFINALDELAY 1\n"+conf)
	nuttest.Await(t, func() error {
		n, err := s.logins("one")
		if err == nil && n != 1 {
			err = fmt.Errorf("%d are logged in", n)
		}
		return err
	})
	return s, w
}

// goesDownOnce finds that SHUTDOWNCMD runs within some time, and once.
func (w *watcher) goesDownOnce(within time.Duration) {
	w.Helper()
	began := uptime(w)
	if took := w.down(within) - began; took > within {
		w.Errorf("down after %v", took)
	}
	rest(w, 2*time.Second)
	if n := w.did(down); n != 1 {
		w.Errorf("down %d times", n)
	}
}

// TestDiskFills has the disk with the state folder, which is also where
// POWERDOWNFLAG and the PID file are, fill up while all is well. The host goes
// down nevertheless, once.
func TestDiskFills(t *testing.T) {
	t.Parallel()
	unshare := testenv.Need(t, "unshare")
	needRoot(t, "a disk is mounted by root only")
	for _, how := range []string{"guarded", "in one process"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s, w := outage(t, func(s *server, conf string) *watcher {
				s.comes()
				p := newPlace(t)
				p.within = []string{unshare, "-m", "sh", "-c", `mount -t tmpfs -o size=16k tmpfs "$0" && exec "$@"`, p.path("state")}
				if how == "guarded" {
					return watchOurs(p, conf)
				}
				return watch(p, conf+flags(old+" "+recent), ours("upsmon"), "-F", "-p")
			}, "")
			state := fmt.Sprintf("/proc/%d/root%s/", w.process.cmd.Process.Pid, w.path("state"))
			nuttest.Await(t, func() error { _, err := os.Stat(state + "upsmon.pid"); return err })
			if err := os.WriteFile(state+"fill", make([]byte, 1<<20), 0o600); err == nil {
				t.Fatal("the disk is not full")
			}
			s.drivers["one"].says("ups.status", "OB LB")
			w.goesDownOnce(10 * time.Second)
			if !strings.Contains(w.process.output(), "flag not raised") {
				t.Error("nobody is told that the flag is missing")
			}
		})
	}
}

// TestTenThousandNotices has a NOTIFYCMD that hangs, and ten thousand reasons
// to run it, before the battery is low.
func TestTenThousandNotices(t *testing.T) {
	t.Parallel()
	web := "127.0.0.1:" + nuttest.FreePort(t)
	s, w := outage(t, func(s *server, conf string) *watcher {
		s.vars = append(s.vars, "WATTNUT_WEB_LISTEN="+web)
		return watchInside(s.place, conf)
	}, "")
	w.write(files{"notify": "#!/bin/sh\n[ $NOTIFYTYPE = SHUTDOWN ] && touch $DIR/told\nwhile [ -e $DIR/etc ]; do sleep 0.5; done\n"})
	one := s.drivers["one"]
	end := time.Now().Add(time.Minute)
	for n := 0; n < 10_000; n = notices(t, web) {
		if time.Now().After(end) {
			t.Fatalf("%d notices only", n)
		}
		for range 200 {
			one.says("ups.status", "OL BYPASS CAL OFF OVER TRIM BOOST TEST")
			rest(t, time.Millisecond)
			one.says("ups.status", "OL")
			rest(t, time.Millisecond)
		}
	}
	t.Logf("%d notices", notices(t, web))
	one.says("ups.status", "OB LB")
	w.goesDownOnce(10 * time.Second)
	if _, err := os.Stat(w.path("told")); err != nil {
		t.Errorf("the shutdown was not told: %v", err)
	}
}

// notices is how many notices the metrics count.
func notices(tb testing.TB, web string) (n int) {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, "http://"+web+"/metrics", http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer answer.Body.Close()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if line := lines.Text(); strings.HasPrefix(line, "nut_notifications_total{") {
			value, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
			if err != nil {
				tb.Fatal(err)
			}
			n += int(value)
		}
	}
	return n
}
