package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// besideUsers is the upsd.users of the recorded dialogues.
const besideUsers = `
[admin]
	password = sekret
	actions = SET
	actions = FSD
	instcmds = ALL
[primon]
	password = "pass word"
	upsmon primary
[secmon]
	password = s3c
	upsmon secondary
[limited]
	password = lim
	instcmds = test.panel.start
	instcmds = load.off
[setter]
	password = "a=b\#c\"d\\e"
	actions = SET
[nopw]
	actions = SET
	upsmon primary
`

// TestBesideUPSD asks the distribution's upsd and our server the same, over the
// same facts, and wants the same bytes: every command with too little, with too
// much, with each kind of UPS, variable and user.
func TestBesideUPSD(t *testing.T) {
	t.Parallel()
	var devices []nuttest.Device
	for _, name := range []string{"fake", "nodesc", "nodrv", "stale", "onbatt"} {
		d := nuttest.Device{Name: name, Says: dumps[name], Outcomes: map[string]int{}}
		if d.Says != "" {
			d.Says += "\nDUMPDONE\n"
		}
		d.Desc = map[string]string{"fake": "Development box", "nodrv": "No driver here"}[name]
		devices = append(devices, d)
	}
	theirs := nuttest.StartUPSD(t, nuttest.Config{Devices: devices, Users: besideUsers})
	w := newWorld(t, false)
	for _, name := range []string{"dummy", "waiting", "clog", "mute"} {
		w.drop(name)
	}
	for name, requests := range besideRequests() {
		t.Run(name, func(t *testing.T) {
			a, b := dial(t, theirs.Addr), dial(t, w.address)
			for _, r := range requests {
				want, got := whole(a, r), whole(b, r)
				got = strings.ReplaceAll(got, w.server.banner(), "Network UPS Tools upsd 2.8.0 - http://www.networkupstools.org/")
				if got != want {
					t.Errorf("%q is answered\n%q, upsd says\n%q", r, got, want)
				}
			}
		})
	}
}

// whole asks and returns all lines of the answer.
func whole(p *peer, request string) string {
	p.send(request + "\n")
	var all strings.Builder
	for {
		line := p.line()
		fmt.Fprintln(&all, line)
		if !strings.HasPrefix(all.String(), "BEGIN") || strings.HasPrefix(line, "END") {
			return all.String()
		}
	}
}

// besideRequests are the sessions of TestBesideUPSD, by name.
func besideRequests() map[string][]string {
	var reads, writes []string
	for _, ups := range []string{"fake", "FAKE", "nodesc", "nodrv", "stale", "onbatt", "nosuch", `""`, "fake@localhost"} {
		for _, sub := range []string{"GET UPSDESC", "GET NUMLOGINS", "GET NOSUCH", "LIST VAR", "LIST RW", "LIST CMD", "LIST CLIENT", "LIST NOSUCH"} {
			reads = append(reads, sub+" "+ups, sub+" "+ups+" more")
		}
		for _, name := range []string{"ups.status", "Ups.Id", "device.model", "bad.aux", "input.transfer.low", "input.transfer.high", "load.off", "server.version", "SERVER.info", "server.x", "nosuch", `""`} {
			for _, sub := range []string{"GET VAR", "GET TYPE", "GET DESC", "GET CMDDESC", "LIST ENUM", "LIST RANGE"} {
				reads = append(reads, sub+" "+ups+" "+name)
			}
			for _, value := range []string{"", " x", ` ""`, " 245", " low", " muchlongerthaneight x"} {
				writes = append(writes, "SET VAR "+ups+" "+name+value)
			}
			writes = append(writes, "INSTCMD "+ups+" "+name, "INSTCMD "+ups+" "+name+" 5")
		}
		writes = append(writes, "PRIMARY "+ups, "MASTER "+ups, "PRIMARY "+ups+" x", "LOGIN "+ups+" x", "FSD "+ups+" x", "INSTCMD "+ups, "SET VAR "+ups)
	}
	reads = append(reads, "LIST UPS", "LIST UPS x", "LIST", "GET", "VER", "PROTVER", "NETVER", "HELP", "GET TRACKING", "GET TRACKING x", "STARTTLS", "LOGOUT x", "SET", "FSD", "nosuch", "")
	all := map[string][]string{"anonymous": append(reads, writes...), "no password": append([]string{"USERNAME admin"}, writes...)}
	for user, password := range map[string]string{
		"admin": "sekret", "primon": `"pass word"`, "secmon": "s3c", "limited": "lim", "setter": `"a=b\#c\"d\\e"`, "nopw": `""`, "nobody": "x", "Admin": "sekret",
	} {
		start := []string{"USERNAME " + user + " x", "USERNAME " + user, "USERNAME x", "PASSWORD", "PASSWORD " + password, "PASSWORD x", "SET TRACKING", "SET TRACKING X", "SET TRACKING OFF"}
		end := []string{"LOGIN nosuch", "LOGIN stale", "LOGIN nodrv", "LIST CLIENT stale", "GET NUMLOGINS fake", "FSD onbatt", "GET VAR onbatt ups.status", "LIST VAR onbatt", "LIST RW onbatt", "LOGOUT"}
		all["user "+user] = append(append(start, writes...), end...)
	}
	return all
}
