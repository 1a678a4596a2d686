package interop

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// served is what the clients see.
var served = files{
	"ups.conf": `user = $USER
pollinterval = 1
[one]
	driver = dummy-ups
	port = one.dev
	mode = dummy-once
	desc = "The \"first\" \\ one"
[two]
	driver = dummy-ups
	port = two.dev
	mode = dummy-once
[gone]
	driver = dummy-ups
	port = missing.file
	mode = dummy-once
`,
	"one.dev": `battery.charge: 90
battery.charge.low: 20
device.mfr: Example Mfg
device.model: Economy "1600" \ rev
input.voltage: 231.5
ups.delay.shutdown: 20
ups.id: name with spaces
ups.load: 12
ups.serial: 0764
ups.status: OL CHRG
`,
	"two.dev": "ups.status: OB DISCHRG\nbattery.charge: 31\n",
	"upsd.users": `[admin]
	password = sekret
	actions = SET
	instcmds = ALL
[mon]
	password = m0n
	upsmon primary
`,
}

// asked is what is asked, one after the other. @ is the server's address.
var asked = [][]string{
	{"upsc", "-l", "@"},
	{"upsc", "-L", "@"},
	{"upsc", "one@@"},
	{"upsc", "ONE@@"},
	{"upsc", "two@@"},
	{"upsc", "one@@", "ups.serial"},
	{"upsc", "one@@", "device.model"},
	{"upsc", "one@@", "no.such"},
	{"upsc", "none@@"},
	{"upsc", "gone@@"},
	{"upsc", "-c", "one@@"},
	{"upscmd", "-l", "one@@"},
	{"upscmd", "-l", "none@@"},
	{"upscmd", "-u", "admin", "-p", "sekret", "one@@", "load.off"},
	{"upscmd", "-u", "admin", "-p", "sekret", "one@@", "no.such"},
	{"upscmd", "-u", "admin", "-p", "wrong", "one@@", "load.off"},
	{"upscmd", "-u", "mon", "-p", "m0n", "one@@", "load.off"},
	{"upscmd", "-u", "admin", "-p", "sekret", "gone@@", "load.off"},
	{"upscmd", "-u", "admin", "-p", "sekret", "-w", "-t", "5", "one@@", "load.off"},
	{"upsrw", "one@@"},
	{"upsrw", "none@@"},
	{"upsrw", "-u", "admin", "-p", "sekret", "-w", "-t", "5", "-s", "ups.id=set by a client", "one@@"},
	{"upsrw", "-u", "admin", "-p", "sekret", "-w", "-t", "5", "-s", "battery.charge=55", "one@@"},
	{"upsrw", "-u", "admin", "-p", "sekret", "-s", "device.type=x", "one@@"},
	{"upsrw", "-u", "admin", "-p", "sekret", "-s", "no.such=1", "one@@"},
	{"upsrw", "-u", "admin", "-p", "wrong", "-s", "ups.id=x", "one@@"},
	{"upsrw", "-u", "mon", "-p", "m0n", "-s", "ups.id=x", "one@@"},
	{"upsrw", "-u", "admin", "-p", "sekret", "-s", "ups.id=" + strings.Repeat("x", 200), "one@@"},
	{"upsrw", "-u", "admin", "-p", "sekret", "-s", "ups.id=x", "gone@@"},
	{"upsc", "one@@"},
	{"upsrw", "one@@"},
}

// TestClients asks each server the same with the distribution's clients and
// with ours. All six say the same, but for what docs/differences-clients.md has.
func TestClients(t *testing.T) {
	t.Parallel()
	want := answersOf(t, waysToServe()[0], theirs)
	for _, way := range waysToServe() {
		t.Run("their clients and "+way.name, func(t *testing.T) {
			t.Parallel()
			compare(t, answersOf(t, way, theirs), want)
		})
		t.Run("our clients and "+way.name, func(t *testing.T) {
			t.Parallel()
			mended := slices.Clone(want)
			for i, r := range mended {
				if strings.HasPrefix(r.err, "ERR ") {
					mended[i].code = 1 // the tracked order came to nothing; NUT 2.8.0 says 0
				}
			}
			compare(t, answersOf(t, way, func(_ testing.TB, program string) string { return ours(program) }), mended)
		})
	}
}

func compare(t *testing.T, got, want []result) {
	t.Helper()
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%q says\n%+v, want\n%+v", asked[i], got[i], want[i])
		}
	}
}

// TestClientsOverTLS has a server that answers nobody without TLS. upsc of
// either kind shows what it shows without.
func TestClientsOverTLS(t *testing.T) {
	t.Parallel()
	s := newSite(t, served)
	s.write(files{"upsd.conf": "LISTEN 127.0.0.1 $PORT\nLISTEN 127.0.0.2 $PORT tls-required\nCERTFILE " + pemFile(t) + "\n"})
	waysToServe()[3].serve(s)
	secure := "one@127.0.0.2:" + s.port
	want := s.run(theirs(t, "upsc"), "one@"+s.addr())
	for _, client := range []string{theirs(t, "upsc"), ours("upsc")} {
		if got := s.run(client, secure); got.out != want.out || got.code != 0 || got.out == "" {
			t.Errorf("%s shows\n%+v, want\n%+v", client, got, want)
		}
	}
	if got := s.run(theirs(t, "upscmd"), "-l", secure); got.code == 0 { // it knows no TLS
		t.Errorf("without TLS: %+v", got)
	}
}

// answersOf serves the UPSes anew and asks everything.
func answersOf(t *testing.T, way way, client func(testing.TB, string) string) []result {
	t.Helper()
	s := newSite(t, served)
	way.serve(s)
	answers := make([]result, len(asked))
	for i, words := range asked {
		args := slices.Clone(words[1:])
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "@@", "@"+s.addr())
			if args[i] == "@" {
				args[i] = s.addr()
			}
		}
		answers[i] = s.plain(s.run(client(t, words[0]), args...))
	}
	return answers
}

// driversOwn is what a driver tells of itself, and the commands that all drivers
// have since NUT 2.8.1.
var driversOwn = regexp.MustCompile(`(?m)^(driver\.(version|parameter|flag|debug|reload|killpower)|shutdown\.default).*\n|^\[driver\..*\n(.+\n)*\n`)

// noDatabase is what the distribution's clients say of their TLS library.
const noDatabase = "Init SSL without certificate database\n"

// plain is an answer without what is of this site or of the server's build.
func (s *site) plain(r result) result {
	known := strings.NewReplacer(s.addr(), "SERVER", s.port, "PORT", s.dir, "DIR", binaries+"/", "", noDatabase, "")
	r.out = driversOwn.ReplaceAllString(known.Replace(r.out), "")
	r.err = known.Replace(r.err)
	return r
}
