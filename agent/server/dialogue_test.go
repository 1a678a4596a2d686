package server

import (
	"os"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/internal/transcript"
	"github.com/wattnut/wattnut/nut"
)

// world is what the dialogues were held in: the configuration of config.sh,
// and drivers that play a script.
type world struct {
	t       *testing.T
	server  *Server
	address string
	users   *Accounts
	drivers map[string]*scripted
	all     []*state.UPS
	others  []*peer // clients beside the one of the dialogue
	ids     transcript.IDs
	differ  map[int]transcript.Difference
}

func newWorld(t *testing.T, secure bool) *world {
	t.Helper()
	w := &world{t: t, users: accounts(), drivers: make(map[string]*scripted)}
	for _, name := range []string{"dummy", "fake", "nodesc", "nodrv", "stale", "waiting", "clog", "onbatt", "mute"} {
		desc := map[string]string{"dummy": `Dummy "A" \ b`, "fake": "Development box", "nodrv": "No driver here"}[name]
		d := newScripted(name, desc)
		w.drivers[name] = d
		w.all = append(w.all, d.ups)
	}
	w.server = &Server{
		Store: storeOf(w.all...), Users: w.users, Version: "2.8.0", LoginDelay: -1,
		Descriptions: cmdvartab(t),
	}
	if secure {
		w.server.TLS = selfSigned(t)
	}
	w.address = listen(t, w.server, Policy{})
	return w
}

// cmdvartab reads the distribution's descriptions.
func cmdvartab(tb testing.TB) *Table {
	tb.Helper()
	f, err := os.Open("/usr/share/nut/cmdvartab")
	if err != nil {
		tb.Skipf("NUT's descriptions are not here: %v", err)
	}
	defer f.Close()
	table, err := ReadTable(f)
	if err != nil {
		tb.Fatal(err)
	}
	return table
}

// drop reloads with all UPSes but one.
func (w *world) drop(name string) {
	kept := make([]*state.UPS, 0, len(w.all))
	for _, u := range w.all {
		if u.Name != name {
			kept = append(kept, u)
		}
	}
	w.server.Store.Replace(kept)
	w.all = kept
}

// add reloads with a UPS that was not there.
func (w *world) add(name string) {
	d := newScripted(name, "")
	w.drivers[name] = d
	w.all = append(w.all, d.ups)
	w.server.Store.Replace(w.all)
}

// login opens another connection that is logged in.
func (w *world) login(user, password, ups string) {
	p := dial(w.t, w.address)
	p.asks("USERNAME "+user, "OK", `PASSWORD "`+password+`"`, "OK", "LOGIN "+ups, "OK")
	w.others = append(w.others, p)
}

// hangUp closes the other connections and waits until their logins are gone.
func (w *world) hangUp(ups string) {
	for _, p := range w.others {
		p.Close()
	}
	p := dial(w.t, w.address)
	for p.send("GET NUMLOGINS " + ups + "\n"); p.line() != "NUMLOGINS "+ups+" 0"; p.send("GET NUMLOGINS " + ups + "\n") {
	}
}

// asides is what was done beside the dialogue, before a step: orders to the
// drivers, reloads, other clients.
var asides = map[int]func(*world){
	277: func(w *world) { w.login("secmon", "s3c", "fake") },
	284: func(w *world) { w.hangUp("fake") },
	444: func(w *world) { w.drivers["onbatt"].say(`SETINFO ups.status "OL"`) },
	445: func(w *world) { w.drivers["onbatt"].say(`SETINFO ups.status "FSD OL"`) },
	446: func(w *world) { w.drivers["onbatt"].say("DELINFO ups.status") },
	571: func(w *world) { w.drivers["nodesc"].become(nut.Absent) },
	572: func(w *world) { w.drivers["nodesc"].become(nut.Live) },
	573: func(w *world) { w.drivers["fake"].say(`SETINFO ups.load "42"`) },
	574: func(w *world) { w.drivers["fake"].say(`SETINFO ups.load "42.5 \"x\" \\ \#"`) },
	575: func(w *world) { w.drivers["fake"].say("DELINFO ups.load") },
	576: func(w *world) { w.drivers["fake"].say("ADDCMD new.cmd") },
	577: func(w *world) { w.drivers["fake"].say("DELCMD new.cmd") },
	578: func(w *world) { w.drivers["fake"].say(`SETINFO ups.load "` + strings.Repeat("L", 500) + `"`) },
	579: func(w *world) { w.drivers["fake"].say(`SETINFO ups.load "7" surplus words`) },
	582: func(w *world) { w.drivers["fake"].say(`DELENUM input.transfer.low "103"`) },
	583: func(w *world) { w.drivers["fake"].say("SETFLAGS ups.id STRING") },
	584: func(w *world) { w.drivers["fake"].say("SETFLAGS ups.id RW STRING NOSUCH") },
	585: func(w *world) { w.drivers["fake"].say("SETAUX ups.id 8") },
	597: func(w *world) { w.drivers["mute"].become(nut.Stale) },
	598: func(w *world) { w.drivers["mute"].become(nut.Live) },
	609: func(w *world) {
		for _, done := range w.drivers["dummy"].late {
			done(nut.ErrUnknown)
		}
	},
	620: func(w *world) {
		p := dial(w.t, w.address)
		p.asks("USERNAME admin", "OK", "PASSWORD sekret", "OK", "SET TRACKING ON", "OK")
		p.send("SET VAR fake ups.id x\n")
		w.ids.Learn("1C41F5E4-24B7-4110-8D1F-821741A49CA4", strings.TrimPrefix(p.line(), "OK TRACKING "))
		p.Close()
	},
	659: func(w *world) { w.users.Replace([]Account{{"admin", "sekret", Rights{FSD: true, AllCommands: true}}}) },
	660: func(w *world) { w.users.Replace([]Account{{"admin", "sekret", Rights{Set: true}}}) },
	669: func(w *world) { w.drivers["fake"].say(`SETINFO ups.id "shared"`) },
	679: func(w *world) { w.drop("onbatt") },
	680: func(w *world) { w.add("onbatt") },
	685: func(w *world) { w.drop("mute") },
	// L3: another client that asks for much and never reads.
	686: func(w *world) {
		p := dial(w.t, w.address)
		for range 200 {
			p.send(strings.Repeat("LIST VAR fake\n", 20))
		}
		w.others = append(w.others, p)
	},
}

// continued are the sessions that go on in the world of the one before.
var continued = map[string]bool{
	"D2 count drops after disconnect": true, "D11 abrupt close drops count": true,
	"H2 FSD seen by others, latched": true,
}
