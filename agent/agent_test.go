package agent

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// site is a folder of configuration and the agent that runs it.
type site struct {
	dir   string
	agent *Agent
	addr  string
	log   *strings.Builder
}

// write writes the files of a site; every device file it names is there.
func (s *site) write(t *testing.T, upsConf string) *config.Config {
	t.Helper()
	for name, text := range map[string]string{
		"ups.conf": upsConf, "upsd.conf": "LISTEN 127.0.0.1 0\nSTATEPATH " + s.dir + "\n",
		"upsd.users": "[admin]\npassword = sekret\nactions = SET FSD\ninstcmds = ALL\nupsmon primary\n",
		"a.dev":      "ups.status: OL\nbattery.charge: 100\n", "b.dev": "ups.status: OB\n",
	} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, report := config.Load(config.Options{Dir: s.dir})
	for _, p := range report.Problems {
		t.Log(p.Error())
	}
	return c
}

// start runs the site until the test ends.
func start(t *testing.T, upsConf string) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), log: &strings.Builder{}}
	a, err := New(t.Context(), s.write(t, upsConf), Options{Drivers: all.Drivers(), Version: "test", Log: slog.New(slog.NewTextHandler(s.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	s.agent, s.addr = a, a.Addrs()[0].String()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("agent ended with %v", err)
		}
	})
	return s
}

func (s *site) dial(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.Dial(t.Context(), s.addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// status waits until the UPS has that status, or that error.
func status(t *testing.T, c *client.Client, ups, want string) {
	t.Helper()
	var got string
	for range 100 {
		value, err := c.GetVar(t.Context(), ups, "ups.status")
		if got = value; err != nil {
			got = err.Error()
		}
		if value == want || err != nil && strings.Contains(got, want) {
			return
		}
		pause(t)
	}
	t.Fatalf("%s is %q, want %q", ups, got, want)
}

func pause(t *testing.T) {
	t.Helper()
	select {
	case <-time.After(30 * time.Millisecond):
	case <-t.Context().Done():
	}
}

const twoUPSes = "[a]\ndriver = dummy-ups\nport = a.dev\ndesc = \"first\"\n[b]\ndriver = dummy-ups\nport = b.dev\n"

func TestAgentServes(t *testing.T) {
	c := start(t, twoUPSes).dial(t)
	status(t, c, "a", "OL")
	status(t, c, "b", "OB")
	list, err := c.ListUPS(t.Context())
	if err != nil || !slices.Equal(list, []client.UPS{{Name: "a", Description: "first"}, {Name: "b", Description: "Description unavailable"}}) {
		t.Errorf("got %v, %v", list, err)
	}
	for name, want := range map[nut.Name]string{"driver.name": "dummy-ups", "driver.version": "test", "driver.parameter.port": "a.dev", "device.type": "ups"} {
		if got, err := c.GetVar(t.Context(), "a", name); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	if text, err := c.GetDesc(t.Context(), "a", "ups.status"); err != nil || text == "Description unavailable" {
		t.Errorf("ups.status is described as %q, %v", text, err)
	}
}

func TestBrokenUPSStopsAlone(t *testing.T) {
	for _, broken := range []string{
		"driver = dummy-ups\nport = b.dev\nnonsense = 1\n",
		"driver = dummy-ups\n",
		"driver = no-such-driver\nport = x\n",
		"driver = ../../bin/sh\nport = x\n",
		"driver = dummy-ups\nport = missing.dev\n",
		"port = x\n",
	} {
		t.Run(broken, func(t *testing.T) {
			c := start(t, "[a]\ndriver = dummy-ups\nport = a.dev\n[b]\n"+broken).dial(t)
			status(t, c, "a", "OL")
			status(t, c, "b", "DRIVER-NOT-CONNECTED")
		})
	}
}

func TestReload(t *testing.T) {
	s := start(t, twoUPSes)
	c := s.dial(t)
	status(t, c, "a", "OL")
	status(t, c, "b", "OB")
	if err := errors.Join(c.Authenticate(t.Context(), "admin", "sekret"), c.Login(t.Context(), "a"), c.FSD(t.Context(), "a")); err != nil {
		t.Fatal(err)
	}
	kicked := s.dial(t)
	if err := errors.Join(kicked.Authenticate(t.Context(), "admin", "sekret"), kicked.Login(t.Context(), "b")); err != nil {
		t.Fatal(err)
	}
	entry := s.agent.Store().Lookup("a")
	before := entry.Snapshot()

	// b goes, c comes, a is described anew: its device is the same file.
	s.agent.Reload(s.write(t, "[c]\ndriver = dummy-ups\nport = b.dev\n[a]\ndriver = dummy-ups\nport = a.dev\ndesc = \"first\"\n"))
	status(t, c, "c", "OB")
	status(t, c, "b", "UNKNOWN-UPS")
	if n, err := c.NumLogins(t.Context(), "a"); err != nil || n != 1 {
		t.Errorf("after a reload %d clients are logged in, %v", n, err)
	}
	if s.agent.Store().Lookup("a").Snapshot() != before {
		t.Error("the device of a UPS that did not change was opened anew")
	}
	status(t, c, "a", "FSD OL")
	if _, err := kicked.Version(t.Context()); err == nil {
		t.Error("who was logged into a UPS that is gone is still connected")
	}

	// A change of a's device keeps its logins and the latch.
	s.agent.Reload(s.write(t, "[a]\ndriver = dummy-ups\nport = b.dev\ndesc = \"second\"\n"))
	status(t, c, "a", "FSD OB")
	if text, err := c.GetUPSDesc(t.Context(), "a"); err != nil || text != "second" {
		t.Errorf("described as %q, %v", text, err)
	}
	if n, err := c.NumLogins(t.Context(), "a"); err != nil || n != 1 {
		t.Errorf("after the device changed %d clients are logged in, %v", n, err)
	}

	// A section that became wrong goes on as it was.
	s.agent.Reload(s.write(t, "[a]\ndriver = dummy-ups\nport = b.dev\nnonsense = 1\n"))
	status(t, c, "a", "FSD OB")
}

func TestNewRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	nowhere := config.Listen{Host: "192.0.2.1", Port: "0"} // as ::1 where there is no IPv6
	good := config.Server{Listen: []config.Listen{{Host: "127.0.0.1", Port: "0"}}, MaxAge: time.Second}
	for _, tt := range []struct {
		name   string
		change func(*config.Server)
		want   string
	}{
		{"port taken", func(s *config.Server) { s.Listen = []config.Listen{{Host: "127.0.0.1", Port: port}} }, "another program has this port already"},
		{"one port taken", func(s *config.Server) { s.Listen = append(s.Listen, config.Listen{Host: "127.0.0.1", Port: port}) }, "another program has this port already"},
		{"one of two is enough", func(s *config.Server) {
			s.Listen = append(s.Listen, config.Listen{Host: "127.0.0.1", Port: port})
			s.AllowNotAllListeners = true
		}, ""},
		{"an address that this machine does not have", func(s *config.Server) { s.Listen = append(s.Listen, nowhere) }, "this machine does not have that address"},
		{"such a one, but nobody asked for it", func(s *config.Server) { s.Listen, s.ListenDefault = append(s.Listen, nowhere), true }, ""},
		{"only such", func(s *config.Server) { s.Listen, s.ListenDefault = []config.Listen{nowhere}, true }, "this machine does not have that address"},
		{"port taken, though nobody asked for it", func(s *config.Server) {
			s.Listen, s.ListenDefault = append(s.Listen, config.Listen{Host: "127.0.0.1", Port: port}), true
		}, "another program has this port already"},
		{"no certificate", func(s *config.Server) { s.CertFile = "/none/cert.pem" }, "/none/cert.pem"},
		{"good", func(*config.Server) {}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := good
			s.Listen = slices.Clone(good.Listen)
			tt.change(&s)
			a, err := New(t.Context(), &config.Config{Server: s}, Options{})
			if err == nil {
				a.Close()
			}
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAccountsCarryRights(t *testing.T) {
	got := accounts([]config.User{{Name: "u", Password: "p", Login: true, Primary: true, FSD: true, Set: true, AllCommands: true, Commands: []nut.Name{"load.off"}}})
	r := got[0].Rights
	if got[0].Name != "u" || got[0].Password != "p" || !r.Login || !r.Primary || !r.FSD || !r.Set || !r.AllCommands || len(r.Commands) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestDescribe(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cmdvartab"), []byte("VARDESC ups.status \"how it is\"\nCMDDESC load.off \"dark\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	log := quiet(nil)
	if d := describe(dir, log); d.Variable("UPS.STATUS") != "how it is" || d.Command("load.off") != "dark" {
		t.Error("the site's own table is not used")
	}
	if d := describe("", log); d.Variable("ups.status") == "" || d.Command("load.off") == "" || d.Variable("no.such") != "" {
		t.Error("the built-in words are not used")
	}
	if d := describe(dir+"/none", log); d.Variable("ups.status") == "" {
		t.Error("without the site's table there is none at all")
	}
}

// A driver of others is held to MAXAGE by its own device, a driver of ours is
// not: a new MAXAGE disturbs the first alone.
func TestReloadOfMaxAge(t *testing.T) {
	for _, attach := range []bool{false, true} {
		f := &fleet{options: Options{Drivers: all.Drivers(), Attach: attach, Log: quiet(nil)}, store: new(state.Store)}
		s := &site{dir: t.TempDir()}
		c := s.write(t, "[a]\ndriver = dummy-ups\nport = a.dev\n")
		f.begin(c)
		before := f.units["a"]
		f.apply(c)
		if f.units["a"] != before {
			t.Error("nothing changed, and yet the device was opened anew")
		}
		c.Server.MaxAge *= 2
		f.apply(c)
		if (f.units["a"] == before) == attach {
			t.Errorf("attached %t: opened anew %t", attach, f.units["a"] != before)
		}
		if err := f.stop(5 * time.Second); err != nil {
			t.Error(err)
		}
	}
}
