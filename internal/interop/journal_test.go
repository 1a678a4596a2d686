//go:build linux

package interop

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

// TestJournal has systemd's journald run where nobody else sees it, and the agent
// log to it: journalctl has each record with its priority, and finds those of a
// UPS by the field.
func TestJournal(t *testing.T) {
	journalctl := testenv.Need(t, "journalctl")
	needRoot(t)
	s := newSite(t, files{
		"ups.conf": "[rack]\ndriver = dummy-ups\nport = x.dev\n[gone]\ndriver = dummy-ups\nport = missing.dev\n",
		"x.dev":    "ups.status: OB\n",
	})
	s.vars = append(s.vars, "WATTNUT_LOG_FORMAT=journal")
	daemon := s.start("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /run && mount -t tmpfs none /var/log && exec /lib/systemd/systemd-journald")
	inside := func(args ...string) []string {
		return append([]string{"--mount", "--target", strconv.Itoa(daemon.cmd.Process.Pid)}, args...)
	}
	nuttest.Await(t, func() error {
		if r := s.run("nsenter", inside("test", "-S", "/run/systemd/journal/socket")...); r.code != 0 {
			return errors.New("no journal yet")
		}
		return nil
	})
	agent := s.start("nsenter", inside(ours("wattnut"), "agent")...)
	nuttest.Await(t, func() error { return s.live("rack") })
	for field, want := range map[string]entry{
		"WATTNUT_UPS=rack":  {Message: "event ups=rack type=ONBATT", Priority: "6", Identifier: "wattnut", UPS: "rack"},
		"WATTNUT_UPS=gone":  {Message: "no contact ups=gone", Priority: "4", Identifier: "wattnut", UPS: "gone"},
		"SYSLOG_IDENTIFIER": {Message: "serving clients address=" + s.addr(), Priority: "6", Identifier: "wattnut"},
	} {
		if field == "SYSLOG_IDENTIFIER" {
			field += "=wattnut"
		}
		nuttest.Await(t, func() error {
			out := s.run("nsenter", inside(journalctl, "--no-pager", "--output=json", field)...).out
			for line := range strings.Lines(out) {
				var e entry
				if err := json.Unmarshal([]byte(line), &e); err != nil {
					return err
				}
				if strings.HasPrefix(e.Message, want.Message) && e.File != "" {
					if e.Message, e.File = want.Message, ""; e == want {
						return nil
					}
				}
			}
			return errors.New(field + ": there is no " + want.Message + " in\n" + out)
		})
	}
	if said := agent.output(); said != "" {
		t.Errorf("the agent said beside it: %s", said)
	}
}

// TestNoJournal has the agent asked to log to a journal that is not there: it
// says so, and goes on where it can be read.
func TestNoJournal(t *testing.T) {
	needRoot(t)
	s := newSite(t, files{"ups.conf": "[rack]\ndriver = dummy-ups\nport = x.dev\n", "x.dev": "ups.status: OL\n"})
	s.vars = append(s.vars, "WATTNUT_LOG_FORMAT=journal")
	agent := s.start("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /run && exec "+ours("wattnut")+" agent")
	agent.says(`level=WARN msg="not logging to the journal"`)
	agent.says(`level=INFO msg="serving clients"`)
	nuttest.Await(t, func() error { return s.live("rack") })
}

func needRoot(tb testing.TB) {
	tb.Helper()
	if os.Geteuid() != 0 {
		tb.Skip("a file system of one's own is made by root only")
	}
}

// entry is one of the journal's, as journalctl shows it.
type entry struct {
	Message    string `json:"MESSAGE"`
	Priority   string `json:"PRIORITY"`
	Identifier string `json:"SYSLOG_IDENTIFIER"`
	UPS        string `json:"WATTNUT_UPS"`
	File       string `json:"CODE_FILE"`
}
