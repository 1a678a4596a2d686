package interop

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// monitored is what two upsmons watch, and who they are.
var monitored = files{
	"ups.conf": "user = $USER\npollinterval = 1\n[one]\n\tdriver = dummy-ups\n\tport = one.dev\n\tmode = dummy-once\n",
	"one.dev":  "ups.status: OL\nbattery.charge: 90\n",
	"upsd.users": `[admin]
	password = sekret
	actions = SET
[mon]
	password = m0n
	upsmon primary
[second]
	password = s3c
	upsmon secondary
`,
}

// upsmon runs the distribution's upsmon against the server of s, with a folder
// of its own. Shutting down and telling are files that it writes there. It goes
// by a name of its own, since NUT has one PID file for all that share one: this
// machine's own upsmon, if there is one, must neither see it nor be seen.
func (s *site) upsmon(role, user, password string) *monitor {
	s.Helper()
	m := &monitor{site: newSite(s, nil)}
	m.program = filepath.Join(m.dir, "upsmon-"+filepath.Base(m.dir))
	if err := os.Symlink(theirs(s, "upsmon"), m.program); err != nil {
		s.Fatal(err)
	}
	notify := filepath.Join(m.dir, "notify")
	if err := os.WriteFile(notify, []byte("#!/bin/sh\necho \"$NOTIFYTYPE\" >>\""+m.dir+"/notes\"\n"), 0o700); err != nil {
		s.Fatal(err)
	}
	conf := `MONITOR one@` + s.addr() + ` 1 ` + user + ` ` + password + ` ` + role + `
MINSUPPLIES 1
SHUTDOWNCMD "touch $DIR/shut-down"
POWERDOWNFLAG $DIR/state/killpower
NOTIFYCMD $DIR/notify
POLLFREQ 1
POLLFREQALERT 1
HOSTSYNC 5
DEADTIME 15
FINALDELAY 0
`
	for event := range strings.FieldsSeq("ONLINE ONBATT LOWBATT FSD COMMOK COMMBAD SHUTDOWN REPLBATT NOCOMM NOPARENT") {
		conf += "NOTIFYFLAG " + event + " EXEC\n" // no syslog, no wall
	}
	m.write(files{"upsmon.conf": conf})
	m.forget(filepath.Base(m.program))
	m.process = m.start(m.program, "-F", "-p") // one process: its ID is the one to signal
	return m
}

// monitor is a running upsmon.
type monitor struct {
	*site

	program string
	process *process
}

// fsd orders it to shut down.
func (m *monitor) fsd() {
	m.Helper()
	if r := m.run(m.program, "-c", "fsd", "-P", strconv.Itoa(m.process.cmd.Process.Pid)); r.code != 0 {
		m.Errorf("upsmon -c fsd: %+v", r)
	}
}

// shutDown waits until it has run its SHUTDOWNCMD.
func (m *monitor) shutDown() {
	m.Helper()
	nuttest.Await(m, func() error { _, err := os.Stat(filepath.Join(m.dir, "shut-down")); return err })
}

// TestUpsmon has the distribution's upsmon log in to each server as primary and
// as secondary, and shut both down: by order, and because the battery is low.
func TestUpsmon(t *testing.T) {
	t.Parallel()
	for _, way := range waysToServe() {
		for name, cause := range map[string]func(s *site, primary *monitor){
			"by order": func(_ *site, primary *monitor) { primary.fsd() },
			"by a low battery": func(s *site, _ *monitor) {
				if r := s.run(theirs(t, "upsrw"), "-u", "admin", "-p", "sekret", "-s", "ups.status=OB LB", "one@"+s.addr()); r.code != 0 {
					t.Errorf("upsrw: %+v", r)
				}
			},
		} {
			t.Run(way.name+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, monitored)
				way.serve(s)
				shutsDown(t, s, cause)
			})
		}
	}
}

func shutsDown(t *testing.T, s *site, cause func(s *site, primary *monitor)) {
	t.Helper()
	primary := s.upsmon("primary", "mon", "m0n")
	secondary := s.upsmon("secondary", "second", "s3c")
	s.becomes("GET NUMLOGINS one", "NUMLOGINS one 2")
	if rows, err := s.dial().list("CLIENT one"); err != nil || strings.Join(rows, ",") != "CLIENT one 127.0.0.1,CLIENT one 127.0.0.1" {
		t.Errorf("clients: %q, %v", rows, err)
	}
	cause(s, primary)
	secondary.shutDown()
	primary.shutDown()
	if got := s.dial().ask("GET VAR one ups.status"); !strings.HasPrefix(got, `VAR one ups.status "FSD O`) {
		t.Errorf("after the order: %s", got)
	}
	for _, m := range []*monitor{primary, secondary} {
		m.process.wait(10 * time.Second)
		if notes := content(t, filepath.Join(m.dir, "notes")); !strings.Contains(notes, "SHUTDOWN") {
			t.Errorf("it was told %q", notes)
		}
	}
	s.becomes("GET NUMLOGINS one", "NUMLOGINS one 0")
	if content(t, primary.state("killpower")) == "" {
		t.Error("the primary has not set POWERDOWNFLAG")
	}
}
