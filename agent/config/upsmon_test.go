package config

import (
	"crypto/tls"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/nut/client"
	"github.com/wattnut/wattnut/nut/conf"
)

// upsmonOf reads a text as upsmon.conf.
func upsmonOf(t *testing.T, text string) (*UPSMon, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "upsmon.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m, report := LoadUPSMon("", path)
	var problems []string
	for _, p := range report.Problems {
		problems = append(problems, p.Severity.String()+": "+p.Error())
	}
	return m, problems
}

const oneMonitor = "MONITOR a@host 1 user secret primary\nSHUTDOWNCMD /bin/true\n"

func TestUPSMon(t *testing.T) {
	m, problems := upsmonOf(t, `
MONITOR a 1 "user name" secret primary
MONITOR b@[::1]:1234 2 user secret slave
MONITOR c@host 0 user secret MASTER
MINSUPPLIES 2
POLLFREQ 6
POLLFREQALERT 2.5
HOSTSYNC 16
DEADTIME 17
RBWARNTIME 18
NOCOMMWARNTIME 19
POLLFAIL_LOG_THROTTLE_MAX 20
OFFDURATION -1
OVERDURATION 22
OBLBDURATION 23
ALARMCRITICAL 0
FINALDELAY 24
LOSTTIME 25
SHUTDOWNEXIT no
SHUTDOWNCMD "/sbin/shutdown -h +0"
NOTIFYCMD "/bin/mail -s 'all of you' root"
POWERDOWNFLAG /etc/killpower
RUN_AS_USER nobody
DEBUG_MIN 3
NOTIFYMSG ONBATT "%s lost power"
NOTIFYFLAG ONBATT EXEC+WALL
NOTIFYFLAG ONLINE SYSLOG+IGNORE
SHUTDOWN_WHEN * CHARGE 30
SHUTDOWN_WHEN b@[::1]:1234 RUNTIME 120 onbattery 300
LOWBATT_AGREE a
SHUTDOWN_BY logind
SHUTDOWN_IF_LOST no
UPSSCHED program
LOWBATT_AGREE c@host FOR 10 CHARGE 20 RUNTIME 60
`)
	if problems != nil {
		t.Error(strings.Join(problems, "\n"))
	}
	want := monitor.Config{
		UPSes: []monitor.UPS{
			{Name: "a", Value: 1, Primary: true, Limits: monitor.Limits{Charge: 30}, Agree: monitor.Agree{On: true}},
			{Name: "b@[::1]:1234", Value: 2, Limits: monitor.Limits{Charge: 30, Runtime: 2 * time.Minute, OnBattery: 5 * time.Minute}},
			{
				Name: "c@host", Primary: true, Limits: monitor.Limits{Charge: 30},
				Agree: monitor.Agree{On: true, Charge: 20, Runtime: time.Minute, For: 10 * time.Second},
			},
		},
		MinSupplies: 2, PollFreq: 6 * time.Second, PollFreqAlert: 2500 * time.Millisecond, HostSync: 16 * time.Second,
		DeadTime: 17 * time.Second, ReplaceWarn: 18 * time.Second, NoCommWarn: 19 * time.Second, LogPollFail: 20,
		Off: -time.Second, Over: 22 * time.Second, LowBattery: 23 * time.Second, FinalDelay: 24 * time.Second,
		LostTime: 25 * time.Second, ShutdownExit: -1,
		Notices: map[monitor.Type]monitor.Notice{
			monitor.OnBattery: {Message: "%s lost power", Flags: monitor.Exec | monitor.Wall},
			monitor.Online:    {Message: monitor.DefaultNotice(monitor.Online).Message},
		},
	}
	if !reflect.DeepEqual(m.Decide, want) {
		t.Errorf("got  %+v\nwant %+v", m.Decide, want)
	}
	targets := []Monitored{
		{"a", client.Target{UPS: "a", Host: "localhost", Port: "3493"}, "user name", "secret", 2},
		{"b@[::1]:1234", client.Target{UPS: "b", Host: "::1", Port: "1234"}, "user", "secret", 3},
		{"c@host", client.Target{UPS: "c", Host: "host", Port: "3493"}, "user", "secret", 4},
	}
	if !slices.Equal(m.Monitors, targets) {
		t.Errorf("monitors %+v", m.Monitors)
	}
	if m.ShutdownCmd != "/sbin/shutdown -h +0" || m.PowerDownFlag != "/etc/killpower" || m.RunAsUser != "nobody" || m.DebugMin != 3 ||
		m.ShutdownBy != ByLogind || !m.KeepIfLost || !m.RunUPSSched {
		t.Errorf("got %+v", m)
	}
	if !slices.Equal(m.NotifyCmd, []string{"/bin/mail", "-s", "all of you", "root"}) {
		t.Errorf("NOTIFYCMD %q", m.NotifyCmd)
	}
}

func TestUPSMonDefaults(t *testing.T) {
	m, problems := upsmonOf(t, oneMonitor)
	want := monitor.Defaults()
	want.UPSes = []monitor.UPS{{Name: "a@host", Value: 1, Primary: true}}
	want.Notices = map[monitor.Type]monitor.Notice{}
	if problems != nil || !reflect.DeepEqual(m.Decide, want) {
		t.Errorf("%q: %+v", problems, m.Decide)
	}
}

func TestUPSMonProblems(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{oneMonitor + "MONITOR a@host 1 u p primary\n", "warning: upsmon.conf:3: MONITOR: a@host is on line 1 already: this one is ignored"},
		{oneMonitor + "MONITOR @host 1 u p primary\n", `error: upsmon.conf:3: MONITOR: UPS name "@host": no name before the @`},
		{oneMonitor + "MINSUPPLIES 2\n", "fatal: upsmon.conf: minimum supplies: 2 are needed, all UPSes together feed 1"},
		{"", "fatal: upsmon.conf: minimum supplies: 1 are needed, all UPSes together feed 0"},
		{"MONITOR a@host 1 u p primary", "warning: upsmon.conf: there is no SHUTDOWNCMD: nothing ends this host when the power does"},
		{oneMonitor + "SHUTDOWN_BY magic", `error: upsmon.conf:3: SHUTDOWN_BY: "magic" is none of COMMAND, LOGIND, EXIT`},
		{oneMonitor + `NOTIFYCMD "/bin/x >/tmp/y"`, "warning: upsmon.conf:3: NOTIFYCMD: no shell runs it, so characters that only a shell understands reach the program as they are: write a script"},
		{oneMonitor + "SHUTDOWN_WHEN b CHARGE 3", "error: upsmon.conf:3: SHUTDOWN_WHEN: there is no MONITOR line for b"},
		{oneMonitor + "SHUTDOWN_WHEN *", "error: upsmon.conf:3: SHUTDOWN_WHEN: 2 words are missing: SHUTDOWN_WHEN ups@host|* ONBATTERY seconds|CHARGE percent|RUNTIME seconds ..."},
		{oneMonitor + "SHUTDOWN_WHEN * CHARGE 101", "error: upsmon.conf:3: SHUTDOWN_WHEN: CHARGE: 101 is more than 100 percent"},
		{oneMonitor + "SHUTDOWN_WHEN * CHARGE low", `error: upsmon.conf:3: SHUTDOWN_WHEN: CHARGE: "low" is no number above 0`},
		{oneMonitor + "SHUTDOWN_WHEN * ONBATTERY 5m", `error: upsmon.conf:3: SHUTDOWN_WHEN: ONBATTERY: "5m" is no number above 0`},
		{oneMonitor + "SHUTDOWN_WHEN * LOAD 3", `error: upsmon.conf:3: SHUTDOWN_WHEN: "LOAD" is none of ONBATTERY, CHARGE, RUNTIME`},
		{oneMonitor + "LOWBATT_AGREE * FOR", "error: upsmon.conf:3: LOWBATT_AGREE: FOR needs a number behind it"},
		{oneMonitor + "LOWBATT_AGREE * FOR 1 for 2", "error: upsmon.conf:3: LOWBATT_AGREE: FOR is there twice"},
		{oneMonitor + "CERTFILE /nonexistent", "fatal: upsmon.conf:3: CERTFILE: certificate: open /nonexistent: no such file or directory"},
		{oneMonitor + "CERTVERIFY 1\nCERTPATH /nonexistent", "fatal: upsmon.conf:4: CERTPATH: certificates: stat /nonexistent: no such file or directory"},
	} {
		if _, got := upsmonOf(t, tt.text); !slices.Equal(got, []string{tt.want}) {
			t.Errorf("%q:\ngot  %q\nwant %q", tt.text, got, tt.want)
		}
	}
}

func TestUPSMonMissing(t *testing.T) {
	m, report := LoadUPSMon(t.TempDir(), "")
	if m == nil || report.Err(conf.Fatal) == nil {
		t.Error("a file that is not there is no problem")
	}
}

func TestLinger(t *testing.T) {
	for word, want := range map[string]time.Duration{"yes": 0, "no": -1, "0": 0, "1": time.Second, "30": 30 * time.Second, "TRUE": 0, "off": -1} {
		if got := linger(word); got != want {
			t.Errorf("SHUTDOWNEXIT %s: %v, want %v", word, got, want)
		}
	}
}

func TestCommands(t *testing.T) {
	for _, tt := range []struct {
		args  []string
		line  string
		words []string
	}{
		{[]string{"/bin/x -a  b"}, "/bin/x -a  b", []string{"/bin/x", "-a", "b"}},
		{[]string{`/bin/x "a b" '' c"d e"f`}, `/bin/x "a b" '' c"d e"f`, []string{"/bin/x", "a b", "", "cd ef"}},
		{[]string{"/bin/x", "it's", "a b"}, `'/bin/x' 'it'\''s' 'a b'`, []string{"/bin/x", "it's", "a b"}},
		{[]string{""}, "", nil},
	} {
		if got := commandLine(tt.args); got != tt.line {
			t.Errorf("%q for the shell: %s, want %s", tt.args, got, tt.line)
		}
		if got := words(tt.args); !slices.Equal(got, tt.words) {
			t.Errorf("%q: %q, want %q", tt.args, got, tt.words)
		}
	}
}

func TestUPSMonLinks(t *testing.T) {
	server := httptest.NewTLSServer(nil) // for its certificate
	defer server.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{path, dir} {
		m, problems := upsmonOf(t, oneMonitor+"MONITOR b@other 1 u p secondary\nMONITOR c@third 1 u p secondary\nCERTPATH "+place+`
FORCESSL 1
CERTHOST host "its name" 1 -1
CERTHOST other "" -1 0
`)
		if problems != nil {
			t.Fatal(problems)
		}
		links, err := m.Links()
		if err != nil {
			t.Fatal(err)
		}
		type rules struct {
			name            string
			verify, require bool
		}
		var got []rules
		for _, l := range links {
			got = append(got, rules{l.TLS.ServerName, !l.TLS.InsecureSkipVerify, l.RequireTLS})
		}
		if want := []rules{{"its name", true, true}, {"other", false, false}, {"third", false, true}}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if links[0].TLS.RootCAs == nil || links[0].Password != "secret" || links[0].TLS.MinVersion != tls.VersionTLS12 {
			t.Errorf("link %+v", links[0].TLS)
		}
	}
	if _, err := authorities(t.TempDir()); err == nil {
		t.Error("a folder without a certificate will do")
	}
}

func FuzzUPSMon(f *testing.F) {
	f.Add(oneMonitor + "SHUTDOWN_WHEN * CHARGE 3 RUNTIME 4\nLOWBATT_AGREE *\nNOTIFYCMD \"a 'b\"\nSHUTDOWNEXIT 3\n")
	f.Add("NOTIFYFLAG ONLINE +\nNOTIFYMSG x y\nCERTHOST a b c d\nCERTHOST a b 1 1\nMONITOR a 1 2 3 primary\n")
	f.Fuzz(func(t *testing.T, text string) {
		l := &loader{config: &Config{}, report: new(Report)}
		file, err := conf.Parse(conf.UPSMonConf, strings.NewReader(text))
		if err != nil {
			return
		}
		for _, s := range file.Sections { // files are not for a fuzzer to choose
			s.Directives = slices.DeleteFunc(s.Directives, func(d conf.Directive) bool { return d.Name == "CERTPATH" || d.Name == "CERTFILE" })
		}
		m := l.upsmon(file)
		if len(m.Monitors) != len(m.Decide.UPSes) {
			t.Errorf("%d links for %d UPSes", len(m.Monitors), len(m.Decide.UPSes))
		}
	})
}
