package interop

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestReload reads the configuration again while clients are there, by signal
// and by upsd -c reload. Whom the change does not touch goes on as if nothing
// had been; whoever is logged in to a UPS that goes is sent away.
func TestReload(t *testing.T) {
	t.Parallel()
	for _, way := range []way{
		{"our upsd", func(s *site) *process { return s.attached(ours("upsd"), ours("dummy-ups")) }},
		{"our agent", func(s *site) *process { return s.serving(ours("wattnut"), "agent") }},
	} {
		for name, reload := range map[string]func(s *site, server *process){
			"by signal": func(_ *site, server *process) { server.signal(syscall.SIGHUP) },
			"by command": func(s *site, server *process) {
				if r := s.run(ours("upsd"), "-c", "reload", "-P", strconv.Itoa(server.cmd.Process.Pid)); r.code != 0 {
					t.Errorf("upsd -c reload: %+v", r)
				}
			},
		} {
			t.Run(way.name+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, twoUPSes)
				server := way.serve(s)
				reloads(t, s, server, func() { reload(s, server) })
			})
		}
	}
}

var twoUPSes = files{
	"ups.conf":   "[keeps]\n\tdriver = dummy-ups\n\tport = keeps.dev\n\tdesc = before\n[goes]\n\tdriver = dummy-ups\n\tport = goes.dev\n",
	"keeps.dev":  "ups.status: OL\nbattery.charge: 90\n",
	"goes.dev":   "ups.status: OL\n",
	"upsd.users": "[mon]\n\tpassword = m0n\n\tupsmon primary\n[admin]\n\tpassword = sekret\n\tactions = SET\n",
}

func reloads(t *testing.T, s *site, server *process, reload func()) {
	t.Helper()
	stays, leaves, sets := s.dial(), s.dial(), s.dial()
	stays.asks("USERNAME mon", "OK", "PASSWORD m0n", "OK", "LOGIN keeps", "OK", "FSD keeps", "OK FSD-SET")
	leaves.asks("USERNAME mon", "OK", "PASSWORD m0n", "OK", "LOGIN goes", "OK")
	sets.asks("USERNAME admin", "OK", "PASSWORD sekret", "OK", "SET VAR keeps battery.charge 42", "OK")
	s.becomes("GET VAR keeps battery.charge", `VAR keeps battery.charge "42"`)

	changed, _, _ := strings.Cut(strings.Replace(twoUPSes["ups.conf"], "before", "after", 1), "[goes]")
	s.write(files{
		"ups.conf":   changed + "[comes]\n\tdriver = dummy-ups\n\tport = keeps.dev\n",
		"upsd.users": strings.Replace(twoUPSes["upsd.users"], "actions", "# actions", 1),
	})
	reload()
	s.becomes("GET UPSDESC keeps", `UPSDESC keeps "after"`)
	stays.asks(
		"GET NUMLOGINS keeps", "NUMLOGINS keeps 1",
		"LOGIN keeps", "ERR ALREADY-LOGGED-IN",
		"GET VAR keeps ups.status", `VAR keeps ups.status "FSD OL"`,
		"GET VAR keeps battery.charge", `VAR keeps battery.charge "42"`,
		"GET VAR goes ups.status", "ERR UNKNOWN-UPS",
	)
	sets.asks("SET VAR keeps battery.charge 43", "ERR ACCESS-DENIED")
	if got, err := leaves.try("VER"); err == nil {
		t.Errorf("the client of a UPS that went is answered %q", got)
	}

	s.write(files{"ups.conf": "[keeps]\n\tdriver = dummy-ups\n\tport = \n[goes\n", "upsd.users": twoUPSes["upsd.users"]})
	reload()
	server.says("ups.conf:4:")
	stays.asks("GET NUMLOGINS keeps", "NUMLOGINS keeps 1", "GET VAR keeps battery.charge", `VAR keeps battery.charge "42"`)

	s.write(twoUPSes)
	reload()
	s.becomes("GET UPSDESC keeps", `UPSDESC keeps "before"`)
	stays.asks("GET NUMLOGINS keeps", "NUMLOGINS keeps 1", "GET VAR keeps ups.status", `VAR keeps ups.status "FSD OL"`)
	sets.asks("SET VAR keeps battery.charge 43", "OK")
	s.becomes("GET VAR goes ups.status", `VAR goes ups.status "OL"`)
}
