package conf

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// dump writes what a file says, one directive a line, and its problems.
func dump(f *File) string {
	var b strings.Builder
	for i, s := range f.Sections {
		if i > 0 {
			fmt.Fprintf(&b, "%d [%s]", s.Line, s.Name)
			if s.Broken {
				b.WriteString(" broken")
			}
			b.WriteByte('\n')
		}
		for _, d := range s.Directives {
			fmt.Fprintf(&b, "%d %s", d.Line, d.Name)
			if d.Set {
				b.WriteString(" =")
			}
			for _, a := range d.Args {
				fmt.Fprintf(&b, " %q", a)
			}
			b.WriteByte('\n')
		}
	}
	for _, p := range f.Problems {
		fmt.Fprintf(&b, "%s: %v\n", p.Severity, p)
	}
	return b.String()
}

func parse(t *testing.T, f *Format, text string) *File {
	t.Helper()
	file, err := Parse(f, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestParse(t *testing.T) {
	tests := []struct {
		name   string
		format *Format
		text   string
		want   string
	}{
		{"nothing", UPSConf, "", ""},
		{
			"a UPS", UPSConf, "maxretry = 3\n\n[a] # comment\n\tdriver=dummy-ups\n port = x.dev\n\tdesc = \"one \\\"two\\\"\"\n nolock\n", `
1 maxretry = "3"
3 [a]
4 driver = "dummy-ups"
5 port = "x.dev"
6 desc = "one \"two\""
7 nolock
`,
		},
		{"a byte order mark", UPSConf, "\ufeff# comment\n[a]\nport=x\n", "\n2 [a]\n3 port = \"x\"\n"},
		{"CR LF", UPSConf, "[a]\r\nport = x\r\n", "\n1 [a]\n2 port = \"x\"\n"},
		{"no LF at the end", UPSConf, "[a]\nport = x", "\n1 [a]\n2 port = \"x\"\n"},
		{"lines joined", UPSConf, "[a]\nport =\\\nx\nfoo\n", "\n1 [a]\n2 port = \"x\"\n4 foo\n"},
		{"= in values", UPSConf, "[a]\nport==\nx=b=c\nz \"=\" 1\n", `
1 [a]
2 port = "="
3 x = "b" "=" "c"
4 z = "1"
warning: ups.conf:3: x: only the first word counts; where the others belong to it, put all in quotes
`},
		{"words too many", UPSConf, "[a] b\ndesc = one two\n", `
1 [a]
2 desc = "one" "two"
warning: ups.conf:1: what stands behind the section's name is ignored
warning: ups.conf:2: desc: only the first word counts; where the others belong to it, put all in quotes
`},
		{"what NUT ignores", UPSConf, "junk\nfoo = bar\ndesc = x\n[a]\ndriver dummy-ups\nport =\nsddelay = 3\n", `
4 [a]
warning: ups.conf:1: junk is not a setting that can stand before the first [section]
warning: ups.conf:2: foo is not a setting that can stand before the first [section]
warning: ups.conf:3: desc stands before the first [section], where it means nothing
warning: ups.conf:5: driver: without a = before the value it is ignored
warning: ups.conf:6: port: there is nothing behind the =, so it is ignored; write "" for an empty value
warning: ups.conf:7: sddelay is obsolete: NUT ignores it; the driver's own setting, such as ondelay or offdelay, takes its place
`},
		{"what cannot be used", UPSConf, "[a]\nsdorder = q\npollinterval = 0\ndefault.x\n= y\n\"\" = z\nmaxretry = 99999999999\nnolock = maybe\n", `
1 [a] broken
error: ups.conf:2: sdorder: "q" is not a whole number
error: ups.conf:3: pollinterval: "0" is no period: it has to be more than 0 seconds
error: ups.conf:4: default.*: it needs a value: default.* = value
error: ups.conf:5: the setting has no name
error: ups.conf:6: the setting has no name
error: ups.conf:7: maxretry: "99999999999" is not a whole number
error: ups.conf:8: nolock: "maybe" is neither yes nor no
`},
		{"sections merge", UPSConf, "[a]\nport=x\n[b]\nport=y\n[a]\ndesc=z\n", `
1 [a]
2 port = "x"
6 desc = "z"
3 [b]
4 port = "y"
warning: ups.conf:5: section [a] began on line 1 already: both count as one
`},
		{"headers", UPSConf, "[a\nport=x\n[ b ]\nport=y\n[]\nport=z\n\"[c d]\"\nport=u\n", `
1 [a] broken
2 port = "x"
3 [b] broken
4 port = "y"
5 [] broken
6 port = "z"
7 [c d]
8 port = "u"
error: ups.conf:1: a section's header is one word: [name], or "[a name]" for one with blanks
error: ups.conf:3: a section's header is one word: [name], or "[a name]" for one with blanks
error: ups.conf:5: the section has no name
`},
		{"a quote that never closes", UPSConf, "[a]\ndriver = \"dummy-ups\nport = x\n[b]\ndriver = y\n", `
1 [a] broken
3 port = "x"
4 [b]
5 driver = "y"
error: ups.conf:2: a quote is not closed; the line is left out
`},
		{"two quotes that never close", UPSConf, "[a]\ndriver = \"dummy-ups\ndesc = \"foo\n[b]\ndesc = \"x\n y\"\n", `
1 [a] broken
4 [b]
5 desc = "x y"
error: ups.conf:2: a quote is not closed; the line is left out
error: ups.conf:3: a quote is not closed; the line is left out
warning: ups.conf:5: the quotes that open here close only on a later line: is one missing?
`},
		{"a hash in quotes", UPSConf, "[a]\nport = \"x#y\"\n[b]\nport=x\\#y\n", `
1 [a] broken
3 [b]
4 port = "x#y"
error: ups.conf:2: a # inside quotes needs a backslash: \#; the line is left out
`},
		{"bytes beyond ASCII", UPSConf, "# Büro\n[a]\ndesc = \"Büro\" # ü\nport = x # ü\n", `
2 [a]
3 desc = "Bro"
4 port = "x"
warning: ups.conf:3: only ASCII is read: other characters are left out
`},
		{"users", UPSDUsers, "[a]\npassword = \"x y\"\nactions = SET FSD\nactions = foo\ninstcmds = ALL\nupsmon primary\n[b]\nupsmon = slave\n", `
1 [a]
2 password = "x y"
3 actions = "SET" "FSD"
4 actions = "foo"
5 instcmds = "ALL"
6 upsmon "primary"
7 [b]
8 upsmon = "slave"
warning: upsd.users:4: actions: word 1 is none of SET, FSD, LOGIN, PRIMARY, MASTER
`},
		{"a user twice", UPSDUsers, "[a]\npassword = x\n[a]\npassword = y\n[b]\npassword = z\n", `
1 [a]
2 password = "x"
5 [b]
6 password = "z"
warning: upsd.users:3: user [a] is on line 1 already: this one is ignored
`},
		{"passwords gone astray", UPSDUsers, "hunter2\n[a]\npassword = x hunter2\nhunter2\npassword hunter2\nhunter2 = hunter2\nupsmon hunter2\nallowfrom = hunter2\nactions = hunter2\n\"\" = hunter2\n", `
2 [a] broken
3 password = "x" "hunter2"
9 actions = "hunter2"
warning: upsd.users:1: it is none of the settings of a user: ` + `
warning: upsd.users:3: password: only the first word counts; where the others belong to it, put all in quotes
warning: upsd.users:4: it is none of the settings of a user: password, actions, instcmds, upsmon
warning: upsd.users:5: password: without a = before the value it is ignored
warning: upsd.users:6: it is none of the settings of a user: password, actions, instcmds, upsmon
error: upsd.users:7: upsmon: word 1 is none of primary, master, secondary, slave
warning: upsd.users:8: allowfrom is obsolete: ` + useListen + `
warning: upsd.users:9: actions: word 1 is none of SET, FSD, LOGIN, PRIMARY, MASTER
error: upsd.users:10: the setting has no name
`},
		{"upsd.conf", UPSDConf, "LISTEN * 3493\nLISTEN ::1 3493 tls-required no-anonymous\nMAXAGE 15s\nCERTREQUEST require\n", `
1 LISTEN "*" "3493"
2 LISTEN "::1" "3493" "tls-required" "no-anonymous"
3 MAXAGE "15s"
4 CERTREQUEST "require"
warning: upsd.conf:3: MAXAGE: "15s" is more than a number: it is read as seconds, and what is behind the digits is ignored
`},
		{"upsd.conf, broken", UPSDConf, "JUNK 1\nMAXAGE x\nMAXAGE\nMAXAGE = 5\nmaxage 7\nACL a b\nLISTEN 1 2 3\nMAXCONN 1 2\nCERTIDENT hunter2\n", `
7 LISTEN "1" "2" "3"
8 MAXCONN "1" "2"
warning: upsd.conf:1: JUNK is no directive of this file, and is ignored
error: upsd.conf:2: MAXAGE: "x" is not a number of seconds
error: upsd.conf:3: MAXAGE: one word is missing: MAXAGE seconds
error: upsd.conf:4: MAXAGE: it is written without a =: MAXAGE seconds
warning: upsd.conf:5: maxage is ignored: directives are in capitals, MAXAGE
warning: upsd.conf:6: ACL is obsolete: ` + useListen + `
warning: upsd.conf:8: MAXCONN: only the first word counts; where the others belong to it, put all in quotes
error: upsd.conf:9: CERTIDENT: one word is missing: CERTIDENT name password
`},
		{"upsmon.conf", UPSMonConf, "MONITOR a@b:1 1 u p primary\nNOTIFYFLAG ONLINE SYSLOG+WALL\nNOTIFYFLAG FOO EXEC\nNOTIFYFLAG ONBATT EXEC+x\nMONITOR a hunter2 1 u p\nMONITOR a b\nOFFDURATION -1\nSHUTDOWNEXIT maybe\nCERTHOST h n -1 1\nPOLLFREQ 0\nSHUTDOWNCMD /sbin/shutdown -h +0\n", `
1 MONITOR "a@b:1" "1" "u" "p" "primary"
2 NOTIFYFLAG "ONLINE" "SYSLOG+WALL"
7 OFFDURATION "-1"
9 CERTHOST "h" "n" "-1" "1"
11 SHUTDOWNCMD "/sbin/shutdown" "-h" "+0"
error: upsmon.conf:3: NOTIFYFLAG: "FOO" is none of ` + strings.Join(notifyTypes, ", ") + `
error: upsmon.conf:4: NOTIFYFLAG: "EXEC+x" is none of SYSLOG, WALL, EXEC, IGNORE, joined by +
error: upsmon.conf:5: MONITOR: word 2 is not a whole number
error: upsmon.conf:6: MONITOR: 3 words are missing: MONITOR ups@host[:port] power-value user password primary|secondary
error: upsmon.conf:8: SHUTDOWNEXIT: "maybe" is not a number of seconds
error: upsmon.conf:10: POLLFREQ: "0" is no period: it has to be more than 0 seconds
`},
		{"upssched.conf", UPSSchedConf, "CMDSCRIPT /x\nAT ONBATT * START-TIMER t 30\nAT ONLINE a@b CANCEL-TIMER t c\nAT ONLINE * EXECUTE c d\nAT ONLINE * FOO c\nAT ONBATT * START-TIMER t\nAT ONBATT * START-TIMER t x\nAT ONBATT *\n", `
1 CMDSCRIPT "/x"
2 AT "ONBATT" "*" "START-TIMER" "t" "30"
3 AT "ONLINE" "a@b" "CANCEL-TIMER" "t" "c"
error: upssched.conf:4: AT: EXECUTE has too many words behind it
error: upssched.conf:5: AT: its command is none of START-TIMER, START-TIMER-SHARED, CANCEL-TIMER, CANCEL-TIMER-MATCHED, EXECUTE
error: upssched.conf:6: AT: START-TIMER needs a timer's name and its seconds
error: upssched.conf:7: AT: START-TIMER needs its seconds as a number
error: upssched.conf:8: AT: 2 words are missing: AT type ups|* START-TIMER|CANCEL-TIMER|EXECUTE ...
`},
		{"hosts.conf", HostsConf, "MONITOR a@b \"x y\"\nMONITOR a@b\n", `
1 MONITOR "a@b" "x y"
error: hosts.conf:2: MONITOR: one word is missing: MONITOR ups@host "text"
`},
		{"cmdvartab", CmdVarTab, "VARDESC a.b \"x\"\nCMDDESC c \"y\"\n", "\n1 VARDESC \"a.b\" \"x\"\n2 CMDDESC \"c\" \"y\"\n"},
		{"upsset.conf", UPSSetConf, "I_HAVE_SECURED_MY_CGI_DIRECTORY\n", "\n1 I_HAVE_SECURED_MY_CGI_DIRECTORY\n"},
		{"nut.conf", NUTConf, "# x\nMODE=none # y\n export UPSD_OPTIONS=\"-4 \\\"a\\\" $b\" \nUPSMON_OPTIONS='a\nb'\nNUT_X=a\\ b'c'\"d\"\\\ne\nPOWEROFF_WAIT=\n", `
2 MODE = "none"
3 UPSD_OPTIONS = "-4 \"a\" $b"
4 UPSMON_OPTIONS = "a\nb"
6 NUT_X = "a bcde"
8 POWEROFF_WAIT = ""
warning: nut.conf:3: UPSD_OPTIONS: $ and ` + "`" + ` are read as they are: nothing is put in their place here
`},
		{"nut.conf, broken", NUTConf, "MODE = none\nMODE=a\nFOO=1\nMODE\nUPSD_OPTIONS=a b\nALLOW_NO_DEVICE=\"yes\nMODE='none\n1A=b\n", `
error: nut.conf:1: it is no assignment: a shell reads this file, write NAME=value without blanks around the =
error: nut.conf:2: MODE: "a" is none of none, standalone, netserver, netclient, controlled, manual
warning: nut.conf:3: FOO is no setting of this file, and is ignored
error: nut.conf:4: it is no assignment: a shell reads this file, write NAME=value without blanks around the =
error: nut.conf:5: UPSD_OPTIONS: more than one word stands behind the =: put quotes around them
error: nut.conf:6: ALLOW_NO_DEVICE: a quote is not closed
error: nut.conf:7: MODE: a quote is not closed
error: nut.conf:8: it is no assignment: a shell reads this file, write NAME=value without blanks around the =
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := dump(parse(t, tt.format, tt.text))
			if want := strings.TrimPrefix(tt.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestProblemsHoldNoPassword(t *testing.T) {
	text := strings.ReplaceAll("X\n[a]\npassword = x X\nX\npassword X\nX = X\nupsmon X\nallowfrom = X\nactions = X\n\"\" = X\n[a]\npassword X\n", "X", "hunter2")
	for _, p := range parse(t, UPSDUsers, text).Problems {
		if strings.Contains(p.Error(), "hunter2") {
			t.Error(p)
		}
	}
}

func TestParseSettings(t *testing.T) {
	got := dump(ParseSettings(UPSConf, "WATTNUT_UPS_A", "a", "driver=dummy-ups port = \"x y\" nolock\nmode=\"\" sdorder=q foo="))
	want := `1 [a] broken
1 driver = "dummy-ups"
1 port = "x y"
1 nolock
2 mode = ""
error: WATTNUT_UPS_A:2: sdorder: "q" is not a whole number
warning: WATTNUT_UPS_A:2: foo: there is nothing behind the =, so it is ignored; write "" for an empty value
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestParseBounds(t *testing.T) {
	if _, err := Parse(UPSConf, io.LimitReader(endless{}, MaxSize+10)); err == nil {
		t.Error("a file beyond MaxSize was read")
	}
	if _, err := Parse(UPSConf, iotest.ErrReader(errors.New("unplugged"))); err == nil || !strings.Contains(err.Error(), "unplugged") {
		t.Errorf("a read error came back as %v", err)
	}
	f := parse(t, UPSConf, strings.Repeat("[a]\nsdorder = q\nsddelay\n", 2000))
	if n := len(f.Problems); n != MaxProblems+1 {
		t.Errorf("%d problems", n)
	}
	if more := "ups.conf: there are 4999 problems more"; f.Problems[0].Error() != more || f.Problems[0].Severity != Error {
		t.Errorf("%v, want %s", f.Problems[0], more)
	}
}

// Quotes that never close must not make reading quadratic.
func TestParseIsLinear(t *testing.T) {
	for _, text := range []string{"\"x\" \"\n", "A='\n", "[a]\n", "\"\n[\n"} {
		for _, f := range []*Format{UPSConf, UPSDConf, NUTConf} {
			parse(t, f, strings.Repeat(text, MaxSize/4/len(text)))
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '#'
	}
	return len(p), nil
}

func TestFormats(t *testing.T) {
	for _, f := range Formats() {
		if Lookup(f.Name) != f {
			t.Errorf("Lookup does not find %s", f.Name)
		}
		for _, r := range slices.Concat(f.rules, f.inside) {
			if len(r.args) < r.min && !r.more && r.check == nil {
				t.Errorf("%s: %s: %d arguments wanted, %d known", f.Name, r.name, r.min, len(r.args))
			}
		}
	}
	if Lookup("fstab") != nil {
		t.Error("Lookup finds a file that NUT does not have")
	}
}
