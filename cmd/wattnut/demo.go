package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/guard"
	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/drivers/dummy"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut/client"
	"github.com/wattnut/wattnut/nut/conf"
)

// demoFiles is the configuration of the demo: three UPSes by physics, and three
// devices from files.
var demoFiles = map[string]string{
	"ups.conf": `
[home]
	driver = simulator
	port = none
	preset = home
	desc = "A small line-interactive UPS at home"
[office]
	driver = simulator
	port = none
	preset = office
	desc = "An office UPS with an old battery"
[rack]
	driver = simulator
	port = none
	preset = rack
	desc = "A double-conversion UPS in a rack"
[pdu]
	driver = dummy-ups
	port = pdu.dev
	desc = "A PDU with switched outlets"
[server-room]
	driver = dummy-ups
	port = sensors.dev
	desc = "A UPS with sensors around it"
[battery-test]
	driver = dummy-ups
	port = batterytest.seq
	desc = "A UPS that tests its battery again and again"
`,
	"upsd.conf": "LISTEN 127.0.0.1 3493\n",
	"upsd.users": `
[demo]
	password = demo
	actions = SET
	actions = FSD
	instcmds = ALL
`,
}

func demoManual() manual.Manual {
	return manual.Manual{
		About: "Runs simulated UPSes, with nothing to configure. Ctrl-C ends it.\nWATTNUT_LISTEN and WATTNUT_WEB_LISTEN choose other addresses than\n127.0.0.1:3493 and 127.0.0.1:9199.",
		Forms: []string{""},
	}
}

// runDemo runs an agent with simulated UPSes, from no configuration.
func runDemo(ctx context.Context, c call) int {
	switch {
	case asksHelp(c.args):
		c.help(demoManual())
		return 0
	case len(c.args) > 0:
		return c.mistaken(demoManual())
	}
	dir, err := os.MkdirTemp("", "wattnut-demo-")
	if err != nil {
		return fail(c, err)
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintf(c.stderr, "demo: %v\n", err)
		}
	}()
	if err := writeDemo(dir); err != nil {
		return fail(c, err)
	}
	code := serveAgent(ctx, c, func() (*config.Config, *config.Report) {
		cfg, report := config.Load(config.Options{Dir: dir})
		cfg.StateDir = dir                               // nothing of a real agent's
		cfg.Env.History = cmp.Or(cfg.Env.History, "off") // of real UPSes
		return cfg, report
	}, func(cfg *config.Config, s *station) (leave func(), err error) {
		invite(c.stdout, s)
		return func() {}, s.watchDemo(cfg)
	})
	if code == 0 {
		fmt.Fprintln(c.stdout, "\nThe demo has ended.")
	}
	return code
}

// writeDemo writes the configuration and the device files into dir.
func writeDemo(dir string) error {
	for name, text := range demoFiles {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return fs.WalkDir(dummy.Demo(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(dummy.Demo(), path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, path), data, 0o600)
	})
}

// demoWatch is upsmon.conf of the demo. All UPSes feed this host, and one is enough,
// which is so as long as those from files stay on mains; and where they do not,
// what would end the host says so instead. Notices go to the terminal, and not to
// the system's log, whose readers would be alarmed.
func demoWatch(upses []config.UPS) string {
	var b strings.Builder
	b.WriteString("SHUTDOWNCMD \"echo The host would be shut down now, were this not a demo.\"\nNOTIFYCMD echo\n")
	for _, u := range upses {
		fmt.Fprintf(&b, "MONITOR %s@localhost 1 demo demo primary\n", u.Name)
	}
	for _, t := range monitor.Types() {
		fmt.Fprintf(&b, "NOTIFYFLAG %s EXEC\n", t)
	}
	return b.String()
}

// watchDemo has the station do what upsmon would, short of ending the host.
func (s *station) watchDemo(cfg *config.Config) error {
	if cfg.Env.UPSMon == "no" {
		return nil
	}
	if err := os.WriteFile(filepath.Join(cfg.Dir, "upsmon.conf"), []byte(demoWatch(cfg.UPSes)), 0o600); err != nil {
		return err
	}
	mon, report := config.LoadUPSMon(cfg.Dir, "")
	if err := report.Err(conf.Warning); err != nil {
		return err
	}
	var err error
	s.watch, err = newWatchman(mon, cfg, guard.NewDirect(newHost(mon, s.log)), monitor.Options{
		Store: s.agent.Store(), Own: func(client.Target) bool { return true }, Notifier: hostEvents{s}, Log: s.log,
	})
	return err
}

// invite says what to try.
func invite(w io.Writer, s *station) {
	self, err := os.Executable()
	if err != nil {
		self = "wattnut"
	}
	address := s.agent.Addrs()[0]
	fmt.Fprintf(w, `
wattnut runs six UPSes now. One after the other, their mains fails and returns,
as is told here. In another terminal, try:

  %[1]s upsc -l %[2]s
  %[1]s upsc home@%[2]s
  %[1]s upscmd -u demo -p demo home@%[2]s test.battery.start
`, self, address)
	if s.pages != nil {
		fmt.Fprintf(w, "  curl http://%[1]s/metrics\n\nor look at http://%[1]s/\n", s.pages.Addr())
	}
	fmt.Fprintln(w, "\nCtrl-C ends it.")
}
