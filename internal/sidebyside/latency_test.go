package sidebyside

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// TestLatency takes the time from the line by which a driver says that the
// battery is low to the start of SHUTDOWNCMD: of the distribution's upsd and
// upsmon, of ours in their place, and of our agent, which is both, side by side
// at the same drivers. Poll periods are upsmon's defaults, 5 s; each round is at
// another moment between two polls. One round shows that all is well;
// WATTNUT_LATENCY=1 asks for as many as the page on performance has.
func TestLatency(t *testing.T) {
	t.Parallel()
	rounds := 1
	if os.Getenv("WATTNUT_LATENCY") != "" {
		rounds = 10
	}
	took := make(map[string][]time.Duration)
	for i := range rounds {
		for name, d := range latencies(t, time.Duration(i)*5*time.Second/time.Duration(rounds)) {
			took[name] = append(took[name], d)
		}
	}
	for _, name := range runners {
		slices.Sort(took[name])
		all := took[name]
		t.Logf("%-20s %8s least, %8s half of them, %8s most", name, round(all[0]), round(all[len(all)/2]), round(all[len(all)-1]))
	}
	const promised = time.Second // the machine may be busy; alone it takes some ms
	if half := took[agentInside][rounds/2]; half > promised {
		t.Errorf("our agent takes %v", half)
	}
}

// What is measured.
const (
	upsdAndUpsmon = "upsd and upsmon"
	oursInPlace   = "our upsd and upsmon"
	agentInside   = "our agent"
)

var runners = []string{upsdAndUpsmon, oursInPlace, agentInside} //nolint:gochecknoglobals // a table

func round(d time.Duration) string { return d.Round(100 * time.Microsecond).String() }

// latencies has the battery of three UPSes run low at once, some time after all
// of their watchers have begun.
func latencies(t *testing.T, later time.Duration) map[string]time.Duration {
	t.Helper()
	const defaults = "POLLFREQ 5\nPOLLFREQALERT 5\nHOSTSYNC 15\nFINALDELAY 0\n"
	servers, watchers := map[string]*server{}, map[string]*watcher{}
	monitor := func(s *server) string { return "MONITOR one@" + s.addr + " 1 mon m0n primary\n" + defaults }
	for _, name := range runners {
		s := newServer(newPlace(t), theirs(t, "upsd"), "127.0.0.1", nuttest.FreePort(t), "one")
		servers[name] = s
		switch name {
		case upsdAndUpsmon:
			s.comes()
			watchers[name] = watchTheirs(newPlace(t), monitor(s))
		case oursInPlace:
			s.program = ours("upsd")
			s.comes()
			watchers[name] = watchOurs(newPlace(t), monitor(s))
		case agentInside:
			watchers[name] = watchInside(s.place, monitor(s))
		}
	}
	for _, s := range servers {
		nuttest.Await(t, func() error {
			n, err := s.logins("one")
			if err == nil && n != 1 {
				err = fmt.Errorf("%d are logged in", n)
			}
			return err
		})
	}
	for _, w := range watchers { // 10 ms, as the diary has them, are too coarse
		w.write(files{"down": "#!/bin/sh\ndate +%s%N >$DIR/now && mv $DIR/now $DIR/down-at\n"})
	}
	rest(t, later)
	began := time.Now()
	for _, s := range servers {
		s.drivers["one"].says("ups.status", "OB LB")
	}
	took := make(map[string]time.Duration)
	for name, w := range watchers {
		took[name] = w.downAt().Sub(began)
		w.process.kill()
	}
	for _, s := range servers {
		if s.process != nil {
			s.goes()
		}
	}
	return took
}

// downAt waits for SHUTDOWNCMD, and is when it began.
func (w *watcher) downAt() (at time.Time) {
	w.Helper()
	nuttest.Await(w, func() error {
		n, err := strconv.ParseInt(strings.TrimSpace(w.read("down-at")), 10, 64)
		at = time.Unix(0, n)
		return err
	})
	return at
}
