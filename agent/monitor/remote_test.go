package monitor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeServer answers as an upsd whose answers a test sets.
type fakeServer struct {
	mu      sync.Mutex
	answers map[string]string // by the request
	down    bool              // refuses connections
	hangs   bool              // does not answer
	full    bool              // hangs up at once
	dials   int
	conns   []net.Conn
	log     []string // requests, but those of polls
	polls   int
}

func newFakeServer(status string) *fakeServer {
	f := &fakeServer{answers: map[string]string{
		"STARTTLS": "ERR FEATURE-NOT-CONFIGURED", "USERNAME upsmon": "OK", "PASSWORD secret": "OK", "LOGIN a": "OK",
		"PRIMARY a": "OK PRIMARY-GRANTED", "GET NUMLOGINS a": "NUMLOGINS a 1", "FSD a": "OK FSD-SET", "LOGOUT": "OK Goodbye",
	}}
	f.status(status)
	return f
}

func (f *fakeServer) set(request, answer string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[request] = answer
}

func (f *fakeServer) status(status string) {
	f.set("GET VAR a ups.status", fmt.Sprintf("VAR a ups.status %q", status))
}

func (f *fakeServer) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

// restart ends all connections.
func (f *fakeServer) restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		c.Close()
	}
	f.conns = nil
}

func (f *fakeServer) dial(context.Context, string, string) (net.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dials++
	if f.down {
		return nil, errors.New("connection refused")
	}
	ours, theirs := net.Pipe()
	if f.full {
		ours.Close()
		return theirs, nil
	}
	f.conns = append(f.conns, ours)
	go f.serve(ours)
	return theirs, nil
}

func (f *fakeServer) serve(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	answers := make(chan string, 100) // a client may write before it reads
	defer close(answers)
	go func() {
		for a := range answers {
			conn.Write([]byte(a + "\n"))
		}
	}()
	for lines.Scan() {
		if a := f.answer(lines.Text()); a != "" {
			answers <- a
		}
	}
}

func (f *fakeServer) answer(request string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hangs {
		return ""
	}
	if request == "GET VAR a ups.status" {
		f.polls++
	} else if !strings.HasPrefix(request, "GET") {
		f.log = append(f.log, request)
	}
	if a := f.answers[request]; a != "" {
		return a
	}
	if strings.HasPrefix(request, "GET VAR") {
		return "ERR VAR-NOT-SUPPORTED"
	}
	return "ERR UNKNOWN-COMMAND"
}

// counts is how many polls and connections there were.
func (f *fakeServer) counts() (polls, dials int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.polls, f.dials
}

func (f *fakeServer) asked() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.log, "; ")
}

// newRemoteSite is a Monitor that watches the UPSes of a server.
func newRemoteSite(t *testing.T, c Config, f *fakeServer) *site {
	t.Helper()
	s := newSite(t, c, func(o *Options) { o.Dial = f.dial })
	watches, err := watches(c, linksOf(c, "there"))
	if err != nil {
		t.Fatal(err)
	}
	s.runner.watches = watches
	return s
}

const hello = "STARTTLS; USERNAME upsmon; PASSWORD secret; LOGIN a"

func TestRemoteShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeServer("OL")
		s := newRemoteSite(t, config("a=1p"), f)
		s.start(t)
		wait(time.Minute)
		if polls, dials := f.counts(); polls < 12 || polls > 14 || dials != 1 {
			t.Errorf("%d polls over %d connections in a minute", polls, dials)
		}
		f.set("GET NUMLOGINS a", "NUMLOGINS a 3")
		f.status("OB LB")
		wait(5 * time.Second)
		f.status("FSD OB LB")
		wait(5 * time.Second)
		s.expect(t, "ONBATT a; LOWBATT a; FSD a; low; SHUTDOWN_HOSTSYNC")
		f.set("GET NUMLOGINS a", "NUMLOGINS a 1")
		<-s.result
		s.expect(t, "ONBATT a; LOWBATT a; FSD a; low; SHUTDOWN_HOSTSYNC; SHUTDOWN; POWEROFF")
		if got := f.asked(); got != hello+"; PRIMARY a; FSD a; LOGOUT" {
			t.Error(got)
		}
	})
}

func TestRemoteStories(t *testing.T) {
	for _, tt := range []struct {
		name  string
		upses string
		play  func(f *fakeServer)
		for_  time.Duration
		want  string
		asked string
	}{
		{"monitor only", "a=0p", func(*fakeServer) {}, time.Minute, "", "STARTTLS; USERNAME upsmon; PASSWORD secret; PRIMARY a"},
		{"an old server", "a=1p", func(f *fakeServer) {
			f.set("STARTTLS", "ERR UNKNOWN-COMMAND")
			f.set("PRIMARY a", "")
			f.set("MASTER a", "OK MASTER-GRANTED")
		}, time.Minute, "", hello + "; PRIMARY a; MASTER a"},
		{"login denied", "a=1s", func(f *fakeServer) { f.set("LOGIN a", "ERR ACCESS-DENIED") }, 4 * time.Minute, "", hello},
		{"login denied for now", "a=1s", func(f *fakeServer) { f.set("LOGIN a", "ERR ACCESS-DENIED") }, 6 * time.Minute, "", hello + "; LOGIN a"},
		{"login of a UPS that is not there yet", "a=1s", func(f *fakeServer) {
			f.set("LOGIN a", "ERR UNKNOWN-UPS")
			f.set("GET VAR a ups.status", "ERR UNKNOWN-UPS")
		}, 6 * time.Second, "COMMBAD a", hello + "; LOGIN a; LOGIN a"},
		{"data is stale", "a=1p", func(f *fakeServer) {
			wait(time.Second)
			f.set("GET VAR a ups.status", "ERR DATA-STALE")
		}, time.Minute, "COMMBAD a", hello + "; PRIMARY a"},
		{"the server is started again", "a=1p", func(f *fakeServer) {
			wait(time.Second)
			f.restart()
		}, time.Minute, "", hello + "; PRIMARY a; " + hello + "; PRIMARY a"},
		{"the server goes and comes back", "a=1s", func(f *fakeServer) {
			wait(time.Second)
			f.change(func() { f.down = true })
			f.restart()
			wait(20 * time.Second)
			f.change(func() { f.down = false })
		}, time.Minute, "COMMBAD a; COMMOK a", hello + "; " + hello},
		{"the server hangs while on battery", "a=1s", func(f *fakeServer) {
			f.status("OB")
			wait(time.Second)
			f.change(func() { f.hangs = true })
		}, time.Minute, "ONBATT a; COMMBAD a; SHUTDOWN; low; POWEROFF", hello},
		{"the server dies on battery", "a=1p", func(f *fakeServer) {
			f.status("OB")
			wait(time.Second)
			f.change(func() { f.down = true })
			f.restart()
		}, time.Minute, "ONBATT a; COMMBAD a; FSD a; low; SHUTDOWN; POWEROFF", hello + "; PRIMARY a"},
		{"somebody else's forced shutdown", "a=1s", func(f *fakeServer) {
			wait(time.Second)
			f.status("FSD OL")
		}, 6 * time.Second, "FSD a; SHUTDOWN; low", hello},
		{"an alarm, with its text", "a=1s", func(f *fakeServer) {
			f.status("ALARM OL")
			f.set("GET VAR a ups.alarm", `VAR a ups.alarm "hot"`)
			wait(6 * time.Second)
			f.set("GET VAR a ups.alarm", `VAR a ups.alarm "hotter"`)
		}, time.Minute, "ALARM a; ALARM a", hello},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeServer("OL")
				s := newRemoteSite(t, withMin(config(tt.upses), tt.upses), f)
				played := make(chan struct{})
				go func() { tt.play(f); close(played) }()
				synctest.Wait() // what it sets first is there when the first question comes
				s.start(t)
				<-played
				wait(tt.for_)
				if tt.want != s.String() {
					t.Errorf("got  %s\nwant %s", s, tt.want)
				}
				if got := strings.TrimSuffix(f.asked(), "; LOGOUT"); got != tt.asked {
					t.Errorf("asked %s\nwant  %s", got, tt.asked)
				}
			})
		})
	}
}

// withMin lets a UPS of no power value be enough.
func withMin(c Config, upses string) Config {
	if strings.Contains(upses, "=0") {
		c.MinSupplies = 0
	}
	return c
}

// A host that was not counted by the server counts itself.
func TestUncountedPrimaryWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeServer("OB LB")
		f.set("LOGIN a", "ERR ACCESS-DENIED")
		s := newRemoteSite(t, config("a=1p"), f)
		s.start(t)
		wait(5 * time.Second) // NUMLOGINS 1 is a secondary
		s.expect(t, "ONBATT a; LOWBATT a; FSD a; low; SHUTDOWN_HOSTSYNC")
	})
}

// The forced shutdown is latched again on a server that has forgotten it.
func TestLatchIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeServer("OL")
		f.set("GET NUMLOGINS a", "NUMLOGINS a 2")
		s := newRemoteSite(t, config("a=1p"), f)
		s.start(t)
		wait(time.Second)
		s.runner.Force(t.Context())
		wait(3 * time.Second)
		f.restart()
		wait(3 * time.Second)
		if n := strings.Count(f.asked(), "FSD a"); n != 2 {
			t.Errorf("latched %d times: %s", n, f.asked())
		}
	})
}

// A server that is full is asked ever less often, and not at all while others
// find it in order.
func TestGentle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeServer("OL")
		f.full = true
		s := newRemoteSite(t, config("a=1p"), f)
		s.start(t)
		wait(10*time.Minute + time.Second)
		if _, dials := f.counts(); dials < 20 || dials > 26 {
			t.Errorf("%d attempts in 10 minutes", dials)
		}
		s.expect(t, "COMMBAD a; NOCOMM a; NOCOMM a")
		f.change(func() { f.full = false })
		wait(30 * time.Second)
		s.expect(t, "COMMBAD a; NOCOMM a; NOCOMM a; COMMOK a")
	})
}

// The figures are asked for where the decision looks at them.
func TestFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeServer("OB")
		f.set("GET VAR a battery.charge", `VAR a battery.charge "50"`)
		c := config("a=1s")
		c.UPSes[0].Limits.Charge = 30
		s := newRemoteSite(t, c, f)
		s.start(t)
		wait(time.Minute)
		s.expect(t, "ONBATT a")
		f.set("GET VAR a battery.charge", `VAR a battery.charge "30"`)
		wait(5 * time.Second)
		s.expect(t, "ONBATT a; SHUTDOWN; low")
	})
}

func TestRequireTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeServer("OL")
		s := newRemoteSite(t, config("a=1p"), f)
		s.runner.watches[0].RequireTLS = true
		s.start(t)
		wait(time.Second)
		s.expect(t, "COMMBAD a")
		if got := f.asked(); got != "STARTTLS" {
			t.Errorf("said %s in clear", got)
		}
	})
}

// A longer pause and a shorter one, as the UPS goes on battery.
func TestPollAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeServer("OL")
		c := config("a=1s")
		c.PollFreq, c.PollFreqAlert = 30*time.Second, time.Second
		s := newRemoteSite(t, c, f)
		s.start(t)
		wait(31 * time.Second)
		f.status("OB")
		wait(30 * time.Second)
		before, _ := f.counts()
		wait(10 * time.Second)
		after, _ := f.counts()
		if n := after - before; n < 9 || n > 11 {
			t.Errorf("%d polls in 10 s on battery", n)
		}
	})
}

// The host has slept: the connection is made anew.
func TestRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeServer("OL")
		bed := sleeper{make(chan bool)}
		s := newRemoteSite(t, config("a=1p"), f)
		s.runner.options.Sleeper = bed
		s.start(t)
		wait(time.Second)
		bed.sleeps <- false
		wait(time.Second)
		if _, dials := f.counts(); dials != 2 {
			t.Errorf("%d connections", dials)
		}
	})
}

func TestLinkEqual(t *testing.T) {
	a := watch{Link: Link{Name: "a", User: "u"}, counts: true}
	b := a
	b.Password = "other"
	if !a.equal(a) || a.equal(b) {
		t.Error("links are compared wrongly")
	}
	if _, err := watches(config("a=1p"), nil); err == nil {
		t.Error("a UPS without a link is taken")
	}
	if !slices.Equal(States(), []string{"watching", "syncing", "final", "lingering", "ended"}) {
		t.Error("states")
	}
}
